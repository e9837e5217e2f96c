import { afterAll, beforeAll, expect, test } from "vitest";
import { commands } from "../command/all.ts";
import type { CommandSpec } from "../command/index.ts";
import { StillClock } from "../fixtures/index.ts";
import { Refusal, type Reply } from "../value/index.ts";
import { SideBySide, type Step } from "./fixtures/index.ts";
import { Engine } from "./index.ts";

let both: SideBySide;
beforeAll(async () => {
  both = await SideBySide.start(commands);
});
afterAll(() => both.stop());

const cases: readonly (readonly [string, readonly Step[]])[] = [
  ["who waits is served", ["a: BLPOP l 0", "b: RPUSH l 1 2", "b: LRANGE l 0 -1"]],
  ["who came first is served first", ["a: BLPOP l 0", "b: BLPOP l 0", "c: BRPOP l 0", "d: RPUSH l 1 2 3"]],
  ["one element serves one", ["a: BLPOP l 0", "b: BLPOP l 0", "c: RPUSH l 1", "c: RPUSH l 2"]],
  ["nobody waits for what is there", ["b: RPUSH l 1", "a: BLPOP l 0", "a: BLPOP l 0.05", "wait 150"]],
  ["the time is up", ["a: BLPOP l 0.05", "wait 150", "a: PING"]],
  ["the time is up, in RESP3", ["a: HELLO 3", "a: BLPOP l 0.05", "wait 150"]],
  [
    "the replies of those whose time is up",
    [
      "a: BLMOVE l m LEFT LEFT 0.02",
      "b: BZPOPMIN z 0.02",
      "c: BRPOPLPUSH l m 0.02",
      "d: BLMPOP 0.02 1 l LEFT",
      "e: XREAD BLOCK 20 STREAMS x $",
      "wait 150",
    ],
  ],
  ["several keys: the first that is filled", ["a: BLPOP l m n 0", "b: RPUSH n 3", "b: RPUSH m 2"]],
  [
    "several keys filled by a transaction: the one filled first",
    ["a: BLPOP l m 0", "b: MULTI", "b: RPUSH m 2", "b: RPUSH l 1", "b: EXEC", "b: LRANGE l 0 -1"],
  ],
  [
    "several keys filled by a script",
    [
      "a: BLPOP l m 0",
      ["b", ["EVAL", "redis.call('RPUSH','m','2') redis.call('RPUSH','l','1') return 1", "0"]],
      "b: LRANGE l 0 -1",
    ],
  ],
  ["a transaction serves when it is over", ["a: BLPOP l 0", "b: MULTI", "b: RPUSH l 1", "b: LPUSH l 0", "b: LLEN l", "b: EXEC"]],
  [
    "a transaction that takes back what it gave",
    ["a: BLPOP l 0", "b: MULTI", "b: RPUSH l 1", "b: DEL l", "b: EXEC", "b: RPUSH l 2"],
  ],
  [
    "a script that takes back what it gave",
    ["a: BLPOP l 0", ["b", ["EVAL", "redis.call('RPUSH','l','1') redis.call('DEL','l')", "0"]], "b: RPUSH l 2"],
  ],
  ["a key of another type wakes nobody", ["a: BLPOP l 0", "b: SET l x", "b: DEL l", "b: ZADD l 1 x", "b: DEL l", "b: RPUSH l 1"]],
  ["a key that becomes another type meanwhile is passed over", ["a: BLPOP l m 0", "b: SET l x", "b: RPUSH m 1"]],
  ["list and sorted set on one key", ["a: BLPOP k 0", "b: BZPOPMIN k 0", "c: ZADD k 1 x", "c: RPUSH k 1"]],
  [
    "RENAME, COPY, MOVE, SORT and RESTORE serve",
    [
      "a: BLPOP l 0",
      "b: RPUSH o 1",
      "b: RENAME o l",
      "a: BLPOP l 0",
      "b: RPUSH o 2",
      "b: COPY o l",
      "a: BLPOP l 0",
      "b: SORT o STORE l",
      "b: SELECT 1",
      "b: RPUSH l 3",
      "a: BLPOP l 0",
      "b: MOVE l 0",
    ],
  ],
  ["SWAPDB serves", ["a: BLPOP l 0", "b: SELECT 1", "b: RPUSH l 1", "b: SWAPDB 0 1"]],
  ["another database serves nobody", ["a: BLPOP l 0", "b: SELECT 1", "b: RPUSH l 1", "b: SELECT 0", "b: RPUSH l 2"]],
  ["BLMOVE fills a list that another waits for", ["a: BLMOVE l m LEFT RIGHT 0", "b: BLPOP m 0", "c: RPUSH l 1", "c: EXISTS l m"]],
  [
    "a chain of BLMOVE, the last first",
    [
      "a: BLPOP n 0",
      "b: BLMOVE m n LEFT RIGHT 0",
      "c: BLMOVE l m LEFT RIGHT 0",
      "d: RPUSH l 1 2 3",
      "d: LRANGE l 0 -1",
      "d: EXISTS m n",
    ],
  ],
  ["BLMOVE onto itself", ["a: BLMOVE l l LEFT RIGHT 0", "b: RPUSH l 1 2", "b: LRANGE l 0 -1"]],
  ["BLMOVE onto what is no list", ["b: SET m x", "a: BLMOVE l m LEFT RIGHT 0", "b: RPUSH l 1", "b: LRANGE l 0 -1"]],
  ["BRPOPLPUSH waits", ["a: BRPOPLPUSH l m 0", "b: RPUSH l 1 2", "b: LRANGE m 0 -1"]],
  ["BLMPOP takes several", ["a: BLMPOP 0 2 l m RIGHT COUNT 2", "b: RPUSH m 1 2 3", "b: LRANGE m 0 -1"]],
  [
    "BZPOPMIN, BZPOPMAX and BZMPOP wait",
    ["a: BZPOPMIN z 0", "b: BZPOPMAX y z 0", "c: BZMPOP 0 2 y z MIN COUNT 5", "d: ZADD z 1 a 2 b 3 c 4 d", "d: EXISTS z"],
  ],
  ["ZADD that only changes a score wakes too", ["a: BZPOPMIN z 0", "b: MULTI", "b: ZADD z 5 a", "b: ZINCRBY z -10 a", "b: EXEC"]],
  ["ZUNIONSTORE serves", ["b: ZADD o 1 a", "a: BZPOPMIN z 0", "b: ZUNIONSTORE z 1 o"]],
  [
    "XREAD waits for what comes",
    [
      "b: XADD x 1-1 f v",
      "a: XREAD BLOCK 0 STREAMS x $",
      "b: XADD x 1-2 f w",
      "a: XREAD COUNT 5 BLOCK 0 STREAMS x y 1-2 0",
      "b: XADD y 5-1 g u",
    ],
  ],
  ["all who read a stream are served", ["a: XREAD BLOCK 0 STREAMS x $", "b: XREAD BLOCK 0 STREAMS x $", "c: XADD x 1-1 f v"]],
  [
    "XREAD of two streams that a transaction fills",
    ["a: XREAD BLOCK 0 STREAMS x y $ $", "b: MULTI", "b: XADD y 1-1 f v", "b: XADD x 1-1 f v", "b: EXEC"],
  ],
  [
    "XREADGROUP waits",
    [
      "b: XGROUP CREATE x g $ MKSTREAM",
      "a: XREADGROUP GROUP g one BLOCK 0 STREAMS x >",
      "c: XREADGROUP GROUP g two BLOCK 0 STREAMS x >",
      "b: XADD x 1-1 f v",
      "b: XADD x 1-2 f v",
      "b: XPENDING x g",
    ],
  ],
  [
    "a group that vanishes while one waits for it",
    ["b: XGROUP CREATE x g $ MKSTREAM", "a: XREADGROUP GROUP g one BLOCK 0 STREAMS x >", "b: XGROUP DESTROY x g"],
  ],
  [
    "a stream that is removed while one waits for its group",
    ["b: XGROUP CREATE x g $ MKSTREAM", "a: XREADGROUP GROUP g one BLOCK 0 STREAMS x >", "b: DEL x", "b: XADD x 1-1 f v"],
  ],
  ["XDEL wakes nobody", ["b: XADD x 1-1 f v", "a: XREAD BLOCK 0 STREAMS x $", "b: XDEL x 1-1", "b: XADD x 1-2 f v"]],
  ["commands behind one that waits take their turn", ["a: BLPOP l 0 ; PING ; INCR n", "b: GET n", "b: RPUSH l 1", "b: GET n"]],
  ["two that wait in one pipeline", ["a: BLPOP l 0 ; BLPOP m 0 ; PING", "b: RPUSH m 2", "b: RPUSH l 1"]],
  ["who leaves waits no more", ["a: BLPOP l 0", "b: BLPOP l 0", "a: leaves", "c: RPUSH l 1", "c: LLEN l"]],
  [
    "CLIENT UNBLOCK lets the time be up, or fails",
    [
      "a: BLPOP l 0",
      "b: PING",
      "b: CLIENT UNBLOCK @a",
      "b: CLIENT UNBLOCK @a",
      "a: BLPOP l 0 ; PING",
      "b: CLIENT UNBLOCK @a ERROR",
      "b: CLIENT UNBLOCK @b",
      "b: RPUSH l 1",
    ],
  ],
  ["CLIENT KILL ends a wait", ["a: BLPOP l 0 ; PING", "b: CLIENT KILL ID @a", "b: RPUSH l 1", "b: LLEN l"]],
  [
    "who is killed in a transaction takes nothing of what follows in it",
    ["a: BLPOP l 0", "b: MULTI", "b: CLIENT KILL ID @a", "b: RPUSH l 1", "b: EXEC", "b: LRANGE l 0 -1"],
  ],
  [
    "what is postponed goes on in order",
    ["a: PING", "b: CLIENT PAUSE 60 WRITE", "a: GET k ; SET k 1 ; GET k", "a: PING", "wait 150", "a: PING"],
  ],
  [
    "CLIENT UNPAUSE",
    ["a: PING", "b: CLIENT PAUSE 100000 WRITE", "a: INCR k ; GET k", "b: GET k", "b: CLIENT UNPAUSE", "b: GET k"],
  ],
  [
    "a transaction that writes waits for the end of a pause",
    [
      "a: MULTI",
      "b: CLIENT PAUSE 100000 WRITE",
      "a: GET k",
      "a: EXEC",
      "a: MULTI",
      "b: CLIENT UNPAUSE",
      "a: INCR k",
      "b: CLIENT PAUSE 100000 WRITE",
      "a: EXEC",
      "b: CLIENT UNPAUSE",
    ],
  ],
  ["a key named twice", ["a: BLPOP l l 0", "b: RPUSH l 1 2"]],
  [
    "errors come before the wait",
    ["a: BLPOP l x", "a: BLPOP l -1", "b: SET s x", "a: BLPOP s 0", "a: BLPOP l s 0", "a: BLMPOP 0 0 l LEFT"],
  ],
  [
    "what is pushed and what is served are told in order",
    ["a: BLPOP l 0", "b: CONFIG SET notify-keyspace-events KElg", "c: PSUBSCRIBE __key*", "b: RPUSH l 1"],
  ],
  [
    "a waiting client in a transaction's order",
    ["a: BLPOP l 0", "b: BLPOP l 0", "c: MULTI", "c: RPUSH l 1", "c: BLPOP l 0", "c: RPUSH l 2", "c: EXEC"],
  ],
  ["an expired list is none", ["b: RPUSH l 1", "b: PEXPIRE l 20", "wait 60", "a: BLPOP l 0", "b: RPUSH l 2"]],
  ["what serves one is gone for WATCH", ["c: WATCH l", "a: BLPOP l 0", "b: RPUSH l 1", "c: MULTI", "c: PING", "c: EXEC"]],
  ["LINSERT and LPUSHX need a list", ["a: BLPOP l 0", "b: LPUSHX l 1", "b: LINSERT l BEFORE x y", "b: RPUSH l 2"]],
];

