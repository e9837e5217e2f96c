import { afterAll, beforeAll, describe, test } from "vitest";
import { SideBySide, type Step } from "../../session/fixtures/index.ts";
import { commands } from "../all.ts";

const sequences: Readonly<Record<string, readonly Step[]>> = {
  "XREAD waits for what comes": [
    "a: XREAD BLOCK 0 STREAMS s $",
    "b: XADD s 1-1 f v",
    "b: XADD s 2-1 f v",
    "a: XREAD STREAMS s 0",
  ],
  "XREAD waits after an id": ["b: XADD s 1-1 f v", "a: XREAD BLOCK 0 STREAMS s 1-1", "b: XADD s 1-2 f v"],
  "XREAD's $ is that of the beginning": [
    "b: XADD s 5-5 f v",
    "a: XREAD BLOCK 0 STREAMS s t $ $",
    "b: MULTI ; XADD t 0-1 f v ; XADD s 5-6 f v ; EXEC",
  ],
  "XREAD is served from the stream that was ready first": [
    "a: XREAD BLOCK 0 STREAMS s t $ $",
    "b: MULTI ; XADD t 1-1 f v ; XADD s 1-1 f v ; XADD s 1-2 f v ; EXEC",
  ],
  "XREAD gets what one transaction added": ["a: XREAD BLOCK 0 STREAMS s $", "b: MULTI ; XADD s 1-1 f v ; XADD s 1-2 f v ; EXEC"],
  "XREAD with COUNT": ["a: XREAD COUNT 1 BLOCK 0 STREAMS s $", "b: MULTI ; XADD s 1-1 f v ; XADD s 1-2 f v ; EXEC"],
  "XREAD of what is gone already": ["a: XREAD BLOCK 0 STREAMS s $", "b: MULTI ; XADD s 1-1 f v ; XDEL s 1-1 ; EXEC"],
  "XREAD passes over other types": ["a: XREAD BLOCK 0 STREAMS s $", "b: SET s v", "b: DEL s", "b: XADD s 1-1 f v"],
  "XREAD passes over what it has seen": ["a: XREAD BLOCK 0 STREAMS s 5", "b: XADD s 1-1 f v", "b: XADD s 6-1 f v"],
  "XREAD wakes by RENAME, COPY and RESTORE of a transaction": [
    "b: XADD t 1-1 f v",
    "a: XREAD BLOCK 0 STREAMS s $",
    "b: RENAME t s",
  ],
  "XREAD of several clients": ["a: XREAD BLOCK 0 STREAMS s $", "c: XREAD BLOCK 0 STREAMS s 0", "b: XADD s 1-1 f v"],
  "XREAD until its time is up": ["a: XREAD BLOCK 20 STREAMS s $", "wait 30", "b: XADD s 1-1 f v", "a: XREAD COUNT 5 STREAMS s 0"],
  "XREADGROUP until its time is up": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 20 STREAMS s >",
    "wait 30",
    "b: XINFO CONSUMERS s g",
  ],
  "XREAD until its time is up, in RESP3": ["a: HELLO 3", "a: XREAD BLOCK 20 STREAMS s $", "wait 30"],
  "XREAD in RESP3": ["a: HELLO 3", "a: XREAD BLOCK 0 STREAMS s $", "b: XADD s 1-1 f v"],
  "XREAD in a transaction": ["a: MULTI ; XREAD BLOCK 0 STREAMS s $ ; EXEC"],
  "XREAD in a script": [
    ["a", ["EVAL", "return redis.call('XREAD', 'STREAMS', 's', '0')", "0"]],
    ["a", ["EVAL", "return redis.call('xrEAD', 'BLOCK', '0', 'STREAMS', 's', '0')", "0"]],
    ["a", ["EVAL", "return redis.pcall('xread', 'COUNT', 'x', 'BLOCK', '0', 'STREAMS', 's', '0')", "0"]],
    ["b", ["XADD", "s", "1-1", "f", "v"]],
    ["a", ["EVAL", "return redis.call('XREAD', 'STREAMS', 's', '0')", "0"]],
  ],
  "XREADGROUP waits for what comes": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: XINFO GROUPS s",
    "b: XADD s 1-1 f v",
    "b: XPENDING s g",
    "b: XADD s 2-1 f v",
  ],
  "XREADGROUP serves each entry to one": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "d: XREADGROUP GROUP g e BLOCK 0 STREAMS s >",
    "b: XADD s 1-1 f v",
    "b: XADD s 2-1 f v",
    "b: XPENDING s g",
  ],
  "XREADGROUP of two groups": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "b: XGROUP CREATE s h $",
    "a: XREADGROUP GROUP g c NOACK BLOCK 0 STREAMS s >",
    "d: XREADGROUP GROUP h e BLOCK 0 STREAMS s >",
    "b: XADD s 1-1 f v",
    "b: XINFO GROUPS s",
  ],
  "XREADGROUP of a group named streams": [
    "b: XGROUP CREATE s streams $ MKSTREAM",
    "b: XGROUP CREATE t streams $ MKSTREAM",
    "a: XREADGROUP COUNT 1 GROUP streams streams BLOCK 0 STREAMS s t > >",
    "b: XADD t 1-1 f v",
    "b: XINFO CONSUMERS t streams",
  ],
  "XREADGROUP whose group goes away": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: XGROUP DESTROY s g",
  ],
  "XREADGROUP while another group goes away": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "b: XGROUP CREATE s h $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: XGROUP DESTROY s h",
    "b: XADD s 1-1 f v",
  ],
  "XREADGROUP whose stream is deleted": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: DEL s",
  ],
  "XREADGROUP whose stream is unlinked with others": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "b: XGROUP CREATE t g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s t > >",
    "b: UNLINK t",
  ],
  "XREADGROUP whose stream is overwritten": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: SET s v",
  ],
  "XREADGROUP whose stream is flushed": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: FLUSHALL",
  ],
  "XREADGROUP whose stream is renamed": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: RENAME s t",
  ],
  "XREADGROUP whose stream is replaced": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: MULTI ; DEL s ; XADD s 1-1 f v ; EXEC",
  ],
  "XREADGROUP whose stream is replaced with its group": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: MULTI ; DEL s ; XADD s 1-1 f v ; XGROUP CREATE s g 0 ; EXEC",
    "b: XPENDING s g",
  ],
  "XREADGROUP whose stream expires": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s >",
    "b: PEXPIRE s 1",
    "wait 20",
    "b: EXISTS s",
  ],
  "XREADGROUP of the past does not wait": [
    "b: XGROUP CREATE s g $ MKSTREAM",
    "a: XREADGROUP GROUP g c BLOCK 0 STREAMS s 0",
    "b: XINFO GROUPS s",
  ],
};

describe("clients that wait for streams", () => {
  let both: SideBySide;
  beforeAll(async () => {
    both = await SideBySide.start(commands);
  });
  afterAll(() => both.stop());

  test.each(Object.entries(sequences))("%s", (_, steps) => both.agree(steps, withoutTimes));
});

/** Replaces how long a consumer was idle, and the number of a client. */
function withoutTimes(message: unknown): unknown {
  if (!Array.isArray(message)) return isMap(message) ? { map: withoutTimes(message.map) } : message;
  return message.map((item, at) => (message[at - 1] === "idle" || message[at - 1] === "id" ? "any" : withoutTimes(item)));
}

/** A map of RESP3. */
function isMap(message: unknown): message is { readonly map: unknown } {
  return message !== null && typeof message === "object" && "map" in message;
}
