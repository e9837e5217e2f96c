import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../testing/index.ts";
import { plain, RawClient, StillClock } from "../../fixtures/index.ts";
import { Engine, type Session } from "../../session/index.ts";
import { commands } from "../all.ts";
import { crc64 } from "./rdb/index.ts";

type Commands = readonly (readonly string[])[];

const lines = (text: string): string[][] =>
  text
    .trim()
    .split("\n")
    .map((line) => line.trim().split(" "));
const added = (count: number, fields = "a 1"): Commands =>
  Array.from({ length: count }, (_, at) => `XADD k ${at + 1}-1 ${fields}`.split(" "));
const max = "18446744073709551615";

const streams: Readonly<Record<string, Commands>> = {
  "one entry": added(1),
  "nodes of a hundred entries": added(250, "name ann age 7"),
  "nodes of four kilobytes": added(30, `a ${"x".repeat(1000)}`),
  "a long entry": added(2, `a ${"x".repeat(70_000)}`),
  "entries of other names": lines("XADD k 1-1 a 1\nXADD k 1-2 b 1\nXADD k 2-0 a 2 b 3\nXADD k 3-0 a 4"),
  "numbers of all sizes": lines(
    ["0", "-1", "127", "128", "-4096", "4095", "-4097", "32767", "-32769", "8388607", "-8388609", "2147483647", "-2147483649"]
      .concat("9223372036854775807", "-9223372036854775808", "9223372036854775808", "007", "-0", "1.5")
      .map((number, at) => `XADD k ${at + 1} ${number} ${number}`)
      .join("\n"),
  ),
  "ids far apart": lines(`XADD k 0-1 a 1\nXADD k 5-${max} a 1\nXADD k 6-0 a 1\nXADD k ${max}-${max} a 1`),
  "many fields": added(2, Array.from({ length: 200 }, (_, at) => `f${at} ${at}`).join(" ")),
  "text of length 63, 64, 4095 and 4096": [63, 64, 4095, 4096].flatMap((length, at) => [
    ["XADD", "k", String(at + 1), "f", "t".repeat(length)],
  ]),
  nothing: lines("XGROUP CREATE k g $ MKSTREAM\nXGROUP DESTROY k g"),
  "no entry left": lines("XADD k 5-1 a 1\nXADD k 6-1 a 1\nXDEL k 5-1 6-1"),
  "entries deleted at both ends and between": [...added(20), ...lines("XDEL k 1-1 7-1 8-1 20-1")],
  "a node whose first and last entries are deleted": [...added(120), ...lines("XDEL k 1-1 100-1 99-1 101-1")],
  "a trimmed one": [...added(250), ...lines("XTRIM k MAXLEN 30")],
  "one whose counters were set": lines("XADD k 1-1 a 1\nXSETID k 9-9 ENTRIESADDED 99999999999 MAXDELETEDID 5-5"),
  "groups and consumers": [
    ...added(10),
    ...lines(`XGROUP CREATE k g 0
      XGROUP CREATE k 12 5-1 ENTRIESREAD 5
      XGROUP CREATE k untold 5-5
      XGROUP CREATE k empty $
      XGROUP CREATECONSUMER k g idle
      XREADGROUP GROUP g b COUNT 3 STREAMS k >
      XREADGROUP GROUP g a COUNT 4 STREAMS k >
      XREADGROUP GROUP 12 7 STREAMS k >
      XACK k g 2-1
      XDEL k 5-1
      XCLAIM k g c 0 1-1 3-1 TIME 1700000000000 RETRYCOUNT 300
      XCLAIM k g c 0 4-1 TIME 1 RETRYCOUNT 9223372036854775807 JUSTID`),
  ],
  "many that are pending": [...added(900), ...lines("XGROUP CREATE k g 0\nXREADGROUP GROUP g c STREAMS k >")],
};

/** What is done with a stream after it has moved: it begins nodes, trims and reads where it would have before. */
const after: Commands = [
  ...Array.from({ length: 130 }, (_, at) => ["XADD", "k", `${at + 5000}-1`, "a", String(at)]),
  ...lines("XTRIM k MAXLEN ~ 140\nXTRIM k MINID ~ 105\nXREADGROUP GROUP g z COUNT 2 STREAMS k >\nXDEL k 5000-1\nXLEN k"),
];

