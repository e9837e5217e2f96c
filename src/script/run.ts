import { ClientError, type RedisPort, type Reply, type SendOptions } from "../client/index.ts";
import { type Duration, refuseUnknown, toMs } from "../core/index.ts";
import { bytesOf, type Callable, callableOf, isNoScript, readReply, sentBytesOf, signalOf, type Words, wordsOf } from "./call.ts";
import type { Script } from "./define.ts";
import { ScriptError, scriptErrorOf } from "./errors.ts";
import { publishRun, type RunOutcome, scriptRuns } from "./events.ts";
import type { Contract } from "./schema.ts";

/** How one call is made. */
export interface RunOptions {
  /** Gives up when it fires. */
  readonly signal?: AbortSignal | undefined;
  /** Gives up after so long, waiting for a connection included. @default the connection's own, "5s" */
  readonly timeout?: Duration | undefined;
  /** Lets a replica answer, if the script writes nothing: its data may be a moment old. @default false */
  readonly replica?: boolean | undefined;
  /**
   * Answers bytes as text. For a caller who knows them to be UTF-8: many small strings cost a client half of what as many
   * byte arrays do. @default false
   */
  readonly text?: boolean | undefined;
}

/** What became of a call, as a value. */
export type Outcome<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ScriptError };

const noOptions: RunOptions = Object.freeze({});
const optionNames: readonly string[] = ["signal", "timeout", "replica", "text"];

/** Servers before Redis 7 have no EVALSHA_RO; which those are is learned once a connection. */
const withoutReadOnly = new WeakSet<RedisPort>();

/** How often replicas are still to be given a script with the call, by connection and SHA. */
const brings = new WeakMap<RedisPort, Map<string, number>>();

