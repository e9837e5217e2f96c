import { afterAll, beforeAll, describe, test } from "vitest";
import { Differential } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { stringCommands } from "../strings/index.ts";
import { addSequences, groupSequences, lines, pendingSequences, sequences, timeless, trimSequences } from "./fixtures/index.ts";
import { streamCommands } from "./index.ts";

describe("streams agree with Redis", () => {
  let redis: Differential;
  beforeAll(async () => {
    redis = await Differential.start([...streamCommands, ...genericCommands, ...stringCommands]);
  });
  afterAll(() => redis.stop());

  test("on what COMMAND INFO tells", () => redis.agreeOnSpecs(streamCommands));

  test.each(Object.entries({ ...addSequences, ...sequences, ...trimSequences, ...groupSequences, ...pendingSequences }))(
    "on %s",
    (_, text) => redis.agree(lines(text), { normalize: timeless }),
  );

  test("on bytes that are no text", () =>
    redis.agree(
      [
        ["XADD", "\0s", "1-1", "\xff", "\r\n", "", ""],
        ["XRANGE", "\0s", "-", "+"],
        ["XGROUP", "CREATE", "\0s", "\xfe\0", "0"],
        ["XREADGROUP", "GROUP", "\xfe\0", "", "STREAMS", "\0s", ">"],
        ["XINFO", "GROUPS", "\0s"],
        ["XADD", "s", "1\0-2", "a", "b"],
        ["XADD", "s", "", "a", "b"],
        ["XREADGROUP", "GROUP", "a\r\nb", "c", "STREAMS", "no\0ne", ">"],
      ],
      { normalize: timeless },
    ));

  test("on the events that they tell", () =>
    redis.agree(
      lines(`
        XADD s 1-1 a b
        XADD s MAXLEN 1 2-1 a b
        XADD s MAXLEN ~ 1 3-1 a b
        XTRIM s MAXLEN 5
        XTRIM s MAXLEN 1
        XADD s 4-1 a b
        XDEL s 4-1 9-9
        XDEL s 9-9
        XSETID s 9-9
        XGROUP CREATE s g 0
        XGROUP CREATE s g 0
        XGROUP CREATE m g $ MKSTREAM
        XGROUP SETID s g 0
        XGROUP CREATECONSUMER s g c
        XGROUP CREATECONSUMER s g c
        XREADGROUP GROUP g d STREAMS s >
        XREADGROUP GROUP g e NOACK STREAMS s 0
        XCLAIM s g f 0 3-1
        XAUTOCLAIM s g h 0 0
        XACK s g 3-1
        XGROUP DELCONSUMER s g f
        XGROUP DELCONSUMER s g f
        XGROUP DESTROY s g
        XGROUP DESTROY s g
        XADD none NOMKSTREAM 1-1 a b
        DEL s m
      `),
      { normalize: timeless, events: true },
    ));
});
