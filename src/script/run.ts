import { ClientError, type RedisPort, type Reply, type SendOptions } from "../client/index.ts";
import { type Duration, toMs } from "../core/index.ts";
import { bytesOf, type Callable, callableOf, readReply, type Words, wordsOf } from "./call.ts";
import type { Script } from "./define.ts";
import { ScriptError, scriptErrorOf } from "./errors.ts";
import { type ScriptEvent, scriptRuns } from "./events.ts";
import type { Contract } from "./schema.ts";

/** How one call is made. */
export interface RunOptions {
  /** Gives up when it fires. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up after so long, waiting for a connection included. @default the connection's own, "5s" */
  readonly timeout?: Duration | undefined;
  /** Lets a replica answer, if the script writes nothing: its data may be a moment old. @default false */
  readonly replica?: boolean | undefined;
}

/** What became of a call, as a value. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ScriptError };

/** Servers before Redis 7 have no EVALSHA_RO; which those are is learned once a connection. */
const withoutReadOnly = new WeakSet<RedisPort>();

/**
 * Runs a script and answers its reply, typed and checked.
 *
 * The script is called by its SHA. If the server does not know it, it is loaded and called again; after any other
 * failure it is not, unless the script says that running it twice does no harm.
 *
 * @param keys the script's keys by name; the connection's prefix is put before each
 * @param args the script's arguments by name
 * @throws {InvalidInputError} a key or argument does not fit; nothing was sent
 * @throws {ScriptError} the call failed; {@link ScriptError.applied} says whether it may have changed something
 * @example
 * const reply = await run(redis, swap, { stock: "stock:789" }, { expect: "100", value: "99" });
 * if (reply.outcome === "differs") console.log(reply.current);
 */
export async function run<C extends Contract>(
  redis: RedisPort,
  script: Script<C>,
  keys: C["keys"],
  args: C["args"],
  options: RunOptions = {},
): Promise<C["reply"]> {
  const callable = callableOf(script as Script);
  const words = wordsOf(redis, callable, keys, args);
  if (!scriptRuns.hasSubscribers) return readReply(callable, (await call(redis, callable, words, options)).reply) as C["reply"];
  return (await watched(redis, callable, words, options)) as C["reply"];
}

/**
 * The same as {@link run}, but a failed call is a value instead of an exception. Wrong arguments are still thrown: they
 * are mistakes in the program.
 */
export async function tryRun<C extends Contract>(
  redis: RedisPort,
  script: Script<C>,
  keys: C["keys"],
  args: C["args"],
  options: RunOptions = {},
): Promise<Outcome<C["reply"]>> {
  try {
    return { ok: true, value: await run(redis, script, keys, args, options) };
  } catch (error) {
    if (error instanceof ScriptError) return { ok: false, error };
    throw error;
  }
}

interface Answer {
  readonly reply: Reply;
  readonly retries: number;
}

async function call(redis: RedisPort, callable: Callable, words: Words, options: RunOptions): Promise<Answer> {
  const { script } = callable;
  const readsOnly = script.schema.writes === "none";
  const send = sendOptionsOf(callable, words, options);
  try {
    try {
      const reply = await redis.send([commandFor(redis, readsOnly), ...words.words], send);
      return { reply, retries: 0 };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      if (error.reply === "NOSCRIPT") return { reply: await loadAndCall(redis, callable, words, send), retries: 1 };
      if (!readsOnly || !/unknown command/i.test(error.message)) throw error;
      withoutReadOnly.add(redis);
      return await call(redis, callable, words, options);
    }
  } catch (error) {
    throw error instanceof ClientError ? scriptErrorOf(script.name, readsOnly, error) : error;
  }
}

function commandFor(redis: RedisPort, readsOnly: boolean): string {
  return readsOnly && !withoutReadOnly.has(redis) ? "EVALSHA_RO" : "EVALSHA";
}

/**
 * Loads the script where the call goes and calls it, in one round trip. SCRIPT LOAD and not EVAL, because what arrives by
 * EVAL may be evicted again (Redis 7.4 and Valkey 8 keep the last 500).
 */
async function loadAndCall(redis: RedisPort, callable: Callable, words: Words, send: SendOptions): Promise<Reply> {
  const commands = [
    ["SCRIPT", "LOAD", callable.script.lua],
    ["EVALSHA", ...words.words],
  ];
  const [loaded, reply] = await redis.batch(commands, { ...send, readOnly: false });
  if (reply instanceof ClientError) throw loaded instanceof ClientError ? loaded : reply;
  return reply as Reply;
}

function sendOptionsOf(callable: Callable, words: Words, options: RunOptions): SendOptions {
  const { writes } = callable.script.schema;
  return {
    ...(words.key === undefined ? {} : { key: words.key }),
    readOnly: writes === "none" && options.replica === true,
    bytes: callable.bytes,
    resend: writes === "once" ? "never" : "ok",
    signal: options.signal,
    timeoutMs: options.timeout === undefined ? undefined : toMs(options.timeout, "timeout"),
  };
}

async function watched(redis: RedisPort, callable: Callable, words: Words, options: RunOptions): Promise<unknown> {
  const startedAt = performance.now();
  const publish = (facts: Pick<ScriptEvent, "outcome" | "error" | "receivedBytes" | "retries">): void => {
    const { name, sha } = callable.script;
    const durationMs = performance.now() - startedAt;
    scriptRuns.publish({ script: name, sha, durationMs, sentBytes: bytesOf(words.words), ...facts } satisfies ScriptEvent);
  };
  let answer: Answer | undefined;
  try {
    answer = await call(redis, callable, words, options);
    const value = readReply(callable, answer.reply);
    publish({ outcome: "ok", receivedBytes: bytesOf(answer.reply), retries: answer.retries });
    return value;
  } catch (error) {
    publish({ outcome: "error", error, receivedBytes: bytesOf(answer?.reply ?? null), retries: answer?.retries ?? 0 });
    throw error;
  }
}