const without = (message: unknown): unknown => {
  const map = (message as { readonly map?: readonly unknown[] } | null)?.map;
  // The id of a connection is its server's own.
  return Array.isArray(map) && map[6] === "id" ? { map: map.toSpliced(7, 1) } : message;
};

test.each(cases)("%s", (_name, steps) => both.agree(steps, without));

test("who has waited was called once, by what INFO counts", () => {
  const counted = (message: unknown): unknown =>
    String(message)
      .match(/cmdstat_(?:blpop|bzpopmin):calls=\d+/g)
      ?.toSorted() ?? message;
  const steps = [
    "b: CONFIG RESETSTAT",
    "a: BLPOP l 0",
    "b: RPUSH l 1",
    "a: BZPOPMIN z 0",
    "b: ZADD z 1 m",
    "b: INFO commandstats",
  ];
  return both.agree(steps, counted);
});

test("CLIENT PAUSE holds everybody, whoever paused included, until its time is up", () => {
  const clock = new StillClock(1_000_000);
  const engine = new Engine({ clock, commands });
  const [a, b] = [engine.connect(), engine.connect()];
  const heard: Reply[] = [];
  const call = (session: typeof a, ...args: string[]): void => session.call(args, (reply) => heard.push(reply));
  a.execute(["CLIENT", "PAUSE", "100"]);
  call(b, "INCR", "n");
  call(a, "CLIENT", "UNPAUSE");
  call(b, "INCR", "n");
  clock.set(1_000_099);
  expect(heard).toEqual([]);
  clock.set(1_000_100);
  expect(heard).toEqual([1, 2, expect.objectContaining({ text: "OK" })]);
});

