import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type Contract, run, type Script } from "../script/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { everything, writeEntry } from "./entry-format.ts";
import { entryKeys } from "./keys.ts";
import * as scripts from "./scripts.gen.ts";

let server: RedisServer;
let redis: RedisPort;
const keys = entryKeys("cache", "a");
const { value, lease } = keys;
const told = { channel: "cache:changes", message: "dabc" };
const token = "mine.";

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis?.close();
  await server?.stop();
});
beforeEach(() => send("FLUSHALL"));

function send(...command: (string | Uint8Array)[]): Promise<unknown> {
  return redis.send(command, { resend: "ok" });
}

function entryOf(payload: string, deltaMs = 0, graceMs = 60_000): Uint8Array {
  const bonds = [{ tag: everything, epoch: "aaaaaaaaaaaa" }];
  return writeEntry({ graceMs, deltaMs, stamp: payload.length, slidingMs: 0, bonds, payload });
}

/** All there is: values and, to the second, how long they live. */
async function state(): Promise<Record<string, unknown>> {
  const names = ((await send("KEYS", "*")) as string[]).sort();
  const all = names.map(async (name) => [name, await send("GET", name), Math.ceil(Number(await send("PTTL", name)) / 1_000)]);
  return Object.fromEntries((await Promise.all(all)).map(([name, ...rest]) => [name, rest]));
}

/** Runs a script twice, as after a lost reply, and answers what both came to. */
async function twice<C extends Contract>(script: Script<C>, of: C["keys"], args: C["args"]): Promise<C["reply"]> {
  const first = await run(redis, script, of, args);
  const after = await state();
  expect(await run(redis, script, of, args)).toEqual(first);
  expect(await state()).toEqual(after);
  return first;
}

const look = { token, leaseMs: 5_000, draw: 0, stale: true, unfit: null };

test("reading twice takes the lead once, and keeps it", async () => {
  expect(await twice(scripts.read, keys, look)).toEqual({ outcome: "miss", leads: true, leaseLeftMs: 0 });
  expect(await state()).toEqual({ [lease]: [token, 5] });
});

test("who waits marks the lease once, and only the leader's outcome is published", async () => {
  await send("SET", lease, "other.", "PX", "9000");
  expect(await run(redis, scripts.read, keys, look)).toMatchObject({ outcome: "miss", leads: false });
  const before = await state();
  await run(redis, scripts.read, keys, look);
  expect(await state()).toEqual(before);
  expect(before).toEqual({ [lease]: ["other.w", 9] });
});

test("filling twice stores once, and a lead that was taken away stores nothing", async () => {
  const args = { token, entry: entryOf("new"), px: 90_000, absolute: 0, ...told };
  expect(await twice(scripts.fill, keys, args)).toEqual({ outcome: "lost" });
  await send("SET", lease, token, "PX", "5000");
  expect(await twice(scripts.fill, keys, args)).toEqual({ outcome: "stored" });
  expect(Object.keys(await state())).toEqual([value]);
  await run(redis, scripts.remove, keys, told);
  expect(await run(redis, scripts.fill, keys, args)).toEqual({ outcome: "lost" });
  expect(await state()).toEqual({});
});

test("what became of a lead is published if somebody waits for it, and only then", async () => {
  const heard: string[] = [];
  const end = await redis.subscribe(told.channel, { message: (text) => heard.push(text) });
  const fill = { token, entry: entryOf("new"), px: 90_000, absolute: 0, ...told };
  const release = { token, pauseMs: 0, ...told };
  for (const mark of ["", "w"]) {
    await send("SET", lease, token + mark, "PX", "5000");
    await run(redis, scripts.fill, keys, { ...fill, message: `filled${mark}` });
    await send("SET", lease, token + mark, "PX", "5000");
    await run(redis, scripts.release, { lease }, { ...release, message: `released${mark}` });
  }
  await send("PUBLISH", told.channel, "end");
  await expect.poll(() => heard.at(-1)).toBe("end");
  expect(heard).toEqual(["filledw", "releasedw", "end"]);
  await end();
});

