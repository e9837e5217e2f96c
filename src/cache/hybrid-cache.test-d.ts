import { expectTypeOf } from "vitest";
import type { HybridCache } from "./index.ts";

type User = { readonly name: string };
declare const cache: HybridCache;
declare function load(id: number, signal?: AbortSignal): Promise<User>;

// What a factory answers is what a caller gets, whether or not the factory looks at what it is given.
expectTypeOf(await cache.getOrSet("user:1", () => load(1))).toEqualTypeOf<User>();
expectTypeOf(await cache.getOrSet("user:1", ({ signal }) => load(1, signal), { ttl: "5m" })).toEqualTypeOf<User>();
expectTypeOf(await cache.getOrSet("user:1", async (context) => (await load(1, context.signal)).name)).toEqualTypeOf<string>();
expectTypeOf(await cache.getOrSet("user:1", async ({ skip }) => skip(await load(1)))).toEqualTypeOf<User>();
expectTypeOf(await cache.getOrSet("user:1", ({ stale }) => (stale === undefined ? 1 : 2))).toEqualTypeOf<number>();

// The stale value is that of which the caller says the type.
await cache.getOrSet<User>("user:1", ({ stale }) => {
  expectTypeOf(stale).toEqualTypeOf<User | undefined>();
  return stale ?? load(1);
});
await cache.getOrSet("user:1", ({ stale }) => {
  expectTypeOf(stale).toEqualTypeOf<unknown>();
  return load(1);
});

// @ts-expect-error a factory of something else
await cache.getOrSet<User>("user:1", ({ signal }) => (signal.aborted ? 1 : 2));