test("an error of the engine in a call that had waited is its reply, and nobody else's affair", () => {
  const clock = new StillClock(1_000_000);
  const broken: CommandSpec = {
    name: "broken",
    arity: 1,
    group: "generic",
    flags: [],
    run: () => {
      throw new Error("no room\nfor it");
    },
  };
  const engine = new Engine({ clock, commands: new Map([...commands, ["broken", broken]]) });
  const [a, b] = [engine.connect(), engine.connect()];
  const heard: Reply[] = [];
  const call = (...args: string[]): void => a.call(args, (reply) => heard.push(reply));
  const failed = expect.objectContaining({ message: "ERR the embedded engine failed: no room for it" });
  b.execute(["CLIENT", "PAUSE", "100"]);
  call("BROKEN");
  call("INCR", "n");
  clock.set(1_000_100);
  expect(heard).toEqual([failed, 1]);
  call("BLPOP", "l", "0");
  call("BROKEN");
  call("INCR", "n");
  expect(b.execute(["RPUSH", "l", "1"])).toBe(1);
  expect(heard.slice(2)).toEqual([["l", "1"], failed, 2]);
});

test("a wait keeps neither a timer nor a place in the line once it is over", () => {
  const clock = new StillClock();
  let waiting = 0;
  const counted = {
    now: () => clock.now(),
    after(ms: number, wake: () => void) {
      waiting++;
      const callOff = clock.after(ms, wake);
      return () => {
        waiting--;
        callOff();
      };
    },
  };
  const engine = new Engine({ clock: counted, commands });
  const [a, b] = [engine.connect(), engine.connect()];
  a.call(["BLPOP", "l", "m", "100"], () => {});
  expect(waiting).toBe(1);
  b.execute(["RPUSH", "l", "1"]);
  expect(waiting).toBe(0);
  b.call(["BLPOP", "l", "m", "100"], () => {});
  b.close();
  expect([waiting, engine.parking.size]).toEqual([0, 0]);
  a.execute(["RPUSH", "m", "1"]);
  expect(a.execute(["LLEN", "m"])).toBe(1);
});