test("renewing, ending, giving up, epochs and invalidation may be sent twice", async () => {
  await send("SET", lease, `${token}w`, "PX", "1000");
  expect(await twice(scripts.renew, { lease }, { token, leaseMs: 9_000 })).toBe(true);
  expect(await twice(scripts.renew, { lease }, { token: "other.", leaseMs: 20_000 })).toBe(false);
  expect(await state()).toEqual({ [lease]: [`${token}w`, 9] });
  expect(await run(redis, scripts.release, { lease }, { token, pauseMs: 3_000, ...told })).toBe(true);
  expect(await twice(scripts.release, { lease }, { token, pauseMs: 3_000, ...told })).toBe(false);
  expect(await state()).toEqual({ [lease]: ["-", 3] });

  await send("SET", value, entryOf("x"), "PX", "90000");
  expect(await twice(scripts.expire, keys, told)).toBe(true);
  const tag = "cache:tag:{t}";
  expect(await twice(scripts.epoch, { tag }, { fresh: "first", keepMs: 10_000 })).toBe("first");
  expect(await twice(scripts.epoch, { tag }, { fresh: "second", keepMs: 10_000 })).toBe("first");
  expect(await twice(scripts.invalidate, { tag }, { fresh: "third", keepMs: 10_000, ...told })).toBe(true);
  expect(await state()).toMatchObject({ [tag]: ["third", 10], [value]: [expect.anything(), 60] });
});

test("an epoch that is read is prolonged when half its time is over", async () => {
  const tag = "cache:tag:{t}";
  await send("SET", tag, "e", "PX", "6000");
  await run(redis, scripts.epoch, { tag }, { fresh: "f", keepMs: 10_000 });
  expect(await state()).toEqual({ [tag]: ["e", 6] });
  await send("PEXPIRE", tag, "4000");
  await run(redis, scripts.epoch, { tag }, { fresh: "f", keepMs: 10_000 });
  expect(await state()).toEqual({ [tag]: ["e", 10] });
});

test("early refresh: when the recompute time, times the draw, reaches the end; for one caller", async () => {
  await send("SET", value, entryOf("x", 1_000), "PX", "65000"); // 5 s left
  const at = async (draw: number, who: string): Promise<string> =>
    (await run(redis, scripts.read, keys, { ...look, draw, token: who })).outcome;
  expect(await at(4, "a.")).toBe("fresh");
  expect(await at(5, "b.")).toBe("early");
  expect(await at(100, "c.")).toBe("fresh");
  expect(await at(5, "b.")).toBe("early");
});

test("who does not take a stale value waits for whoever leads, and marks the lease", async () => {
  await send("SET", value, entryOf("x"), "PX", "30000"); // 30 s into its grace
  await send("SET", lease, "other.", "PX", "9000");
  const { stale, ...rest } = look;
  expect(await run(redis, scripts.read, keys, { ...rest, stale })).toMatchObject({ outcome: "stale", leads: false });
  expect((await state())[lease]).toEqual(["other.", 9]);
  const waiting = await run(redis, scripts.read, keys, { ...rest, stale: false });
  expect(waiting).toMatchObject({ outcome: "stale", leads: false, leaseLeftMs: expect.toSatisfy((ms: number) => ms > 8_000) });
  expect((await state())[lease]).toEqual(["other.w", 9]);
});

test("a reading prolongs an entry once that gains an eighth of its time, and not before", async () => {
  const bonds = [{ tag: everything, epoch: "aaaaaaaaaaaa" }];
  const entry = writeEntry({ graceMs: 60_000, deltaMs: 0, stamp: 1, slidingMs: 8_000, bonds, payload: "x" });
  await send("SET", lease, token, "PX", "5000");
  await run(redis, scripts.fill, keys, { token, entry, px: 68_000, absolute: 3_600_000, ...told });
  const readWith = async (leftMs: number): Promise<number> => {
    await send("PEXPIRE", value, String(60_000 + leftMs));
    expect(await run(redis, scripts.read, keys, look)).toMatchObject({ outcome: "fresh" });
    return Number(await send("PTTL", value)) - 60_000;
  };
  expect(await readWith(6_500)).toBeGreaterThan(7_500);
  expect(await readWith(7_500)).toBeLessThanOrEqual(7_500);
});

test("what is not an entry of this version counts as missing", async () => {
  await send("SET", value, "a value that somebody else stored under this key", "PX", "9000");
  expect(await run(redis, scripts.read, keys, look)).toMatchObject({ outcome: "miss", leads: true });
  await send("SET", value, "short", "PX", "9000");
  expect(await run(redis, scripts.read, keys, look)).toMatchObject({ outcome: "miss", leads: true });
});

test("ending what is too short to be an entry takes it out", async () => {
  for (const foreign of ["a", "abc"]) {
    await send("SET", value, foreign, "PX", "9000");
    await send("SET", lease, token, "PX", "5000");
    expect(await run(redis, scripts.expire, keys, told)).toBe(true);
    expect(await state()).toEqual({});
    expect(await run(redis, scripts.expire, keys, told)).toBe(false);
  }
});

test("ending an entry that has ended does not make it stand in for longer", async () => {
  await send("SET", value, entryOf("v"), "PX", "30000");
  expect(await run(redis, scripts.expire, keys, told)).toBe(true);
  expect(Number(await send("PTTL", value))).toBeLessThanOrEqual(30_000);
});
