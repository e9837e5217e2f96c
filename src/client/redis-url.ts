import { ConnectError } from "./errors.ts";

/** Where Redis is, as a URL says it. */
export interface RedisTarget {
  readonly kind: "single" | "cluster" | "sentinel";
  /** Host and port, or the path of a Unix socket; several in a cluster, the sentinels with Sentinel. */
  readonly nodes: readonly RedisNode[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** Name of the primary that the sentinels watch. */
  readonly primary: string | undefined;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
  readonly path: string | undefined;
}

const understood = [
  "redis://host:port/database",
  "rediss://… (TLS)",
  "redis+cluster://host:port,host:port",
  "redis+sentinel://host:port,host:port/name",
  "unix:///path/of/the.sock",
  "memory: (no server)",
].join(", ");

/** `scheme://user:password@host:port,host:port/path?query`: WHATWG's URL does not read several hosts. */
const shape = /^([a-z+]+):(?:\/\/(?:([^@/]*)@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?$/i;

const schemes: Readonly<Record<string, { readonly kind: RedisTarget["kind"]; readonly tls: boolean; readonly path?: true }>> = {
  redis: { kind: "single", tls: false },
  rediss: { kind: "single", tls: true },
  "redis+cluster": { kind: "cluster", tls: false },
  "rediss+cluster": { kind: "cluster", tls: true },
  "redis+sentinel": { kind: "sentinel", tls: false },
  "rediss+sentinel": { kind: "sentinel", tls: true },
  unix: { kind: "single", tls: false, path: true },
  "redis+unix": { kind: "single", tls: false, path: true },
};

/** Whether a URL asks for Redis in this process: `memory:`, or `memory:name`. */
export function isMemoryUrl(url: unknown): boolean {
  return typeof url === "string" && /^memory:[\w#.-]*$/.test(url);
}

/**
 * Reads the URL of a Redis.
 *
 * @throws {ConnectError} `CONNECT_URL` if it is not one that redlua understands; the message never carries the password
 */
export function readRedisUrl(url: string): RedisTarget {
  const parts = typeof url === "string" ? shape.exec(url) : null;
  const scheme = schemes[parts?.[1]?.toLowerCase() ?? ""];
  if (parts === null || scheme === undefined) throw wrong(`"${withoutPassword(url)}" is not the URL of a Redis`);
  const [, , credentials = "", hosts = "", path = "", query] = parts;
  const [username, password] = readCredentials(credentials);
  const asked = readQuery(query);
  const common = { kind: scheme.kind, tls: scheme.tls, username, password };
  if (scheme.path) {
    if (hosts !== "" || path.length < 2) throw wrong(`"${withoutPassword(url)}" names no socket: three slashes, then its path`);
    const node = { host: "", port: 0, path: decoded(path, "path of the socket") };
    return { ...common, nodes: [node], database: readDatabase(asked), primary: undefined };
  }
  const nodes = hosts.split(",").map((host) => readNode(host, scheme.kind === "sentinel" ? 26_379 : 6_379));
  const [first = "", second = ""] = path.slice(1).split("/");
  if (scheme.kind === "sentinel") {
    if (first === "") throw wrong("A redis+sentinel URL ends with the name of the primary: redis+sentinel://host:26379/mymaster");
    return { ...common, nodes, database: readDatabase(second || asked), primary: decoded(first, "name of the primary") };
  }
  if (scheme.kind === "single" && nodes.length > 1)
    throw wrong("A redis URL has one host. Several are for redis+cluster:// or redis+sentinel://");
  if (scheme.kind === "cluster" && (first || asked) !== "") throw wrong("A Redis Cluster has no numbered databases");
  return { ...common, nodes, database: readDatabase(first || asked), primary: undefined };
}

/** What an error message may show of a target: `127.0.0.1:6379`. */
export function describeTarget({ nodes, primary }: RedisTarget): string {
  const list = nodes.map(({ host, port, path }) => path ?? `${host.includes(":") ? `[${host}]` : host}:${port}`).join(", ");
  return primary === undefined ? list : `${primary} at ${list}`;
}

function readCredentials(text: string): readonly [username: string | undefined, password: string | undefined] {
  if (text === "") return [undefined, undefined];
  const colon = text.indexOf(":");
  const [username, password] = colon === -1 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
  const [readName, readPassword] = [username, password].map((each) => decoded(each, "user name or password") || undefined);
  return [readName, readPassword];
}

/** @param what what it is, for the message, which does not show it: it may be the password */
function decoded(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong(`The ${what} in the URL has a % that is not followed by two digits: write it as %25`);
  }
}

/** The database that a query names, which is all that it may say. */
function readQuery(query = ""): string {
  for (const name of new URLSearchParams(query).keys()) {
    if (name !== "db")
      throw wrong(`"?${name}=" is not understood. For more than a database, make the client yourself: ioredisPort(new Redis(…))`);
  }
  return new URLSearchParams(query).get("db") ?? "";
}

function readNode(text: string, defaultPort: number): RedisNode {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number > 65_535) throw wrong(`"${text}" is not a host and port`);
  return { host: host || "127.0.0.1", port: number, path: undefined };
}

function readDatabase(text: string): number {
  if (/^\d{0,5}$/.test(text)) return Number(text);
  throw wrong(`"${text}" is not the number of a database`);
}

function wrong(what: string): ConnectError {
  return new ConnectError("CONNECT_URL", `${what}. redlua understands: ${understood}.`);
}

/** Nothing before the last @ is shown. */
function withoutPassword(url: unknown): string {
  return String(url)
    .replace(/:\/\/.*@/, "://…@")
    .slice(0, 100);
}
