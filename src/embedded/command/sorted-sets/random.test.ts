import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { agreeAtRandom, type Command, command, Differential, oneOf, several, some } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { setCommands } from "../sets/index.ts";
import { sortedSetCommands } from "./index.ts";

const keys = ["a", "b", "c"];

const key = oneOf(...keys);
const member = oneOf("", "a", "b", "aa", "B", "\xff", "1", "2", "x".repeat(65));
const score = oneOf("0", "1", "2", "-1", "1.5", "-0", "inf", "-inf", "0.1", "1e300", "1700000000000", "nan", "x");
const pair = fc.tuple(score, member);
const pairs = several(pair, 4);
// About as many as fit into a listpack.
const many = fc
  .integer({ min: 100, max: 140 })
  .map((count) => Array.from({ length: count }, (_, at) => [String(at % 7), `m${at}`]).flat());
const bound = oneOf("-inf", "+inf", "0", "(0", "1", "(1", "1.5", "(1.5", "-1", "(-1", "1e300", "x");
const lex = oneOf("-", "+", "[a", "(a", "[b", "(b", "[", "[\xff", "(\xff", "[m5", "(m3", "a");
const index = oneOf("0", "1", "2", "-1", "-2", "-3", "5", "100", "-100", "x");
const count = oneOf("0", "1", "2", "3", "-1", "100", "x");
const end = oneOf("MIN", "MAX", "FOO");
const keyList = fc.array(key, { minLength: 1, maxLength: 3 });
const weight = oneOf("1", "2", "-1", "0", "0.5", "inf", "x");

const limit = fc.option(
  fc.tuple(oneOf("0", "1", "2", "-1", "50"), count).map((numbers) => ["LIMIT", ...numbers]),
  { nil: [] as string[] },
);
const aggregate = some(["AGGREGATE", "SUM"], ["AGGREGATE", "MIN"], ["AGGREGATE", "MAX"]);
const combined = keyList.chain((list) =>
  fc.tuple(
    fc.constant(list),
    fc.option(fc.array(weight, { minLength: list.length, maxLength: list.length }), { nil: undefined }),
    aggregate,
  ),
);
const inputs = combined.map(([list, weights, rest]) => [
  String(list.length),
  ...list,
  ...(weights === undefined ? [] : ["WEIGHTS", ...weights]),
  ...rest,
]);

const commands = [
  ...Array.from({ length: 4 }, () => command("ZADD", key, pairs)),
  command("ZADD", key, some(["NX"], ["XX"], ["GT"], ["LT"], ["CH"]), pairs),
  command("ZADD", key, some(["NX"], ["XX"], ["GT"], ["LT"]), "INCR", score, member),
  command("ZADD", key, many),
  command("ZADD", key, many),
  command("ZINCRBY", key, score, member),
  command("ZREM", key, several(member, 3)),
  command(oneOf("ZCARD", "TYPE", "ZPOPMIN", "ZPOPMAX"), key),
  command(oneOf("ZSCORE", "ZRANK", "ZREVRANK", "ZMSCORE"), key, member),
  command("ZMSCORE", key, member, member),
  command(oneOf("ZCOUNT", "ZREMRANGEBYSCORE"), key, bound, bound),
  command(oneOf("ZRANGEBYSCORE", "ZREVRANGEBYSCORE"), key, bound, bound, some(["WITHSCORES"]), limit),
  command(oneOf("ZRANGE", "ZREVRANGE"), key, index, index, some(["WITHSCORES"], ["REV"])),
  command("ZRANGE", key, bound, bound, "BYSCORE", some(["WITHSCORES"], ["REV"]), limit),
  command("ZREMRANGEBYRANK", key, index, index),
  command("ZRANGESTORE", key, key, index, index, some(["REV"])),
  command("ZRANGESTORE", key, key, bound, bound, "BYSCORE", some(["REV"]), limit),
  command(oneOf("ZPOPMIN", "ZPOPMAX"), key, count),
  command(oneOf("ZUNION", "ZINTER"), inputs, some(["WITHSCORES"])),
  command(oneOf("ZUNIONSTORE", "ZINTERSTORE"), key, inputs),
  command(
    "ZDIFF",
    keyList.map((list) => [String(list.length), ...list]),
    some(["WITHSCORES"]),
  ),
  command(
    "ZDIFFSTORE",
    key,
    keyList.map((list) => [String(list.length), ...list]),
  ),
  command(
    "ZINTERCARD",
    keyList.map((list) => [String(list.length), ...list]),
    some(["LIMIT", "1"]),
  ),
  command(
    "ZMPOP",
    keyList.map((list) => [String(list.length), ...list]),
    end,
    some(["COUNT", "2"], ["COUNT", "0"]),
  ),
  command("SADD", key, member, member),
  command(oneOf("DEL", "RENAME", "COPY"), key, key),
  command("OBJECT", "ENCODING", key),
];

/** Ranges of members are defined where all scores are the same. */
const memberCommands = [
  ...Array.from({ length: 3 }, () =>
    command(
      "ZADD",
      key,
      several(
        member.map((name) => ["0", name]),
        5,
      ),
    ),
  ),
  command(
    "ZADD",
    key,
    many.map((list) => list.map((word, at) => (at % 2 === 0 ? "0" : word))),
  ),
  command("ZREM", key, member, member),
  command(oneOf("ZRANGEBYLEX", "ZREVRANGEBYLEX"), key, lex, lex, limit),
  command("ZRANGE", key, lex, lex, "BYLEX", some(["REV"], ["WITHSCORES"]), limit),
  command("ZRANGESTORE", key, key, lex, lex, "BYLEX", some(["REV"]), limit),
  command(oneOf("ZLEXCOUNT", "ZREMRANGEBYLEX"), key, lex, lex),
];

/** Looks at everything there is. */
const inspection: readonly Command[] = keys.flatMap((name) => [
  `ZRANGE ${name} 0 -1 WITHSCORES`,
  `TYPE ${name}`,
  `OBJECT ENCODING ${name}`,
]);

let redis: Differential;
beforeAll(async () => {
  redis = await Differential.start([...sortedSetCommands, ...setCommands, ...genericCommands]);
});
afterAll(() => redis.stop());

test("random commands on sorted sets are answered as Redis answers them", () => agreeAtRandom(redis, commands, inspection));

test("random ranges of members are those of Redis", () => agreeAtRandom(redis, memberCommands, inspection));

test("random commands on sorted sets cause the events that they cause in Redis, and its replies in RESP3", () =>
  agreeAtRandom(redis, commands, inspection, { events: true, resp: 3 }));