/** When a replica does not know a script, so many calls in a row bring it along: enough to reach each of a few replicas. */
const bringsMax = 8;

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
export function run<C extends Contract>(
  redis: RedisPort,
  script: Script<C>,
  keys: C["keys"],
  args: C["args"],
  options: RunOptions = noOptions,
): Promise<C["reply"]> {
  // Small parts, and only those that a call needs: what each call goes through is compiled soon, on a processor that Redis may need.
  try {
    const call = callOf(redis, script, keys, args, options);
    return scriptRuns.hasSubscribers ? answerAndTell(call) : answerOf(call);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function answerOf(call: Call): Promise<unknown> {
  // What replyTo() does, without the promise that it would cost every call.
  let reply: Reply;
  try {
    reply = await attempt(call);
  } catch (error) {
    reply = await attemptAgain(call, error);
  }
  return readReply(call.callable, reply);
}

async function answerAndTell(call: Call): Promise<unknown> {
  const startedAt = performance.now();
  let reply: Reply = null;
  try {
    reply = await replyTo(call);
    const value = readReply(call.callable, reply);
    publish(call, { outcome: "ok", startedAt }, reply);
    return value;
  } catch (error) {
    publish(call, { outcome: "error", error, startedAt }, reply);
    throw error;
  }
}

async function replyTo(call: Call): Promise<Reply> {
  try {
    return await attempt(call);
  } catch (error) {
    return await attemptAgain(call, error);
  }
}

/** Sends a call again that failed, as long as that makes sense. */
async function attemptAgain(call: Call, failure: unknown): Promise<Reply> {
  let error = failure;
  for (;;) {
    prepareAgain(call, error);
    try {
      return await attempt(call);
    } catch (next) {
      error = next;
    }
  }
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
  options: RunOptions = noOptions,
): Promise<Outcome<C["reply"]>> {
  try {
    return { ok: true, value: await run(redis, script, keys, args, options) };
  } catch (error) {
    if (error instanceof ScriptError) return { ok: false, error };
    throw error;
  }
}

/** One call on its way. */
interface Call {
  readonly redis: RedisPort;
  readonly callable: Callable;
  readonly words: Words;
  readonly send: SendOptions;
  /** How often it was sent again. */
  retries: number;
  /** It goes with its script: what comes of that is its outcome. */
  last: boolean;
}

function callOf<C extends Contract>(
  redis: RedisPort,
  script: Script<C>,
  keys: C["keys"],
  args: C["args"],
  options: RunOptions,
): Call {
  const bytewise = callableOf(script);
  const callable = options.text === true ? bytewise.asText() : bytewise;
  const words = wordsOf(redis, callable, keys, args);
  return { redis, callable, words, send: sendOptionsOf(callable, words, options), retries: 0, last: false };
}

/** Sends the call. Not async: that would cost every call a promise more. */
function attempt(call: Call): Promise<Reply> {
  const { redis, callable, words, send, last } = call;
  if (last) return loadAndCall(call);
  if (send.readOnly && isBringing(redis, callable.script.sha)) {
    call.last = true;
    return bring(call);
  }
  words.words[0] = isReadOnly(call) ? "EVALSHA_RO" : "EVALSHA";
  return redis.send(words.words, send);
}

/** Returns if the call is to be sent again: the server lacks its script, or the command for it. Otherwise throws its error. */
function prepareAgain(call: Call, error: unknown): void {
  if (!(error instanceof ClientError)) throw error;
  const { redis, callable, words, send, last } = call;
  const { name, schema, sha } = callable.script;
  if (!last && isNoScript(error)) {
    if (send.readOnly) brings.set(redis, (brings.get(redis) ?? new Map()).set(sha, bringsMax));
    else call.last = true;
  } else if (!last && words.words[0] === "EVALSHA_RO" && /^ERR unknown command .?EVALSHA_RO\b/i.test(error.message)) {
    withoutReadOnly.add(redis);
  } else {
    throw scriptErrorOf(name, schema.writes === "none", error);
  }
  call.retries++;
}

function isReadOnly({ redis, callable }: Call): boolean {
  return callable.script.schema.writes === "none" && !withoutReadOnly.has(redis);
}

/**
 * Loads the script where the call goes and calls it, in one round trip. SCRIPT LOAD and not EVAL, because what arrives by
 * EVAL may be evicted again (Redis 7.4 and Valkey 8 keep the last 500).
 */
async function loadAndCall(call: Call): Promise<Reply> {
  const { redis, callable, words, send } = call;
  const commands = [["SCRIPT", "LOAD", callable.script.lua], words.words];
  const [loaded, reply] = await redis.batch(commands, send);
  if (!(reply instanceof ClientError)) return reply as Reply;
  if (loaded instanceof ClientError) throw reply.applied === "maybe" ? reply : loaded;
  if (!isNoScript(reply)) throw reply;
  // The call was redirected, because its slot is moving, and SCRIPT LOAD, which names no key, was not.
  call.retries++;
  return bring(call);
}

/**
 * Calls the script with its source: whichever node answers has it from then on. A SCRIPT LOAD would not do, since a
 * client chooses among replicas for each command anew.
 */
function bring(call: Call): Promise<Reply> {
  const { redis, callable, words, send } = call;
  return redis.send([isReadOnly(call) ? "EVAL_RO" : "EVAL", callable.script.lua, ...words.words.slice(2)], send);
}

/** Whether replicas are being given the script, counted down. */
function isBringing(redis: RedisPort, sha: string): boolean {
  const counts = brings.get(redis);
  const left = counts?.get(sha);
  if (counts === undefined || left === undefined) return false;
  if (left > 1) counts.set(sha, left - 1);
  else counts.delete(sha);
  return true;
}

function sendOptionsOf(callable: Callable, words: Words, options: RunOptions): SendOptions {
  if (options !== noOptions) refuseUnknown("run", options, optionNames);
  const { writes } = callable.script.schema;
  return {
    key: words.key,
    readOnly: writes === "none" && options.replica === true,
    bytes: callable.bytes,
    resend: writes === "once" ? "never" : "ok",
    signal: signalOf(options),
    timeoutMs: options.timeout === undefined ? undefined : toMs(options.timeout, "timeout"),
  };
}

function publish({ callable, words, retries }: Call, outcome: RunOutcome, reply: Reply): void {
  publishRun(callable.script, { ...outcome, sentBytes: sentBytesOf(words), receivedBytes: bytesOf(reply), retries });
}
