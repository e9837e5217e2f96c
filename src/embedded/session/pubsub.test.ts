import { afterAll, beforeAll, test } from "vitest";
import { commands } from "../command/all.ts";
import { SideBySide, type Step } from "./fixtures/index.ts";

let both: SideBySide;
beforeAll(async () => {
  both = await SideBySide.start(commands);
});
afterAll(() => both.stop());

const cases: readonly (readonly [string, readonly Step[]])[] = [
  ["messages reach who listens", ["a: SUBSCRIBE c d", "b: PUBLISH c hello", "b: PUBLISH d world", "b: PUBLISH e nobody"]],
  ["patterns", ["a: PSUBSCRIBE n*s h?llo", "b: PUBLISH news x", "b: PUBLISH hello y", "b: PUBLISH other z", "b: PUBSUB NUMPAT"]],
  ["who listens to a channel and to its pattern hears twice", ["a: SUBSCRIBE c", "a: PSUBSCRIBE c*", "b: PUBLISH c x"]],
  ["several who listen", ["a: SUBSCRIBE c", "b: SUBSCRIBE c", "c: PUBLISH c x", "c: PUBSUB NUMSUB c d"]],
  ["to subscribe twice counts once", ["a: SUBSCRIBE c c", "a: SUBSCRIBE c", "b: PUBLISH c x"]],
  ["to unsubscribe", ["a: SUBSCRIBE c d", "a: UNSUBSCRIBE c", "b: PUBLISH c x", "a: UNSUBSCRIBE d", "a: GET k"]],
  [
    "to unsubscribe from what one does not hear",
    ["a: UNSUBSCRIBE x y", "a: UNSUBSCRIBE", "a: PUNSUBSCRIBE", "a: PUNSUBSCRIBE x", "a: SUNSUBSCRIBE"],
  ],
  [
    "to unsubscribe from all of one kind",
    ["a: SUBSCRIBE c", "a: PSUBSCRIBE p*", "a: UNSUBSCRIBE", "a: GET k", "a: PUNSUBSCRIBE", "a: GET k"],
  ],
  [
    "while it listens, RESP2 takes few commands",
    [
      "a: SUBSCRIBE c",
      "a: GET k",
      "a: CONFIG GET x",
      "a: PING",
      "a: PING hi",
      "a: MULTI",
      "a: HELLO 3",
      "a: nosuch",
      "a: PSUBSCRIBE p",
      "a: SSUBSCRIBE s",
      "a: QUIT",
    ],
  ],
  ["RESET ends listening", ["a: SUBSCRIBE c", "a: RESET", "b: PUBLISH c x", "a: GET k"]],
  [
    "RESP3 takes every command while it listens",
    [
      "a: HELLO 3",
      "a: SUBSCRIBE c",
      "a: SET k 1",
      "a: PING",
      "a: PUBLISH c me",
      "b: PUBLISH c you",
      "a: UNSUBSCRIBE c",
      "a: GET k",
    ],
  ],
  [
    "RESP3 pushes before the reply of who publishes to itself",
    ["a: HELLO 3", "a: SUBSCRIBE c", "a: PSUBSCRIBE c*", "a: PUBLISH c 1 ; PUBLISH c 2 ; PING"],
  ],
  [
    "a script publishes",
    ["a: HELLO 3", "a: SUBSCRIBE c", ["a", ["EVAL", "redis.call('PUBLISH','c','1') return redis.call('PUBLISH','c','2')", "0"]]],
  ],
  [
    "shard channels are a world of their own",
    [
      "a: SSUBSCRIBE c",
      "a: SUBSCRIBE c",
      "b: SPUBLISH c s",
      "b: PUBLISH c p",
      "b: PUBSUB SHARDCHANNELS",
      "b: PUBSUB CHANNELS",
      "b: PUBSUB SHARDNUMSUB c d",
      "a: SUNSUBSCRIBE",
      "a: UNSUBSCRIBE",
      "a: GET k",
    ],
  ],
  [
    "PUBSUB",
    [
      "a: SUBSCRIBE one",
      "b: PUBSUB CHANNELS",
      "b: PUBSUB CHANNELS o*",
      "b: PUBSUB CHANNELS x*",
      "b: PUBSUB NUMSUB",
      "b: PUBSUB NUMSUB one two",
      "b: PUBSUB NUMPAT",
      "b: PUBSUB",
      "b: PUBSUB NOSUCH",
      "b: PUBSUB CHANNELS a b",
      "b: PUBSUB NUMPAT x",
      "b: PUBSUB SHARDCHANNELS a b",
    ],
  ],
  ["a channel that nobody hears any more is none", ["a: SUBSCRIBE one", "a: leaves", "b: PUBSUB CHANNELS", "b: PUBLISH one x"]],
  [
    "who is killed in a transaction is not counted by PUBLISH in it",
    ["a: SUBSCRIBE c", "c: PSUBSCRIBE c*", "b: MULTI", "b: CLIENT KILL ID @a", "b: PUBLISH c x", "b: PUBSUB NUMSUB c", "b: EXEC"],
  ],
  ["wrong counts", ["a: SUBSCRIBE", "a: PSUBSCRIBE", "a: PUBLISH c", "a: PUBLISH c m x", "a: SPUBLISH c", "a: SSUBSCRIBE"]],
  ["CLIENT REPLY OFF silences SUBSCRIBE's client too", ["a: CLIENT REPLY OFF", "a: SET k 1", "a: CLIENT REPLY ON", "a: GET k"]],
  ["CLIENT REPLY SKIP silences the next", ["a: CLIENT REPLY SKIP ; SET k 1 ; GET k ; PING"]],
  ["CLIENT REPLY SKIP is over after SUBSCRIBE, which is heard", ["a: CLIENT REPLY SKIP ; SUBSCRIBE c ; PING x"]],
  [
    "keyspace events",
    [
      "b: CONFIG SET notify-keyspace-events KEA",
      "a: PSUBSCRIBE __key*",
      "b: SET k 1",
      "b: EXPIRE k 100",
      "b: DEL k",
      "b: LPUSH l 1",
      "b: LPOP l",
      "b: SELECT 2",
      "b: HSET h f v",
      "b: RENAME h g",
      "b: XADD x 1-1 f v",
      "b: ZADD z 1 m",
    ],
  ],
  [
    "keyspace events of some classes",
    [
      "b: CONFIG SET notify-keyspace-events Kl$",
      "a: PSUBSCRIBE __key*",
      "b: SET k 1",
      "b: DEL k",
      "b: RPUSH l 1",
      "b: HSET h f v",
      "b: CONFIG SET notify-keyspace-events Eg",
      "b: RPUSH l 2",
      "b: DEL l",
    ],
  ],
  [
    "events of new keys",
    ["b: CONFIG SET notify-keyspace-events En", "a: PSUBSCRIBE __key*", "b: SET k 1", "b: SET k 2", "b: HSET h f v"],
  ],
  [
    "a key that expires tells so, with nobody calling",
    ["b: CONFIG SET notify-keyspace-events Ex", "a: PSUBSCRIBE __key*", "b: SET k 1 PX 20", "wait 200"],
  ],
  [
    "events within a transaction",
    ["b: CONFIG SET notify-keyspace-events KEA", "a: PSUBSCRIBE __key*", "b: MULTI", "b: SET k 1", "b: INCR k", "b: EXEC"],
  ],
  [
    "events of who is served",
    ["b: CONFIG SET notify-keyspace-events EA", "a: PSUBSCRIBE __key*", "c: BLMOVE l m LEFT RIGHT 0", "b: RPUSH l 1"],
  ],
];

const without = (message: unknown): unknown => {
  const map = (message as { readonly map?: readonly unknown[] } | null)?.map;
  // The id of a connection is its server's own.
  return Array.isArray(map) && map[6] === "id" ? { map: map.toSpliced(7, 1) } : message;
};

test.each(cases)("%s", (_name, steps) => both.agree(steps, without));
