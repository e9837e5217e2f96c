import { accept, boolean, InvalidInputError, integer, readOptions, refuseUnknown, withDefault } from "../core/index.ts";
import { ClientError, type PortOptions, type RedisPort, type Reply, readPortOptions, refusal } from "../port/index.ts";
import { type AofOptions, AppendOnlyFile } from "./aof/index.ts";
import { systemClock } from "./clock.ts";
import { commands } from "./command/all.ts";
import { type Coverage, coverageFor, type ScriptCoverage, saveCoverage } from "./coverage/index.ts";
import { EmbeddedPort, readReply } from "./port.ts";
import { type ListenOptions, listen, type RespServer } from "./server/index.ts";
import { Engine, type EngineSnapshot, type Session } from "./session/index.ts";
import type { Clock } from "./store/index.ts";
import { Refusal, toByteString, toText } from "./value/index.ts";

/** How an engine is made. */
export interface EmbeddedOptions {
  /** Where its time comes from: a {@link ManualClock}, in tests. @default the machine's clock */
  readonly clock?: Clock;
  /** How many numbered databases it has. @default 16 */
  readonly databases?: number;
  /** Steps (turns of loops, calls, characters that a pattern looks at, long texts) after which a script is stopped. @default 500 million, some seconds */
  readonly scriptSteps?: number;
  /**
   * Keeps what is written in a file, and begins with what the file holds: its path, or more. Read before `createEmbedded` returns.
   * @default nothing is kept
   */
  readonly aof?: string | AofOptions;
  /** Bytes, by estimate, beyond which writes are refused or keys evicted, as `maxmemory`. 0 is no limit. @default 0 */
  readonly maxMemory?: number;
  /** Counts which lines of Lua run, and how often: {@link EmbeddedRedis.coverage}. Each script is compiled anew for it. @default false */
  readonly coverage?: boolean;
}

/**
 * Redis in this process: the same commands, the same Lua, no server. For development, tests and small programs of one process;
 * what has to be kept, shared or grown belongs on a real Redis.
 */
export interface EmbeddedRedis extends AsyncDisposable {
  /** What `connect` takes to reach this engine, from anywhere in the process: `memory:…`. */
  readonly url: string;
  /** A port onto it, for everything that redlua does. */
  connect(options?: PortOptions): RedisPort;
  /**
   * Runs one command here and now, and answers as a port does.
   *
   * @throws {ClientError} `CLIENT_REPLY` if it is refused, or would have to wait; `CLIENT_CLOSED` after {@link stop}
   * @example
   * redis.execute("ZADD", "board", "10", "ann");
   */
  execute(...command: readonly (string | Uint8Array)[]): Reply;
  /**
   * Everything that is stored, as it is now: keys with their expiry, and function libraries. Later changes leave it alone. Scripts
   * and CONFIG are no part of it, as in Redis.
   */
  dump(): EngineSnapshot;
  /** Replaces everything that is stored. */
  restore(snapshot: EngineSnapshot): void;
  /**
   * Which lines ran of every script and function library, and how often: needs the option `coverage`. What scripts compile
   * themselves (`loadstring`) is not counted.
   *
   * @throws {InvalidInputError} `INPUT_INVALID` if it was not asked for
   * @example
   * const redis = createEmbedded({ coverage: true });
   * await compareAndSwap(redis.connect(), "stock:1", { expect: "10", value: "9" });
   * const [script] = redis.coverage();
   * script.lines.filter(({ hits }) => hits === 0); // lines that never ran
   */
  coverage(): ScriptCoverage[];
  /** Opens a port for programs that speak Redis' protocol. @throws {ListenError} `EMBEDDED_LISTEN` */
  listen(options?: ListenOptions): Promise<RespServer>;
  /** Ends it, with its ports and what it stored. May be called twice. What is asked of it later fails with `CLIENT_CLOSED`. */
  stop(): Promise<void>;
  /** Resolves when a client has sent SHUTDOWN. */
  readonly ended: Promise<void>;
}

/**
 * Makes an engine of its own, with nothing in it. It costs microseconds, so every test can have one.
 *
 * @throws {InvalidInputError} if an option is unknown or unusable
 * @throws {AofError} if the append-only file cannot be used
 * @example
 * const clock = new ManualClock();
 * const redis = createEmbedded({ clock });
 * const limiter = new RateLimiter(redis.connect(), { name: "api", limit: 1, per: "1h", onUnavailable: "closed" });
 * await limiter.consume("ann"); // { allowed: true, … }
 * clock.advance("1h");
 */
export function createEmbedded(options: EmbeddedOptions = {}): EmbeddedRedis {
  const read = readOptions("createEmbedded", options, {
    clock: withDefault(accept<Clock>("a clock: new ManualClock()", isClock), systemClock),
    databases: withDefault(integer({ min: 1, max: 10_000 }), 16),
    maxMemory: withDefault(integer({ min: 0 }), 0),
    scriptSteps: withDefault(integer({ min: 1 }), 500_000_000),
    coverage: withDefault(boolean(), false),
    aof: { expects: "the path of a file, or an object with a file", read: readAof },
  });
  const { aof, coverage: isCounted, ...settings } = read;
  const coverage = coverageFor(isCounted);
  const engine = new Engine({ ...settings, commands, coverage });
  return new Embedded(engine, {
    aof: aof === undefined ? undefined : new AppendOnlyFile(engine, aof),
    coverage: isCounted ? coverage : undefined,
  });
}

