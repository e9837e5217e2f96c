import { accept, boolean, type Field, InvalidInputError, oneOf, readOptions, show, withDefault } from "../core/index.ts";
import type { ManualClock } from "../embedded/index.ts";
import { requireRedisServer } from "./find-redis-server.ts";
import { startInProcess } from "./in-process-server.ts";
import { startEmbeddedProcess, startRealProcess } from "./redis-process.ts";

/**
 * What answers the tests: `"embedded"`, redlua's own engine in the process of the test; `"embedded-process"`, the same in a process of
 * its own (`redlua serve`), for tests that keep their own process busy; `"redis-server"`, the real one.
 */
export type TestEngine = "embedded" | "embedded-process" | "redis-server";

/** How a server for tests is started. */
export interface RedisServerOptions {
  /** Which server. @default what the environment's `REDLUA_TEST_ENGINE` says, and `"embedded"` if it says nothing */
  readonly engine?: TestEngine;
  /** Listen on a free TCP port of 127.0.0.1 as well, for what does not speak Unix sockets. @default false */
  readonly tcp?: boolean;
  /** Where the server's time comes from. Only `"embedded"` can do with another than the machine's. @default the machine's clock */
  readonly clock?: ManualClock;
  /**
   * Further arguments of `redis-server`: `["--appendonly", "yes"]`. They win over redlua's own. The embedded engine knows
   * `--appendonly` and `--appendfsync`, and refuses others. @default []
   */
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
  /** Ends it at once, as a crash does. What it has written to its append-only file stays for {@link restart}. */
  kill(): Promise<void>;
  /** Ends it in good order, if it runs, and starts it again at the same address, with what its append-only file holds. */
  restart(): Promise<void>;
  /** Stops it without closing its connections, as a hung machine does (SIGSTOP, if it is a process). */
  pause(): void;
  /** Lets it go on after {@link pause}. */
  resume(): void;
}

const engines: Field<TestEngine> = oneOf("embedded", "embedded-process", "redis-server");

/**
 * Starts a Redis for one test or one test file, in a few milliseconds: redlua's embedded engine, which is in this process and needs
 * no installation. It listens on a Unix socket, so every client reaches it, and stores nothing.
 *
 * `REDLUA_TEST_ENGINE=redis-server` in the environment runs the same tests on a real one. Either ends with the process that started it,
 * however that ends.
 *
 * @throws {RedisServerError} `REDIS_SERVER_MISSING` if a real one is asked for and there is none on this machine,
 *   `REDIS_SERVER_FAILED` if it does not start
 * @throws {InvalidInputError} if an option is unknown, or the chosen engine cannot honour it
 * @example
 * const clock = new ManualClock();
 * await using server = await startRedis({ clock });
 * const redis = await connect(server.url);
 * await redis.send(["SET", "code", "1234", "EX", "60"], { key: "code", resend: "ok" });
 * clock.advance("1m");
 * await redis.send(["GET", "code"], { key: "code", resend: "ok" }); // null
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const read = readOptions("startRedis", options, {
    engine: engines,
    tcp: withDefault(boolean(), false),
    clock: accept<ManualClock>(
      "a clock: new ManualClock()",
      (value) => typeof (value as Partial<ManualClock>)?.now === "function",
    ),
    args: withDefault(
      accept<readonly string[]>(
        "a list of texts",
        (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
      ),
      [],
    ),
  });
  const { tcp, clock, args } = read;
  const engine = read.engine ?? engineOfEnvironment();
  if (clock !== undefined && engine !== "embedded") {
    throw refused(
      "clock",
      `A server in a process of its own goes by the machine's clock. Say engine: "embedded" where a test turns it.`,
    );
  }
  if (engine === "redis-server") {
    const asker = read.engine === undefined ? "REDLUA_TEST_ENGINE=redis-server" : 'engine: "redis-server"';
    const program = requireRedisServer(
      `${asker} asks for a real server; without it tests run on the embedded engine, which needs none.`,
    );
    return startRealProcess(program, { tcp, args });
  }
  const fsync = readFsync(args);
  return engine === "embedded" ? startInProcess({ tcp, clock, fsync }) : startEmbeddedProcess({ tcp, fsync });
}

function engineOfEnvironment(): TestEngine {
  const name = process.env["REDLUA_TEST_ENGINE"] || "embedded";
  const engine = engines.read(name);
  if (engine !== undefined) return engine;
  const problem = `REDLUA_TEST_ENGINE must be ${engines.expects}, not ${show(name)}.`;
  throw new InvalidInputError("OPTION_INVALID", "REDLUA_TEST_ENGINE", problem);
}

/** Of redis-server's arguments the embedded engine knows those of the append-only file: whether it is kept, and how. */
function readFsync(args: readonly string[]): "always" | "everysec" | "no" | undefined {
  let kept = false;
  let fsync: "always" | "everysec" | "no" = "everysec";
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = args.slice(at, at + 2);
    if (name === "--appendonly" && (value === "yes" || value === "no")) kept = value === "yes";
    else if (name === "--appendfsync" && (value === "always" || value === "everysec" || value === "no")) fsync = value;
    else
      throw refused("args", `The embedded engine does not know ${[name, value].join(" ").trim()}. Say engine: "redis-server".`);
  }
  return kept ? fsync : undefined;
}

function refused(option: string, why: string): InvalidInputError {
  return new InvalidInputError("OPTION_INVALID", `startRedis.${option}`, `startRedis.${option}: ${why}`);
}
