import calculateSlot from "cluster-key-slot";
import { type Arg, ClientError, type RedisPort, type Reply, type SendOptions } from "../client/index.ts";
import { refuseUnknown, toMs } from "../core/index.ts";
import {
  bytesOf,
  type Callable,
  callableOf,
  firstKey,
  isNoScript,
  readReply,
  sentBytesOf,
  signalOf,
  type Words,
  wordsOf,
} from "./call.ts";
import type { Script, UntypedScript } from "./define.ts";
import { ScriptError, scriptErrorOf } from "./errors.ts";
import { publishRun, scriptRuns } from "./events.ts";
import { requireOneSlot } from "./keys.ts";
import type { Outcome, RunOptions } from "./run.ts";
import type { Contract } from "./schema.ts";

/** One call of a batch. Make it with {@link call}. */
export interface BatchCall<C extends Contract = Contract> {
  readonly script: UntypedScript;
  readonly keys: object;
  readonly args: object;
  /** Type only: carries the reply through inference. Never set. */
  readonly contract?: C;
}

type Replies<Calls extends readonly BatchCall[]> = {
  readonly [Index in keyof Calls]: Calls[Index] extends BatchCall<infer C> ? Outcome<C["reply"]> : never;
};

/**
 * Which scripts were loaded over a connection: by slot, since each may be on another node of a cluster. Forgotten as soon as
 * the server says that it has not got one.
 */
const loaded = new WeakMap<RedisPort, Map<string, Set<number>>>();

/** One call for {@link runBatch}. */
export function call<C extends Contract>(script: Script<C>, keys: C["keys"], args: C["args"]): BatchCall<C> {
  return { script, keys, args };
}

/**
 * Runs several calls in order on one connection, in one round trip. They are not one transaction: others may come in
 * between, and one that fails does not stop those after it.
 *
 * The scripts are loaded ahead of the calls. A call that fails says so in its place and is never sent again, since that
 * would be out of order. All keys of all calls must share a slot.
 *
 * @returns what became of each call, in their order
 * @throws {InvalidInputError} a key or argument does not fit; nothing was sent
 * @throws {ScriptError} nothing was sent: the keys lie in different slots, the signal had fired, or the port was closed
 * @example
 * const [first, second] = await runBatch(redis, [call(swap, a, { expect, value }), call(swap, b, { expect, value })]);
 */
export async function runBatch<const Calls extends readonly BatchCall[]>(
  redis: RedisPort,
  calls: Calls,
  options: Omit<RunOptions, "replica" | "text"> = {},
): Promise<Replies<Calls>> {
  refuseUnknown("runBatch", options, ["signal", "timeout"]);
  const entries = calls.map(({ script, keys, args }): Entry => {
    const callable = callableOf(script);
    const words = wordsOf(redis, callable, keys, args);
    return { callable, words, keys: words.words.slice(firstKey, firstKey + words.keyCount) as string[] };
  });
  const keys = entries.flatMap((entry) => entry.keys);
  requireOneSlot("batch", keys);
  if (entries.length === 0) return [] as unknown as Replies<Calls>;
  const key = keys[0] ?? (entries[0] as Entry).words.key;
  const startedAt = performance.now();
  const replies = await sendAll(redis, key, entries, options);
  return entries.map((entry, index) => outcomeOf(entry, replies[index] ?? null, startedAt)) as Replies<Calls>;
}

interface Entry {
  readonly callable: Callable;
  readonly words: Words;
  readonly keys: readonly string[];
}

/** Sends the calls, after those of their scripts that the node may lack. */
async function sendAll(
  redis: RedisPort,
  key: Arg,
  entries: readonly Entry[],
  options: RunOptions,
): Promise<readonly (Reply | ClientError)[]> {
  const known = loaded.get(redis) ?? new Map<string, Set<number>>();
  loaded.set(redis, known);
  const slot = redis.traits.cluster ? calculateSlot(key as string) : 0;
  const scripts = [...new Map(entries.map(({ callable: { script } }) => [script.sha, script])).values()];
  const missing = scripts.filter(({ sha }) => !known.get(sha)?.has(slot));
  const commands = [...missing.map(({ lua }) => ["SCRIPT", "LOAD", lua]), ...entries.map(({ words }) => words.words)];
  const replies = await sendInOrder(redis, commands, entries, { key, ...limitsOf(options) });
  const refused = new Map<string, ClientError>();
  for (const [index, { sha }] of missing.entries()) {
    const reply = replies[index];
    if (reply instanceof ClientError) refused.set(sha, reply);
    else known.set(sha, (known.get(sha) ?? new Set()).add(slot));
  }
  return replies.slice(missing.length).map((reply, index) => {
    if (!(reply instanceof ClientError && isNoScript(reply))) return reply;
    const { sha } = (entries[index] as Entry).callable.script;
    known.clear();
    // A script that does not compile could not be loaded: that is what its author wants to know.
    return refused.get(sha) ?? reply;
  });
}

function limitsOf({ timeout, ...options }: RunOptions): Pick<SendOptions, "signal" | "timeoutMs"> {
  return { signal: signalOf(options), timeoutMs: timeout === undefined ? undefined : toMs(timeout, "timeout") };
}

async function sendInOrder(
  redis: RedisPort,
  commands: Parameters<RedisPort["batch"]>[0],
  entries: readonly Entry[],
  options: Omit<SendOptions, "bytes" | "resend">,
): Promise<readonly (Reply | ClientError)[]> {
  const writes = entries.map(({ callable }) => callable.script.schema.writes);
  const bytes = entries.some(({ callable }) => callable.bytes);
  try {
    return await redis.batch(commands, { ...options, bytes, resend: writes.includes("once") ? "never" : "ok" });
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    throw scriptErrorOf(
      "batch",
      writes.every((each) => each === "none"),
      error,
    );
  }
}

function outcomeOf({ callable, words }: Entry, reply: Reply | ClientError, startedAt: number): Outcome<unknown> {
  const outcome = read(callable, reply);
  if (scriptRuns.hasSubscribers) {
    publishRun(callable.script, {
      ...(outcome.ok ? { outcome: "ok" } : { outcome: "error", error: outcome.error }),
      startedAt,
      sentBytes: sentBytesOf(words),
      receivedBytes: reply instanceof ClientError ? 0 : bytesOf(reply),
      retries: 0,
    });
  }
  return outcome;
}

function read(callable: Callable, reply: Reply | ClientError): Outcome<unknown> {
  const { name, schema } = callable.script;
  if (reply instanceof ClientError) return { ok: false, error: scriptErrorOf(name, schema.writes === "none", reply) };
  try {
    return { ok: true, value: readReply(callable, reply) };
  } catch (error) {
    if (error instanceof ScriptError) return { ok: false, error };
    throw error;
  }
}
