import { ClientError, type RedisPort, type SendOptions } from "../client/index.ts";
import { toMs } from "../core/index.ts";
import { callableOf, readReply, type Words, wordsOf } from "./call.ts";
import type { Script } from "./define.ts";
import { ScriptError, scriptErrorOf } from "./errors.ts";
import { requireOneSlot } from "./keys.ts";
import type { Outcome, RunOptions } from "./run.ts";
import type { Contract } from "./schema.ts";

/** One call of a batch. Make it with {@link call}. */
export interface BatchCall<C extends Contract = Contract> {
  readonly script: Script;
  readonly keys: object;
  readonly args: object;
  /** Type only: carries the contract through inference. Never set. */
  readonly contract?: C;
}

type Replies<Calls extends readonly BatchCall[]> = {
  readonly [Index in keyof Calls]: Calls[Index] extends BatchCall<infer C> ? Outcome<C["reply"]> : never;
};

/** Which scripts a connection is known to have been given. Forgotten as soon as the server says it has not got one. */
const loaded = new WeakMap<RedisPort, Set<string>>();

/** One call for {@link runBatch}. */
export function call<C extends Contract>(script: Script<C>, keys: C["keys"], args: C["args"]): BatchCall<C> {
  return { script: script as Script, keys, args };
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
 * @throws {ScriptError} the batch as a whole failed: the connection was lost, or its keys lie in different slots
 * @example
 * const [first, second] = await runBatch(redis, [call(swap, a, { expect, value }), call(swap, b, { expect, value })]);
 */
export async function runBatch<const Calls extends readonly BatchCall[]>(
  redis: RedisPort,
  calls: Calls,
  options: Omit<RunOptions, "replica"> = {},
): Promise<Replies<Calls>> {
  const prepared = calls.map(({ script, keys, args }) => {
    const callable = callableOf(script);
    return { callable, words: wordsOf(redis, callable, keys, args) };
  });
  requireOneSlot(
    "batch",
    prepared.flatMap(({ words }) => keysOf(words)),
  );
  const known = loaded.get(redis) ?? new Set();
  loaded.set(redis, known);
  const missing = [...new Set(prepared.map(({ callable }) => callable.script))].filter(({ sha }) => !known.has(sha));
  const commands = [
    ...missing.map(({ lua }) => ["SCRIPT", "LOAD", lua]),
    ...prepared.map(({ words }) => ["EVALSHA", ...words.words]),
  ];
  const replies = await sendAll(redis, commands, prepared, options);
  for (const [index, { sha }] of missing.entries()) if (!(replies[index] instanceof ClientError)) known.add(sha);
  return prepared.map(({ callable }, index): Outcome<unknown> => {
    const { name, schema } = callable.script;
    const reply = replies[missing.length + index];
    if (!(reply instanceof ClientError)) return attempt(() => readReply(callable, reply ?? null));
    if (reply.reply === "NOSCRIPT") known.clear();
    return { ok: false, error: scriptErrorOf(name, schema.writes === "none", reply) };
  }) as Replies<Calls>;
}

function keysOf({ words }: Words): readonly string[] {
  return words.slice(2, 2 + Number(words[1])) as string[];
}

async function sendAll(
  redis: RedisPort,
  commands: Parameters<RedisPort["batch"]>[0],
  prepared: readonly { readonly callable: ReturnType<typeof callableOf>; readonly words: Words }[],
  options: RunOptions,
): Promise<Awaited<ReturnType<RedisPort["batch"]>>> {
  const key = prepared.find(({ words }) => words.key !== undefined)?.words.key;
  const writes = prepared.map(({ callable }) => callable.script.schema.writes);
  const send: SendOptions = {
    ...(key === undefined ? {} : { key }),
    bytes: prepared.some(({ callable }) => callable.bytes),
    resend: writes.includes("once") ? "never" : "ok",
    signal: options.signal,
    timeoutMs: options.timeout === undefined ? undefined : toMs(options.timeout, "timeout"),
  };
  try {
    return commands.length === 0 ? [] : await redis.batch(commands, send);
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    throw scriptErrorOf(
      "batch",
      writes.every((each) => each === "none"),
      error,
    );
  }
}

function attempt(read: () => unknown): Outcome<unknown> {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    if (error instanceof ScriptError) return { ok: false, error };
    throw error;
  }
}