function readAof(value: unknown): AofOptions | undefined {
  if (typeof value === "string") return value === "" ? undefined : { file: value };
  const file = (value as Partial<AofOptions> | null)?.file;
  if (typeof file !== "string" || file === "") return undefined;
  refuseUnknown("createEmbedded.aof", value as object, ["file", "fsync", "repair", "onWarning", "rewriteBytesMin"]);
  return value as AofOptions;
}

function isClock(value: unknown): boolean {
  const clock = value as Partial<Clock> | null;
  return typeof clock?.now === "function" && typeof clock.after === "function";
}

/** The engines that have a name, by their URL. */
const named = new Map<string, Embedded>();
let count = 0;

/**
 * Opens what a `memory:` URL names: `memory:` an engine of its own, which ends with its port; `memory:name` the one of that name
 * in this process, made when it is first asked for.
 */
export function openMemory(url: string, options: PortOptions): RedisPort {
  if (url === "memory:") {
    const engine = new Embedded(defaultEngine());
    return engine.open(options, () => void engine.stop());
  }
  let engine = named.get(url);
  if (engine === undefined) {
    engine = new Embedded(defaultEngine(), { url });
  }
  return engine.open(options);
}

function defaultEngine(): Engine {
  return new Engine({ clock: systemClock, commands, databases: 16, coverage: coverageFor(false) });
}

/** What an engine has besides. */
interface Equipment {
  readonly url?: string;
  readonly aof?: AppendOnlyFile | undefined;
  readonly coverage?: Coverage | undefined;
}

class Embedded implements EmbeddedRedis {
  readonly #engine: Engine;
  readonly #aof: AppendOnlyFile | undefined;
  readonly #coverage: Coverage | undefined;
  readonly #ports = new Set<RedisPort>();
  readonly #servers = new Set<RespServer>();
  readonly ended: Promise<void>;
  #session: Session | undefined;
  #url: string | undefined;
  #stop: Promise<void> | undefined;

  constructor(engine: Engine, { url, aof, coverage }: Equipment = {}) {
    this.#engine = engine;
    this.#aof = aof;
    this.#coverage = coverage;
    this.ended = new Promise((resolve) => {
      engine.onShutdown = resolve;
    });
    if (url !== undefined) this.#name(url);
  }

  get url(): string {
    // Only an engine whose URL was asked for is kept in the list of those that have a name.
    return this.#url ?? this.#running().#name(`memory:#${++count}`);
  }

  connect(options: PortOptions = {}): RedisPort {
    return this.open(options);
  }

  open(options: PortOptions, end: () => void = () => {}): RedisPort {
    const settings = readPortOptions("connect", options);
    const port: RedisPort = new EmbeddedPort(this.#running().#engine, {
      ...settings,
      end: () => {
        this.#ports.delete(port);
        end();
      },
    });
    this.#ports.add(port);
    return port;
  }

  execute(...command: readonly (string | Uint8Array)[]): Reply {
    // One client for all of them, so that SELECT and MULTI mean something here too.
    this.#session ??= this.#running().#engine.connect();
    let answer: Reply | ClientError | undefined;
    this.#session.call(command.map(toByteString), (reply) => {
      answer =
        reply instanceof Refusal
          ? refusal(toText(reply.message), String(command[0]).toUpperCase(), undefined)
          : readReply(reply, false);
    });
    if (answer === undefined) {
      this.#session.close();
      this.#session = undefined;
      throw new ClientError("CLIENT_REPLY", `${command[0]} would have to wait: send it over a port.`, { applied: "no" });
    }
    if (answer instanceof ClientError) throw answer;
    return answer;
  }

  dump(): EngineSnapshot {
    return this.#running().#engine.dump();
  }

  restore(snapshot: EngineSnapshot): void {
    this.#running().#engine.restore(snapshot);
  }

  coverage(): ScriptCoverage[] {
    if (this.#coverage !== undefined) return this.#coverage.report();
    throw new InvalidInputError("INPUT_INVALID", "coverage", "Nothing was counted: make the engine with { coverage: true }.");
  }

  async listen(options: ListenOptions = {}): Promise<RespServer> {
    const server = await listen(this.#running().#engine, options);
    this.#servers.add(server);
    return server;
  }

  stop(): Promise<void> {
    this.#stop ??= this.#end();
    return this.#stop;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #end(): Promise<void> {
    if (this.#url !== undefined) named.delete(this.#url);
    this.#session?.close();
    this.#session = undefined;
    await Promise.all([...this.#servers].map((server) => server.stop()));
    await Promise.all([...this.#ports].map((port) => port.close()));
    this.#aof?.close();
    this.#engine.stop();
    saveCoverage();
  }

  /** Itself, unless it was stopped. */
  #running(): this {
    if (this.#stop === undefined) return this;
    const message = "The embedded engine was stopped: make another with createEmbedded().";
    throw new ClientError("CLIENT_CLOSED", message, { applied: "no" });
  }

  #name(url: string): string {
    this.#url = url;
    named.set(url, this);
    return url;
  }
}