test("who is woken may call again from its reply, and whoever woke it is answered first", () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const [a, b] = [engine.connect(), engine.connect()];
  const heard: unknown[] = [];
  const again = (reply: Reply): void => {
    heard.push(reply);
    if (heard.length < 5) a.call(["BLPOP", "l", "0"], again);
  };
  a.call(["BLPOP", "l", "0"], again);
  b.call(["RPUSH", "l", "1", "2", "3"], (reply) => heard.push(reply));
  expect(heard).toEqual([3, ["l", "1"], ["l", "2"], ["l", "3"]]);
});

test("an error while a waiting client is served is told to that client alone", () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const heard: [string, Reply][] = [];
  const call = (name: string, ...args: string[]): void => engine.connect().call(args, (reply) => heard.push([name, reply]));
  call("a", "BLPOP", "l", "0");
  call("b", "BLPOP", "m", "0");
  engine.log = {
    append: (_database, _now, commands) => {
      if (commands[0]?.join(" ") === "BLPOP l 0") throw new RangeError("Array buffer\nallocation failed");
      return undefined;
    },
  };
  call("c", "EVAL", "redis.call('RPUSH', 'l', 1) redis.call('RPUSH', 'm', 2) return 'pushed'", "0");
  expect(heard).toEqual([
    ["c", "pushed"],
    ["a", new Refusal("ERR the embedded engine failed: Array buffer allocation failed")],
    ["b", ["m", "2"]],
  ]);
  engine.stop();
});
