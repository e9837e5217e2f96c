import { rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { accept, boolean, InvalidInputError, oneOf, readOptions, withDefault } from "../core/index.ts";
import { findRedisServer, RedisServerError } from "./find-redis-server.ts";
import { freePorts } from "./free-port.ts";
import { freshFolder, ServerProcess } from "./server-process.ts";

/** How a server for tests is started. */
export interface RedisServerOptions {
  /**
   * Which server: `"redis-server"` is the real one, `"embedded"` redlua's own engine in a process of its own (`redlua serve`), so that
   * the same tests can show that both do the same. @default "redis-server", or what the environment's `REDLUA_TEST_ENGINE` says
   */
  readonly engine?: "redis-server" | "embedded";
  /** Listen on a free TCP port of 127.0.0.1 as well, for what does not speak Unix sockets. @default false */
  readonly tcp?: boolean;
  /** Further arguments of `redis-server`: `["--appendonly", "yes"]`. They win over redlua's own. @default [] */
  readonly args?: readonly string[];
}

/** A running server. */
export interface RedisServer extends AsyncDisposable {
  /** For `connect`: `redis://127.0.0.1:…` if it has a port, `unix://…` otherwise. */
  readonly url: string;
  /** Path of its Unix socket. */
  readonly socket: string;
  /** Its TCP port, if one was asked for. */
  readonly port: number | undefined;
  /** Ends it and removes what it stored. May be called twice. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash does. What it stored stays for {@link restart}. */
  kill(): Promise<void>;
  /** Ends it in good order, if it runs, and starts it again at the same address, with what it stored. */
  restart(): Promise<void>;
  /** Stops it without closing its connections (SIGSTOP), as a hung machine does. */
  pause(): void;
  /** Lets it go on after {@link pause}. */
  resume(): void;
}

/**
 * Starts a real Redis server for one test file: in about 15 ms, on a Unix socket, in a folder of its own, storing nothing.
 *
 * It ends with the process that started it, however that ends.
 *
 * @throws {RedisServerError} `REDIS_SERVER_MISSING` if there is none on this machine, `REDIS_SERVER_FAILED` if it does not start
 * @example
 * await using server = await startRedis();
 * const redis = await connect(server.url);
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const { engine, tcp, args } = readOptions("startRedis", options, {
    engine: withDefault(oneOf("redis-server", "embedded"), process.env["REDLUA_TEST_ENGINE"] || "redis-server"),
    tcp: withDefault(boolean(), false),
    args: withDefault(
      accept<readonly string[]>(
        "a list of texts",
        (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
      ),
      [],
    ),
  });
  const program = engine === "embedded" ? embeddedProgram : [requireRedisServer()];
  // A port that was free may be taken before the server gets there, so it is tried again with another.
  for (let attempt = 1; ; attempt++) {
    const folder = await freshFolder();
    const [port] = tcp ? await freePorts(1) : [];
    const path = join(folder, "redis.sock");
    const words = engine === "embedded" ? embeddedArguments(folder, path, port, args) : realArguments(folder, path, port, args);
    const server = new ServerProcess([...program, ...words], folder, { path });
    try {
      await server.start();
      return handle(server, path, port);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      if (!tcp || attempt === 3) throw error;
    }
  }
}

/** The command line tool of the package: beside this file once it is built, and there as well for its source. */
const embeddedProgram = [process.execPath, fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url)), "serve"];

function realArguments(folder: string, path: string, port: number | undefined, args: readonly string[]): readonly string[] {
  const listening = ["--port", String(port ?? 0), "--bind", "127.0.0.1", "--unixsocket", path];
  const quiet = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--protected-mode", "no"];
  return ["--dir", folder, ...listening, ...quiet, ...args];
}

/** The same, for the embedded engine: of redis-server's arguments it knows those of the append-only file. */
function embeddedArguments(folder: string, path: string, port: number | undefined, args: readonly string[]): readonly string[] {
  const words = ["--port", String(port ?? 0), "--unixsocket", path];
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at], args[at + 1]];
    if (name === "--appendonly") words.push(...(value === "yes" ? ["--aof", join(folder, "embedded.aof")] : []));
    else if (name === "--appendfsync" && value !== undefined) words.push("--fsync", value);
    else
      throw new InvalidInputError(
        "OPTION_INVALID",
        "startRedis.args",
        `The embedded engine does not know ${name}: ask for engine "redis-server".`,
      );
  }
  return words;
}

/** The server on this machine, or an error that says how to get one. */
export function requireRedisServer(): string {
  const program = findRedisServer();
  if (program === undefined) throw new RedisServerError("REDIS_SERVER_MISSING", howToGetOne());
  return program;
}

/** The one line to type. */
export function howToGetOne(): string {
  const command = process.platform === "darwin" ? "brew install redis" : "sudo apt-get install redis-server";
  return `No redis-server was found on this machine. Type: ${command} (or set REDIS_SERVER to the path of one)`;
}

function handle(server: ServerProcess, socket: string, port: number | undefined): RedisServer {
  const stop = (): Promise<void> => server.remove();
  return {
    url: port === undefined ? `unix://${socket}` : `redis://127.0.0.1:${port}`,
    socket,
    port,
    stop,
    kill: () => server.end("SIGKILL"),
    restart: async () => {
      await server.end("SIGTERM");
      await server.start();
    },
    pause: () => server.signal("SIGSTOP"),
    resume: () => server.signal("SIGCONT"),
    [Symbol.asyncDispose]: stop,
  };
}
