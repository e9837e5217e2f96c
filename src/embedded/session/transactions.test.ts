import { afterAll, beforeAll, test } from "vitest";
import { commands } from "../command/all.ts";
import { SideBySide, type Step } from "./fixtures/index.ts";

let both: SideBySide;
beforeAll(async () => {
  both = await SideBySide.start(commands);
});
afterAll(() => both.stop());

const cases: readonly (readonly [string, readonly Step[]])[] = [
  ["queued commands run at EXEC, in order", ["a: MULTI", "a: SET k 1", "a: INCR k", "b: GET k", "a: EXEC", "b: GET k"]],
  ["an empty transaction answers an empty list", ["a: MULTI", "a: EXEC"]],
  ["DISCARD forgets what was queued", ["a: MULTI", "a: SET k 1", "a: DISCARD", "a: GET k", "a: EXEC"]],
  ["EXEC, DISCARD and UNWATCH without MULTI", ["a: EXEC", "a: DISCARD", "a: UNWATCH"]],
  ["MULTI in MULTI is refused and harms nothing", ["a: MULTI", "a: MULTI", "a: SET k 1", "a: EXEC"]],
  ["WATCH in MULTI is refused and harms nothing", ["a: MULTI", "a: WATCH k", "a: UNWATCH", "a: SET k 1", "a: EXEC"]],
  ["an unknown command aborts", ["a: MULTI", "a: SET k 1", "a: NOSUCH x", "a: EXEC", "a: GET k", "a: EXEC"]],
  ["a wrong count of arguments aborts", ["a: MULTI", "a: GET", "a: SET k 1", "a: EXEC", "a: GET k"]],
  ["an unknown subcommand aborts", ["a: MULTI", "a: CONFIG NOSUCH", "a: EXEC"]],
  ["EXEC with an argument too many ends the transaction", ["a: MULTI", "a: SET k 1", "a: EXEC now", "a: EXEC"]],
  ["DISCARD with an argument too many aborts it", ["a: MULTI", "a: DISCARD now", "a: EXEC"]],
  ["an error while it runs stops nothing", ["a: MULTI", "a: SET k x", "a: INCR k", "a: LPUSH k 1", "a: GET k", "a: EXEC"]],
  [
    "commands without a transaction's leave are refused",
    ["a: MULTI", "a: SAVE", "a: EXEC", "a: MULTI", "a: SHUTDOWN", "a: DISCARD"],
  ],
  [
    "a watched key that was changed",
    ["a: WATCH k", "b: SET k 1", "a: MULTI", "a: GET k", "a: EXEC", "a: MULTI", "a: GET k", "a: EXEC"],
  ],
  ["a change between MULTI and EXEC", ["a: WATCH k l", "a: MULTI", "a: GET k", "b: LPUSH l 1", "a: EXEC"]],
  ["one's own change counts", ["a: WATCH k", "a: SET k 1", "a: MULTI", "a: GET k", "a: EXEC"]],
  [
    "a change that changed nothing does not count",
    ["b: SADD s 1", "a: WATCH s n", "b: SADD s 1", "b: DEL n", "a: MULTI", "a: PING", "a: EXEC"],
  ],
  ["UNWATCH forgets", ["a: WATCH k", "b: SET k 1", "a: UNWATCH", "a: MULTI", "a: GET k", "a: EXEC"]],
  ["DISCARD forgets what is watched", ["a: WATCH k", "a: MULTI", "a: DISCARD", "b: SET k 1", "a: MULTI", "a: GET k", "a: EXEC"]],
  ["EXEC forgets what is watched", ["a: WATCH k", "a: MULTI", "a: EXEC", "b: SET k 1", "a: MULTI", "a: GET k", "a: EXEC"]],
  [
    "an aborted EXEC forgets what is watched",
    ["a: WATCH k", "a: MULTI", "a: NOSUCH", "a: EXEC", "b: SET k 1", "a: MULTI", "a: EXEC"],
  ],
  ["broken and changed is broken", ["a: WATCH k", "b: SET k 1", "a: MULTI", "a: NOSUCH", "a: EXEC"]],
  ["a key of another database is another key", ["a: WATCH k", "b: SELECT 1", "b: SET k 1", "a: MULTI", "a: PING", "a: EXEC"]],
  ["keys watched in two databases", ["a: WATCH k", "a: SELECT 1", "a: WATCH k", "b: SET k 1", "a: MULTI", "a: PING", "a: EXEC"]],
  ["FLUSHALL changes what was there", ["b: SET k 1", "a: WATCH k", "b: FLUSHALL", "a: MULTI", "a: PING", "a: EXEC"]],
  ["FLUSHDB does not change what was not there", ["b: SET o 1", "a: WATCH k", "b: FLUSHDB", "a: MULTI", "a: PING", "a: EXEC"]],
  ["SWAPDB brings a key", ["b: SELECT 1", "b: SET k 1", "a: WATCH k", "b: SWAPDB 0 1", "a: MULTI", "a: GET k", "a: EXEC"]],
  ["SWAPDB brings none", ["b: SET o 1", "a: WATCH k", "b: SWAPDB 0 1", "a: MULTI", "a: PING", "a: EXEC"]],
  ["a watched key expires", ["b: SET k 1 PX 500", "a: WATCH k", "wait 530", "a: MULTI", "a: GET k", "a: EXEC"]],
  [
    "a watched key expires, and nobody has looked since",
    [
      "b: DEBUG SET-ACTIVE-EXPIRE 0",
      "b: SET k 1 PX 500",
      "a: WATCH k",
      "wait 530",
      "a: MULTI",
      "a: PING",
      "a: EXEC",
      "b: DEBUG SET-ACTIVE-EXPIRE 1",
    ],
  ],
  [
    "a key that had expired when it was watched, and is removed then",
    [
      "b: DEBUG SET-ACTIVE-EXPIRE 0",
      "b: SET k 1 PX 20",
      "wait 60",
      "a: WATCH k",
      "b: GET k",
      "a: MULTI",
      "a: PING",
      "a: EXEC",
      "b: DEBUG SET-ACTIVE-EXPIRE 1",
    ],
  ],
  [
    "a key that had expired when it was watched, and is set then",
    [
      "b: DEBUG SET-ACTIVE-EXPIRE 0",
      "b: SET k 1 PX 20",
      "wait 60",
      "a: WATCH k",
      "b: SET k 2",
      "a: MULTI",
      "a: PING",
      "a: EXEC",
      "b: DEBUG SET-ACTIVE-EXPIRE 1",
    ],
  ],
  ["an expiry alone is a change", ["b: SET k 1", "a: WATCH k", "b: EXPIRE k 100", "a: MULTI", "a: PING", "a: EXEC"]],
  ["RENAME onto a watched key", ["b: SET o 1", "a: WATCH k", "b: RENAME o k", "a: MULTI", "a: PING", "a: EXEC"]],
  ["a script's change counts", ["a: WATCH k", ["b", ["EVAL", "redis.call('SET', KEYS[1], 1)", "1", "k"]], "a: MULTI", "a: EXEC"]],
  ["SELECT in a transaction lasts", ["a: MULTI", "a: SELECT 2", "a: SET k 1", "a: EXEC", "a: GET k", "a: SELECT 0", "a: GET k"]],
  [
    "what would block answers at once",
    [
      "a: MULTI",
      "a: BLPOP l 0",
      "a: BLMOVE l m LEFT LEFT 0",
      "a: BLMPOP 0 1 l LEFT",
      "a: BZPOPMIN z 0",
      "a: XREAD BLOCK 0 STREAMS x $",
      "a: BRPOPLPUSH l m 0",
      "a: EXEC",
    ],
  ],
  [
    "a script that runs in a transaction",
    ["a: MULTI", ["a", ["EVAL", "return redis.call('INCR', KEYS[1])", "1", "k"]], "a: GET k", "a: EXEC"],
  ],
  ["RESET and QUIT end it", ["a: MULTI", "a: SET k 1", "a: RESET", "a: EXEC", "a: GET k", "b: MULTI", "b: QUIT"]],
  ["RESP3 answers null for a transaction that did not run", ["a: HELLO 3", "a: WATCH k", "b: SET k 1", "a: MULTI", "a: EXEC"]],
  [
    "SUBSCRIBE in a transaction",
    ["a: MULTI", "a: SUBSCRIBE one two", "a: EXEC", "a: PING", "b: PUBLISH one x", "b: PUBLISH two y"],
  ],
  ["PUBLISH in a transaction is heard after it", ["b: SUBSCRIBE c", "a: MULTI", "a: PUBLISH c 1", "a: PUBLISH c 2", "a: EXEC"]],
  ["a whole transaction in one pipeline", ["a: WATCH k ; MULTI ; SET k 1 ; GET k ; EXEC ; PING"]],
  ["who leaves in a transaction leaves nothing", ["a: WATCH k", "a: MULTI", "a: SET k 1", "a: leaves", "b: GET k", "b: SET k 2"]],
];

const without = (message: unknown): unknown => {
  const map = (message as { readonly map?: readonly unknown[] } | null)?.map;
  // The id of a connection is its server's own.
  return Array.isArray(map) && map[6] === "id" ? { map: map.toSpliced(7, 1) } : message;
};

test.each(cases)("%s", (_name, steps) => both.agree(steps, without));
