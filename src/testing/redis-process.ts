import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "./free-port.ts";
import type { RedisServer } from "./redis-server.ts";
import { ServerProcess } from "./server-process.ts";
import { freshFolder } from "./watchdog.ts";

/** The command line tool of the package: beside this file once it is built, and there as well for its source. */
const commandLineTool = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

interface Place {
  readonly folder: string;
  readonly path: string;
  /** 0 is no port. */
  readonly port: number;
}

/** Starts a real server in a process of its own: in about 15 ms. */
export function startRealProcess(
  program: string,
  { tcp, args }: { readonly tcp: boolean; readonly args: readonly string[] },
): Promise<RedisServer> {
  return startProcess(tcp, ({ folder, path, port }) => {
    const listening = ["--port", String(port), "--bind", "127.0.0.1", "--unixsocket", path];
    const quiet = ["--save", "", "--appendonly", "no", "--daemonize", "no", "--protected-mode", "no"];
    return [program, "--dir", folder, ...listening, ...quiet, ...args];
  });
}

/** Starts `redlua serve`. */
export function startEmbeddedProcess({
  tcp,
  fsync,
}: {
  readonly tcp: boolean;
  readonly fsync: string | undefined;
}): Promise<RedisServer> {
  return startProcess(tcp, ({ folder, path, port }) => {
    const kept = fsync === undefined ? [] : ["--aof", join(folder, "embedded.aof"), "--fsync", fsync];
    return [process.execPath, commandLineTool, "serve", "--port", String(port), "--unixsocket", path, ...kept];
  });
}

async function startProcess(tcp: boolean, command: (place: Place) => readonly string[]): Promise<RedisServer> {
  // A port that was free may be taken before the server gets there, so it is tried again with another.
  for (let attempt = 1; ; attempt++) {
    const folder = await freshFolder();
    const [port] = tcp ? await freePorts(1) : [];
    const path = join(folder, "redis.sock");
    const server = new ServerProcess(command({ folder, path, port: port ?? 0 }), folder, { path });
    try {
      await server.start();
      return handle(server, path, port);
    } catch (error) {
      await server.remove();
      if (!tcp || attempt === 3) throw error;
    }
  }
}

function handle(server: ServerProcess, socket: string, port: number | undefined): RedisServer {
  const stop = async (): Promise<void> => {
    // A process that counts which lines of Lua run writes them down when it ends in good order.
    if (process.env["REDLUA_COVERAGE"]) await server.end("SIGTERM");
    await server.remove();
  };
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
