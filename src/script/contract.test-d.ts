import { expectTypeOf } from "vitest";
import type { RedisPort } from "../client/index.ts";
import { type BatchCall, call, defineScript, type Out, prepare, run, runBatch, type Script, tryRun } from "./index.ts";

declare const redis: RedisPort;

const acquire = defineScript({
  name: "lock.acquire",
  keys: { lease: "string", waiting: { prefix: "hash" }, others: { rest: "string" } },
  args: {
    owner: "string",
    ttlMs: "duration",
    now: { nullable: "instant" },
    tags: { array: "integer" },
    limits: { hash: "bigint" },
    row: { rest: { record: { id: "string", payload: { nullable: "bytes" } } } },
  },
  reply: {
    outcomes: {
      granted: { token: "bigint", untilMs: "instant", payload: "bytes" },
      held: { retryInMs: { nullable: "duration" }, by: { array: { record: { id: "string" } } } },
    },
  },
  writes: "idempotent",
  lua: "return 1",
});
const plain = defineScript({
  name: "a.b",
  keys: {},
  args: {},
  reply: { nullable: { hash: "json" } },
  writes: "none",
  lua: "return 1",
});

type ContractOfScript<S> = S extends Script<infer C> ? C : never;
type Acquire = ContractOfScript<typeof acquire>;

// Keys: one text each, or many.
expectTypeOf<Acquire["keys"]>().toEqualTypeOf<{
  readonly lease: string;
  readonly waiting: string;
  readonly others: readonly string[];
}>();

// Arguments: what is nullable may be left out, at the top and in a record.
expectTypeOf<Acquire["args"]>().toEqualTypeOf<{
  readonly owner: string;
  readonly ttlMs: number | `${number}${"ms" | "s" | "m" | "h" | "d" | "w"}` | `${number} ${"ms" | "s" | "m" | "h" | "d" | "w"}`;
  readonly tags: readonly number[];
  readonly limits: { readonly [field: string]: bigint };
  readonly row: readonly { readonly id: string; readonly payload?: Uint8Array | string | null | undefined }[];
  readonly now?: number | Date | null | undefined;
}>();

// Replies: a union, told apart by `outcome`.
type Granted = { readonly outcome: "granted"; readonly token: bigint; readonly untilMs: number; readonly payload: Uint8Array };
type Held = { readonly outcome: "held"; readonly retryInMs: number | null; readonly by: readonly { readonly id: string }[] };
expectTypeOf<Acquire["reply"]>().toEqualTypeOf<Granted | Held>();
expectTypeOf(run(redis, plain, {}, {})).resolves.toEqualTypeOf<{ readonly [field: string]: unknown } | null>();
expectTypeOf<Out<{ array: { nullable: "number" } }>>().toEqualTypeOf<readonly (number | null)[]>();

const keys = { lease: "a", waiting: "b", others: [] };
const args = { owner: "me", ttlMs: "30s", tags: [], limits: {}, row: [{ id: "a" }] } as const;

export async function narrows(): Promise<void> {
  const reply = await run(redis, acquire, keys, args);
  if (reply.outcome === "granted") expectTypeOf(reply).toEqualTypeOf<Granted>();
  else expectTypeOf(reply.retryInMs).toEqualTypeOf<number | null>();
  // @ts-expect-error: a field of one outcome is not there before one knows which it is
  reply.token;

  const tried = await tryRun(redis, acquire, keys, args);
  if (tried.ok) expectTypeOf(tried.value).toEqualTypeOf<Granted | Held>();
  else expectTypeOf(tried.error.applied).toEqualTypeOf<"no" | "maybe">();

  const [first, second] = await runBatch(redis, [call(acquire, keys, args), call(plain, {}, {})]);
  if (first.ok) expectTypeOf(first.value).toEqualTypeOf<Granted | Held>();
  if (second.ok) expectTypeOf(second.value).toEqualTypeOf<{ readonly [field: string]: unknown } | null>();

  const many = await runBatch(
    redis,
    [1, 2].map(() => call(acquire, keys, args)),
  );
  for (const each of many) if (each.ok) expectTypeOf(each.value).toEqualTypeOf<Granted | Held>();

  const prepared = await prepare(redis, acquire);
  expectTypeOf(prepared.run).parameter(1).toEqualTypeOf<Acquire["args"]>();
  expectTypeOf(prepared.run(keys, args)).resolves.toEqualTypeOf<Granted | Held>();
}

export function refuses(): void {
  // @ts-expect-error: a key is missing
  void run(redis, acquire, { lease: "a", waiting: "b" }, args);
  // @ts-expect-error: there is no such key
  void run(redis, acquire, { ...keys, lese: "a" }, args);
  // @ts-expect-error: one key where many go
  void run(redis, acquire, { ...keys, others: "a" }, args);
  // @ts-expect-error: an argument is missing
  void run(redis, acquire, keys, { ttlMs: 1, tags: [], limits: {}, row: [] });
  // @ts-expect-error: an argument is of another type
  void run(redis, acquire, keys, { ...args, limits: { a: 1 } });
  // @ts-expect-error: a duration has a unit that is known
  void run(redis, acquire, keys, { ...args, ttlMs: "30 parsecs" });
  // @ts-expect-error: there is no such argument
  void run(redis, acquire, keys, { ...args, owner: "a", onwer: "b" });
  // @ts-expect-error: a field of a record is missing
  void call(acquire, keys, { ...args, row: [{ payload: "x" }] });
  // @ts-expect-error: there is no such option
  void run(redis, plain, {}, {}, { timout: 1 });
  // @ts-expect-error: a batch goes to the primary
  void runBatch(redis, [call(plain, {}, {})], { replica: true });
  // @ts-expect-error: there is no such type
  defineScript({ name: "a.b", keys: {}, args: { a: "strin" }, reply: "integer", writes: "none", lua: "" });
  // @ts-expect-error: how a script writes must be said
  defineScript({ name: "a.b", keys: {}, args: {}, reply: "integer", lua: "" });
  // @ts-expect-error: all that is left is only for arguments
  defineScript({ name: "a.b", keys: {}, args: {}, reply: { rest: "string" }, writes: "none", lua: "" });
}

// A script of one contract is not taken for one of another, in either direction.
interface Other {
  readonly keys: { readonly stock: string };
  readonly args: Readonly<Record<never, never>>;
  readonly reply: string | null;
}
expectTypeOf<Script<Other>>().not.toExtend<Script<Other & { readonly reply: string }>>();
expectTypeOf<Script<Other & { readonly reply: string }>>().not.toExtend<Script<Other>>();
expectTypeOf<BatchCall<Other>>().toExtend<BatchCall>();
