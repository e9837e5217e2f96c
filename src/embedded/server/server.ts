import { existsSync, lstatSync, unlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { RedluaError } from "../../core/index.ts";
import type { Engine } from "../session/index.ts";
import { Connection } from "./connection.ts";

/** Where a server listens. */
export interface ListenOptions {
  /** @default a free port */
  readonly port?: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** Path of a Unix socket, instead of a port. */
  readonly path?: string;
}

/** The embedded engine could not listen. */
export class ListenError extends RedluaError {
  override readonly code = "EMBEDDED_LISTEN";
}

/** A port on which the engine answers as Redis does, in RESP2 and RESP3. */
export interface RespServer extends AsyncDisposable {
  /** Its port; `undefined` if it listens on a Unix socket. */
  readonly port: number | undefined;
  /** What `connect` takes: `redis://127.0.0.1:…`, or `unix://…`. */
  readonly url: string;
  /** Neither reads nor answers, and keeps its connections, old and new: what a hung machine looks like from outside. */
  pause(): void;
  /** Goes on after {@link pause}: what was sent meanwhile is answered. */
  resume(): void;
  /** Lets the process end though it listens, as `unref` of Node's servers. Its connections do not keep it either. */
  unref(): void;
  /** Drops every client and gives the port back. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Lets programs that speak Redis' protocol in. There is no password and no encryption: the address should be one that only
 * this machine reaches.
 *
 * @throws {ListenError} if the port is taken or may not be used
 */
export async function listen(engine: Engine, { port = 0, host = "127.0.0.1", path }: ListenOptions): Promise<RespServer> {
  const connections = new Map<Socket, Connection>();
  let paused = false;
  let keepsProcess = true;
  const server = createServer((socket) => {
    const connection = new Connection(socket, engine.connect({ address: addressOf(socket) }));
    if (paused) connection.pause();
    if (!keepsProcess) socket.unref();
    connections.set(socket, connection);
    socket.once("close", () => connections.delete(socket));
  });
  if (path) removeSocket(path);
  await opened(server, path === undefined ? { port, host } : { path });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const connection of connections.values()) connection.destroy();
    });
    return stopped;
  };
  const pause = (): void => {
    paused = true;
    for (const connection of connections.values()) connection.pause();
  };
  const resume = (): void => {
    paused = false;
    for (const connection of connections.values()) connection.resume();
  };
  const unref = (): void => {
    keepsProcess = false;
    server.unref();
    for (const socket of connections.keys()) socket.unref();
  };
  const address = server.address();
  const bound = typeof address === "object" ? address?.port : undefined;
  const url = path === undefined ? `redis://${host.includes(":") ? `[${host}]` : host}:${bound}` : `unix://${path}`;
  return { port: bound, url, pause, resume, unref, stop, [Symbol.asyncDispose]: stop };
}

/** What the system's own address of a socket holds, the byte that ends it apart. Some versions of Node cut a longer path off. */
const pathBytesMax = process.platform === "linux" ? 107 : 103;

/** Why nothing can listen at a path, where the system would not say so. */
function refusePath(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes === 0) return "the path is empty";
  if (bytes > pathBytesMax) return `the path of a Unix socket has ${pathBytesMax} bytes at most, and this one has ${bytes}`;
  return existsSync(dirname(path)) ? undefined : `there is no folder ${dirname(path)}`;
}

function opened(
  server: Server,
  where: { readonly port: number; readonly host: string } | { readonly path: string },
): Promise<void> {
  const place = "path" in where ? where.path : `${where.host}:${where.port}`;
  const refused = "path" in where ? refusePath(where.path) : undefined;
  return new Promise((resolve, reject) => {
    const refuse = (why: string, cause?: Error): void =>
      reject(new ListenError(`The embedded engine cannot listen on ${place}: ${why}.`, { cause }));
    if (refused !== undefined) {
      refuse(refused);
      return;
    }
    const taken = "path" in where ? "a file lies there" : "another program listens there";
    server.once("error", (cause: NodeJS.ErrnoException) => {
      refuse(cause.code === "EADDRINUSE" ? `${taken}; choose another place` : cause.message, cause);
    });
    server.listen(where, resolve);
  });
}

/** As CLIENT LIST shows it: `ip:port`, or the path of the Unix socket. */
function addressOf({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? "/unix:0" : `${remoteAddress}:${remotePort}`;
}

/** A process that was killed leaves its socket behind. Whoever listens there now loses it, as with Redis. */
function removeSocket(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket()) unlinkSync(path);
}
