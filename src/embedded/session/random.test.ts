import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { commands } from "../command/all.ts";
import { SideBySide, type Step } from "./fixtures/index.ts";

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

const lines = (text: string): fc.Arbitrary<readonly string[]> =>
  fc.constantFrom(
    ...text
      .trim()
      .split(/[|\n]/)
      .map((line) => line.trim().split(" ")),
  );

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
  lines(`RENAME m l|COPY l m|COPY m l REPLACE|COPY l l DB 1 REPLACE|MOVE l 1|MOVE x 1|SORT l STORE m|SWAPDB 0 1|FLUSHALL|UNLINK l m|LTRIM l 1 0|LREM l 0 1
    PEXPIRE l -1|EXPIRE z 0|EXPIREAT x 1|PERSIST l|LMPOP 1 l LEFT COUNT 2|LPOP l 2|LINSERT l BEFORE 1 0|ECHO hi|SET l x|GETDEL k|APPEND k z|MSETNX k 1 n 2
    ZADD z 2 b 1.5 c|ZADD z2 1 a|ZINCRBY z 0.1 a|ZPOPMIN z|ZMPOP 1 z MIN|ZRANGE z 0 -1 WITHSCORES|ZRANGESTORE z2 z 0 -1|ZREM z a|ZREMRANGEBYRANK z 0 -1|GEOADD z 1 1 p
    HSET h f 1|HGETALL h|HINCRBYFLOAT h f 0.1|HDEL h f|SADD s 1|SMEMBERS s|SPOP s|SMOVE s t 1|XADD x 2-1 f v|XTRIM x MAXLEN 1|XDEL x 2-1|XSETID x 9-9
    XGROUP CREATE x g $ MKSTREAM|XGROUP CREATE x g 0|XGROUP DESTROY x g|XACK x g 1-1|XREADGROUP GROUP g c STREAMS x >|XREADGROUP GROUP g c STREAMS x 0
    CONFIG SET notify-keyspace-events KEA|CONFIG SET notify-keyspace-events Kx$`),
  script("redis.call('RPUSH','l','a') return redis.call('RPUSH','m','b')"),
  script("redis.call('RPUSH','l','a') error('x')"),
  script("redis.call('FLUSHALL') redis.call('RPUSH','m','1')"),
  script("redis.call('DEL','l','m') redis.call('XADD','x','*','f','v') redis.call('ZADD','z',1,'a')"),
  script("redis.call('SELECT', 1) redis.call('RPUSH','l','q') return redis.call('DBSIZE')"),
  script(
    "redis.setresp(3) return {redis.call('ZSCORE','z','a') or 0, redis.call('HGETALL','h'), redis.call('GET','none'), true}",
  ),
  script("return {1, {double=3.5}, {map={a=1}}, {set={x=true}}, true, false, {big_number='123'}}"),
  script("return redis.call('BLPOP','l',0)"),
  script("return redis.pcall('SUBSCRIBE','c')"),
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
  lines(`BLPOP m l l 0|BRPOPLPUSH l m 0|BLMPOP 0 1 l RIGHT COUNT 2|BZPOPMAX z z2 0|BZMPOP 0 2 z2 z MIN COUNT 2|BLPOP l -1|BLMOVE l s LEFT LEFT 0
    XREAD BLOCK 0 STREAMS x y 0 0|XREADGROUP GROUP g c BLOCK 0 STREAMS x >|XREADGROUP GROUP g d NOACK BLOCK 0 COUNT 1 STREAMS x >`),
);
const transaction = fc.oneof(
  words("MULTI"),
  words("MULTI"),
  words("EXEC"),
  words("EXEC"),
  words("DISCARD"),
  words("WATCH", fc.constantFrom("k", "l", "n")),
  lines("WATCH x z|WATCH s h n|MULTI x|EXEC x"),
  words("UNWATCH"),
);
// One of each kind: Redis tells of several in the order of a hash table.
const channels = fc.oneof(
  words(fc.constantFrom("SUBSCRIBE", "UNSUBSCRIBE"), "c"),
  words(fc.constantFrom("PSUBSCRIBE", "PUNSUBSCRIBE"), "?"),
  words(fc.constantFrom("UNSUBSCRIBE", "PUNSUBSCRIBE")),
  words("PING"),
  words("GET", "k"),
  lines(
    "SSUBSCRIBE c|SUNSUBSCRIBE c|SUNSUBSCRIBE|PUBSUB NUMSUB c|PUBSUB NUMPAT|PUBLISH c own|PSUBSCRIBE __key*__:*|MULTI|EXEC|CLIENT REPLY SKIP",
  ),
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

/** The reply of HELLO tells the id of the connection. */
const withoutGreeting = (message: unknown): unknown => (JSON.stringify(message).includes('"proto"') ? "hello" : message);

/** Ids that were drawn from two clocks. */
const withoutIds = (message: unknown): unknown => JSON.parse(JSON.stringify(message).replaceAll(/1\d{12}-\d+/g, "automatic"));

test("clients hear the same from the engine as from a real server, whatever they do to each other", {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), fc.subarray([..."abcde"]), (steps, inResp3) => {
      const greetings = [..."abcde"].map((name): Step => [name, ["HELLO", inResp3.includes(name) ? "3" : "2"]]);
      return both.agree([...greetings, ...steps], (message) => withoutIds(withoutGreeting(message)));
    }),
    { numRuns: runs, seed },
  );
});
