import { expectTypeOf } from "vitest";
import type { RedisPort } from "../client/index.ts";
import { type Addition, type Created, type Job, Queue } from "./index.ts";

interface Welcome {
  readonly to: string;
}

declare const redis: RedisPort;
const queue = new Queue<{ welcome: Welcome; tidy: undefined }>(redis, "email");

expectTypeOf(queue.add("welcome", { to: "a@example.com" })).resolves.toEqualTypeOf<Created>();
expectTypeOf(queue.get<"welcome">("a")).resolves.toEqualTypeOf<Job<Welcome> | undefined>();
expectTypeOf(queue.wait<"welcome">("a")).resolves.toEqualTypeOf<Job<Welcome> | undefined>();
expectTypeOf(queue.get("a")).resolves.toEqualTypeOf<Job<Welcome | undefined> | undefined>();

// @ts-expect-error there is no such job
await queue.add("goodbye", { to: "a@example.com" });
// @ts-expect-error its payload is another
await queue.add("welcome", { from: "a@example.com" });
// @ts-expect-error it has a payload
await queue.add("welcome", undefined);
// @ts-expect-error a duration has a unit that is known
await queue.add("welcome", { to: "a" }, { delay: "5 parsecs" });
// @ts-expect-error there is no such option
await queue.add("welcome", { to: "a" }, { dealy: "5s" });

const additions: readonly Addition<{ welcome: Welcome; tidy: undefined }>[] = [
  { name: "welcome", payload: { to: "a" }, options: { priority: 1 } },
  { name: "tidy", payload: undefined },
];
expectTypeOf(queue.addMany(additions)).resolves.toEqualTypeOf<readonly Created[]>();
// @ts-expect-error the payload is that of another job
await queue.addMany([{ name: "tidy", payload: { to: "a" } }]);

/** Without types a queue takes anything. */
const untyped = new Queue(redis, "any");
expectTypeOf(untyped.add("whatever", { it: "is" })).resolves.toEqualTypeOf<Created>();
expectTypeOf(untyped.get("a")).resolves.toEqualTypeOf<Job | undefined>();

// @ts-expect-error a queue knows by its codec whether all is text
new Queue(redis, "any", { text: true });
