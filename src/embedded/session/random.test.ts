import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { commands } from "../command/all.ts";
import { SideBySide } from "./fixtures/index.ts";

let both: SideBySide;
beforeAll(async () => {
  both = await SideBySide.start(commands);
});
afterAll(() => both.stop());

const runs = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 60);
const seed = Number(process.env["REDLUA_FUZZ_SEED"] ?? Date.now() % 2 ** 31);

const list = fc.constantFrom("l", "m");
const end = fc.constantFrom("LEFT", "RIGHT");
const words = (...parts: (string | fc.Arbitrary<string>)[]): fc.Arbitrary<readonly string[]> =>
  fc.tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)));

const script = (text: string): fc.Arbitrary<readonly string[]> => words("EVAL", fc.constant(text), "0");

const data = fc.oneof(
  words(fc.constantFrom("LPUSH", "RPUSH"), list, fc.constantFrom("1", "2")),
  words("RPUSH", list, "1", "2", "3"),
  words(fc.constantFrom("LPOP", "RPOP", "DEL", "LLEN"), list),
  words("SET", fc.constantFrom("k", "l"), "x"),
  words("GET", "k"),
  words("INCR", "n"),
  words("LRANGE", list, "0", "-1"),
  words("RENAME", "l", "m"),
  words("LMOVE", list, list, end, end),
  words("ZADD", "z", fc.constantFrom("1", "2"), fc.constantFrom("a", "b")),
  words("XADD", "x", fc.constantFrom("1-1", "1-2", "2-1", "3-1", "4-1"), "f", "v"),
  words("DEL", "k", "x", "z"),
  words("SELECT", fc.constantFrom("0", "1")),
  words("FLUSHDB"),
  words("PING"),
  script("redis.call('RPUSH','l','a') return redis.call('RPUSH','m','b')"),
  script("redis.call('RPUSH','l','a') return redis.call('LPOP','l')"),
  script("return redis.call('PUBLISH','c','script')"),
  words("CLIENT", "REPLY", "SKIP"),
  words("NOSUCH"),
  words("GET"),
);
const waiting = fc.oneof(
  words(fc.constantFrom("BLPOP", "BRPOP"), list, "0"),
  words("BLPOP", "l", "m", "0"),
  words("BLMOVE", list, list, end, end, "0"),
  words("BLMPOP", "0", "2", "m", "l", end),
  words("BZPOPMIN", "z", "0"),
  words("XREAD", "BLOCK", "0", "STREAMS", "x", fc.constantFrom("$", "1-1")),
);
const transaction = fc.oneof(
  words("MULTI"),
  words("MULTI"),
  words("EXEC"),
  words("EXEC"),
  words("DISCARD"),
  words("WATCH", fc.constantFrom("k", "l", "n")),
  words("UNWATCH"),
);
// One of each kind: Redis tells of several in the order of a hash table.
const channels = fc.oneof(
  words(fc.constantFrom("SUBSCRIBE", "UNSUBSCRIBE"), "c"),
  words(fc.constantFrom("PSUBSCRIBE", "PUNSUBSCRIBE"), "?"),
  words(fc.constantFrom("UNSUBSCRIBE", "PUNSUBSCRIBE")),
  words("PING"),
  words("GET", "k"),
);
const publish = words(fc.constantFrom("PUBLISH", "SPUBLISH"), fc.constantFrom("c", "d"), "hello");
const others = words("CLIENT", "UNBLOCK", fc.constantFrom("@a", "@b", "@c"), fc.constantFrom("TIMEOUT", "ERROR"));

/** a and b do all but listen; c waits; d listens; e does as it likes with the others. */
const step = fc.oneof(
  fc.tuple(fc.constantFrom("a", "b"), fc.oneof(data, data, waiting, transaction, publish)),
  fc.tuple(fc.constant("c"), fc.oneof(waiting, data)),
  fc.tuple(fc.constant("d"), channels),
  fc.tuple(fc.constant("e"), fc.oneof(others, data, publish, fc.constant(["RESET"]))),
);

test("clients hear the same from the engine as from a real server, whatever they do to each other", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) =>
      both.agree([["a", ["PING"]], ["b", ["PING"]], ["c", ["PING"]], ...steps]),
    ),
    { numRuns: runs, seed },
  );
});