describe("streams go from one to the other", () => {
  let server: RedisServer;
  let real: RawClient;
  let ours: Session;
  beforeAll(async () => {
    server = await startRedis({ engine: "redis-server" });
    real = await RawClient.open(server.socket);
    await real.send([["CONFIG", "SET", "rdbcompression", "no"]]);
    ours = new Engine({ clock: new StillClock(), commands }).connect();
  });
  afterAll(async () => {
    real.close();
    await server.stop();
  });

  type Ask = (sequence: Commands) => Promise<unknown[]>;
  const there: Ask = async (sequence) => (await real.send(sequence)).map(plain);
  const here: Ask = async (sequence) => sequence.map((args) => plain(ours.execute(args) as never));
  const show: Commands = [
    ["XINFO", "STREAM", "k"],
    "XINFO STREAM k FULL COUNT 0".split(" "),
    "XREVRANGE k + - COUNT 3".split(" "),
  ];
  /** Moves what `from` holds, and expects it to be the same there, and to go back. @returns what was moved */
  async function move(from: Ask, to: Ask): Promise<string> {
    const [payload] = (await from([["DUMP", "k"]])) as [string];
    await to([["DEL", "k"]]);
    expect(await to([["RESTORE", "k", "0", payload]])).toEqual([{ status: "OK" }]);
    expect(await to(show)).toEqual(await from(show));
    return payload;
  }

  test.each(Object.entries(streams))(
    "%s, which Redis dumped, is restored here and goes on as it would there",
    async (_, make) => {
      await there([["FLUSHALL"], ...make]);
      await move(there, here);
      expect(await here(after)).toEqual(await there(after));
      expect((await here(show))[0]).toEqual((await there(show))[0]);
    },
  );

  test.each(Object.entries(streams))("%s, which was dumped here, is restored in Redis, and here", async (name, make) => {
    await here([["FLUSHALL"], ...make]);
    const payload = await move(here, there);
    const [again] = (await there([["DUMP", "k"]])) as [string];
    expect(again === payload).toBe(true);
    if (!/delete|left|trimmed|groups/.test(name)) {
      // Times apart, it is what Redis would have written, byte for byte.
      await there([["FLUSHALL"], ...make]);
      const [own] = (await there([["DUMP", "k"]])) as [string];
      expect(own.length).toBe(payload.length);
      if (!name.includes("pending")) expect(own === payload).toBe(true);
    }
    await move(here, here);
  });

  test("any stream goes there and back, and is the same", async () => {
    const id = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 3 })).map(([ms, seq]) => `${ms}-${seq}`);
    const group = fc.constantFrom("g", "h");
    const command: fc.Arbitrary<readonly string[]> = fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom("a", "b", "c").map((name) => ["XADD", "k", "9-*", name, "1"]) },
      { weight: 1, arbitrary: id.map((each) => ["XADD", "k", each, "a", "2"]) },
      {
        weight: 2,
        arbitrary: fc.tuple(id, fc.integer({ min: 0, max: 9 })).map(([each, seq]) => ["XDEL", "k", each, `9-${seq}`]),
      },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 5 }).map((length) => ["XTRIM", "k", "MAXLEN", String(length)]) },
      { weight: 1, arbitrary: fc.tuple(group, id).map(([name, each]) => ["XGROUP", "CREATE", "k", name, each, "MKSTREAM"]) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(group, fc.constantFrom("x", "y"))
          .map(([name, who]) => `XREADGROUP GROUP ${name} ${who} COUNT 2 STREAMS k >`.split(" ")),
      },
      { weight: 1, arbitrary: fc.tuple(group, id).map(([name, each]) => ["XACK", "k", name, each]) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (sequence) => {
        await here([["FLUSHALL"], "XGROUP CREATE k g 0 MKSTREAM".split(" "), ...sequence]);
        await move(here, there);
        await move(there, here);
      }),
      { numRuns: Number(process.env["REDLUA_FUZZ_RUNS"] ?? 200) },
    );
  }, 60_000);
});

test("what no Redis wrote is refused, whatever byte of it was changed, or it is a stream", () => {
  const session = new Engine({ clock: new StillClock(), commands }).connect();
  const say = (...args: string[]): unknown => plain(session.execute(args) as never);
  for (const args of streams["groups and consumers"] as Commands) say(...args);
  const payload = say("DUMP", "k") as string;
  const answers = new Set<unknown>();
  for (let at = 1; at < payload.length - 10; at++) {
    const damaged = payload.slice(0, at) + String.fromCharCode(payload.charCodeAt(at) ^ 0x11) + payload.slice(at + 1, -8);
    const answer = say("RESTORE", "k", "0", damaged + crc64(damaged, damaged.length), "REPLACE");
    answers.add(JSON.stringify(answer));
    say("XINFO", "STREAM", "k", "FULL");
    say("XRANGE", "k", "-", "+");
  }
  expect([...answers].sort()).toEqual(['{"error":"ERR Bad data format"}', '{"status":"OK"}']);
});
