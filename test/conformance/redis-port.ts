import { getEventListeners } from "node:events";
import { type Arg, ClientError, type RedisPort, type SendOptions } from "redlua/client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

/** What the suite needs of the server that a port is made for. */
export interface Backend {
  /** Makes a port of the adapter under test. `dead` points it at an address where nobody listens. */
  open(where?: "dead"): Promise<OpenPort>;
  /** Stops the server that serves a key, or all that do, without closing connections. */
  pause(): void;
  resume(): void;
}

export interface OpenPort {
  readonly port: RedisPort;
  /** Closes the port, and the client that it was given. */
  end(): Promise<void>;
}

/** There is no event for what a server has done by itself. */
const often = { interval: 5 };

const never: SendOptions = { resend: "never" };

/** All that the rest of redlua relies on, of any adapter and any server. */
export function describeRedisPort(name: string, start: () => Promise<Backend>): void {
  describe(name, () => {
    let backend: Backend;
    let opened: OpenPort;
    const at = (): RedisPort => opened.port;

    beforeAll(async () => {
      backend = await start();
    });
    beforeEach(async () => {
      opened = await backend.open();
    });
    afterEach(async () => {
      backend.resume();
      await opened.end();
    });
    afterAll(() => backend.resume());

    replies(at);
    batches(at);
    publications(at);
    blocking(at);
    limits(at, () => backend);
    closing(at, () => backend);
  });
}

/** Clients that are connected write what they have been given before the second turn of the event loop from now. */
async function written(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

let keys = 0;

/** A key of its own, so that tests do not meet. */
function freshKey(): string {
  return `key:${++keys}:{${Math.random().toString(36).slice(2)}}`;
}

function lua(script: string, key: string, ...args: readonly Arg[]): readonly Arg[] {
  return ["EVAL", script, "1", key, ...args];
}

async function errorOf(promise: Promise<unknown>): Promise<ClientError> {
  const error = await promise.then(
    () => new Error("It did not fail."),
    (reason: unknown) => reason,
  );
  if (error instanceof ClientError) return error;
  throw error;
}

function replies(at: () => RedisPort): void {
  const scripts: readonly (readonly [reply: string, script: string, expected: unknown])[] = [
    ["an integer", "return 42", 42],
    ["a negative integer", "return -7", -7],
    ["text", "return 'grüße'", "grüße"],
    ["empty text", "return ''", ""],
    ["a status", "return redis.status_reply('FINE')", "FINE"],
    ["null", "return nil", null],
    ["false", "return false", null],
    ["true", "return true", 1],
    ["an array", "return {1, 'two', {3, {}}, false}", [1, "two", [3, []], null]],
    ["an empty array", "return {}", []],
    ["a fraction, cut", "return 3.9", 3],
  ];
  test.each(scripts)("a script's reply arrives as the portable subset: %s", async (_reply, script, expected) => {
    const key = freshKey();
    expect(await at().send(lua(script, key), { key, ...never })).toEqual(expected);
  });

  test("what RESP3 shapes otherwise has the shape of RESP2", async () => {
    const key = freshKey();
    const send = (...command: readonly Arg[]) => at().send(command, { key, ...never });
    await send("HSET", `${key}h`, "a", "1", "b", "2");
    expect(await send("HGETALL", `${key}h`)).toEqual(["a", "1", "b", "2"]);
    await send("ZADD", `${key}z`, "1.5", "m", "2", "n");
    expect(await send("ZRANGE", `${key}z`, "0", "-1", "WITHSCORES")).toEqual(["m", "1.5", "n", "2"]);
    expect(await send("zscore", `${key}z`, "m")).toBe("1.5");
    expect(await send("ZPOPMIN", `${key}z`, "2")).toEqual(["m", "1.5", "n", "2"]);
    await send("SADD", `${key}s`, "one");
    expect(await send("SMEMBERS", `${key}s`)).toEqual(["one"]);
    await send("XADD", `${key}x`, "1-1", "f", "v");
    expect(await send("XREAD", "COUNT", "1", "STREAMS", `${key}x`, "0")).toEqual([[`${key}x`, [["1-1", ["f", "v"]]]]]);
    expect(await send("XRANGE", `${key}x`, "-", "+")).toEqual([["1-1", ["f", "v"]]]);
  });

  test("bytes go and come back as they are", async () => {
    const key = freshKey();
    const bytes = new Uint8Array([0, 255, 13, 10, 36, 0x80, 0xc3, 0x28, 0]);
    // A view into a larger buffer: only its own part is sent.
    const view = new Uint8Array([9, ...bytes, 9]).subarray(1, -1);
    await at().send(["SET", key, view], { key, ...never });
    const reply = await at().send(["GET", key], { key, bytes: true, ...never });
    expect(reply).toBeInstanceOf(Uint8Array);
    expect([...(reply as Uint8Array)]).toEqual([...bytes]);
    const nested = await at().send(lua("return {ARGV[1], 7, {ARGV[1]}}", key, view), { key, bytes: true, ...never });
    expect(nested).toEqual([Buffer.from(bytes), 7, [Buffer.from(bytes)]]);
  });

  test("a key and a command's name may be bytes", async () => {
    const key = Buffer.from(freshKey());
    expect(await at().send([Buffer.from("set"), key, "x"], { key, ...never })).toBe("OK");
    expect(await at().send(["GET", key.toString()], { key, ...never })).toBe("x");
  });

  const refusals: readonly (readonly [
    what: string,
    command: (key: string) => readonly Arg[],
    reply: string,
    applied: "no" | "maybe",
  ])[] = [
    [
      "a command of the wrong type",
      (key) => lua("redis.call('SET', KEYS[1], 'x') return redis.call('LPUSH', KEYS[1], 'y')", key),
      "WRONGTYPE",
      "maybe",
    ],
    ["an error that a script answers", (key) => lua("return redis.error_reply('LOCK_LOST gone')", key), "LOCK_LOST", "maybe"],
    ["an error that a script raises", (key) => lua("error('boom')", key), "ERR", "maybe"],
    ["a script that is not Lua", (key) => lua("this is not Lua", key), "ERR", "no"],
    ["a script that is not there", (key) => ["EVALSHA", "0".repeat(40), "1", key], "NOSCRIPT", "no"],
    ["a command that is not there", (key) => ["NONSENSE", key], "ERR", "no"],
    ["a command with too few arguments", (key) => ["SET", key], "ERR", "no"],
    ["a key of the wrong type", (key) => ["EVAL_RO", "return redis.call('GET', KEYS[1])", "1", key, "x"], "", "no"],
  ];
  test.each(refusals.slice(0, -1))(
    "a refusal carries the server's word and whether anything was done: %s",
    async (_what, command, reply, applied) => {
      const key = freshKey();
      const error = await errorOf(at().send(command(key), { key, ...never }));
      expect(error).toMatchObject({
        code: "CLIENT_REPLY",
        reply: reply === "WRONGTYPE" ? expect.stringMatching(/^(WRONGTYPE|ERR)$/) : reply,
        applied,
      });
    },
  );
}

function batches(at: () => RedisPort): void {
  test("a batch is run in order, on one connection, and a refusal is that entry's alone", async () => {
    const key = freshKey();
    const commands = [
      ["RPUSH", key, "a"],
      ["SCRIPT", "LOAD", "return redis.call('RPUSH', KEYS[1], 'b')"],
      ["INCR", key],
      ["EVALSHA", "3cc55c28b7b6a7e6a1ff5a1bb04f8a8ad4dfe6a5", "1", key],
      ["CLIENT", "ID"],
      ["RPUSH", key, "c"],
      ["CLIENT", "ID"],
      ["LRANGE", key, "0", "-1"],
    ];
    const [first, sha, refused, missing, id, third, sameId, list] = await at().batch(commands, { key, ...never });
    expect([first, third, list]).toEqual([1, 2, ["a", "c"]]);
    expect(sha).toMatch(/^[0-9a-f]{40}$/);
    expect(refused).toMatchObject({ code: "CLIENT_REPLY", reply: "WRONGTYPE", applied: "no" });
    expect(missing).toMatchObject({ code: "CLIENT_REPLY", reply: "NOSCRIPT", applied: "no" });
    expect(id).toBe(sameId);
  });

  test("an empty batch asks nothing", async () => {
    expect(await at().batch([], never)).toEqual([]);
  });

  test("a script loaded at the head of a batch is there for the rest of it", async () => {
    const key = freshKey();
    const script = `return {KEYS[1], '${key}'}`;
    const sha = await at().send(lua("return redis.sha1hex(ARGV[1])", key, script), { key, ...never });
    const replies = await at().batch(
      [
        ["SCRIPT", "LOAD", script],
        ["EVALSHA", sha as string, "1", key],
      ],
      { key, ...never },
    );
    expect(replies).toEqual([sha, [key, key]]);
  });

  test("a broadcast reaches every primary", async () => {
    const key = freshKey();
    const script = `return '${key}'`;
    const shas = await at().broadcast(["SCRIPT", "LOAD", script], never);
    expect(shas).toHaveLength(at().traits.cluster ? 3 : 1);
    // Keys of the first, the middle and the last part of the slots.
    for (const tag of ["b", "c", "a"]) {
      expect(await at().send(["EVALSHA", shas[0] as string, "1", `{${tag}}`], { key: `{${tag}}`, ...never })).toBe(key);
    }
  });
}

function publications(at: () => RedisPort): void {
  test("what is published is heard by every listener of the channel, until it leaves", async () => {
    const channel = freshKey();
    const heard: string[] = [];
    const leaveFirst = await at().subscribe(channel, { message: (text) => heard.push(`1:${text}`) });
    const leaveSecond = await at().subscribe(channel, {
      message: (text) => {
        heard.push(`2:${text}`);
        throw new Error("A listener's own trouble.");
      },
    });
    const leaveThird = await at().subscribe(channel, { message: (text) => heard.push(`3:${text}`) });
    const warnings = silenced();
    await at().send(["PUBLISH", channel, "grüße"], never);
    await expect.poll(() => heard, often).toEqual(["1:grüße", "2:grüße", "3:grüße"]);
    await leaveFirst();
    await leaveSecond();
    await at().send(["PUBLISH", channel, "later"], never);
    await expect.poll(() => heard.slice(3), often).toEqual(["3:later"]);
    warnings();
    await leaveThird();
    await leaveThird();
    await expect.poll(() => subscribers(at(), channel), often).toBe(0);
  });

  test("a subscription that was lost comes back by itself, and says so", async () => {
    const channel = freshKey();
    const heard: string[] = [];
    const leave = await at().subscribe(channel, { message: (text) => heard.push(text), restored: () => heard.push("restored") });
    await at().broadcast(["CLIENT", "KILL", "TYPE", "pubsub"], never);
    await expect.poll(() => heard, often).toEqual(["restored"]);
    await at().send(["PUBLISH", channel, "again"], never);
    await expect.poll(() => heard, often).toEqual(["restored", "again"]);
    await leave();
  });
}

function silenced(): () => void {
  const ignore = (): void => {};
  const before = process.listeners("warning");
  process.removeAllListeners("warning").on("warning", ignore);
  return () => {
    process.off("warning", ignore);
    for (const listener of before) process.on("warning", listener);
  };
}

async function subscribers(port: RedisPort, channel: string): Promise<number> {
  const counts = await port.broadcast(["PUBSUB", "NUMSUB", channel], never);
  return counts.reduce((sum: number, reply) => sum + Number((reply as readonly [string, number])[1]), 0);
}

function blocking(at: () => RedisPort): void {
  test("a blocking command waits on a connection of its own", async () => {
    const key = freshKey();
    const { signal } = new AbortController();
    const popped = at().block(["BZPOPMIN", key, "0"], { key, signal });
    await at().send(["ZADD", key, "1", "first"], { key, ...never });
    expect(await popped).toEqual([key, "first", "1"]);
    const bytes = at().block(["BLPOP", `${key}l`, "0"], { key, signal, bytes: true });
    await at().send(["RPUSH", `${key}l`, new Uint8Array([0, 255])], { key, ...never });
    expect(await bytes).toEqual([Buffer.from(`${key}l`), Buffer.from([0, 255])]);
    expect(await at().block(["BLPOP", `${key}none`, "0.01"], { key, signal })).toBeNull();
  });

  test("a blocking command ends with its signal, and takes nothing afterwards", async () => {
    const key = freshKey();
    const stop = new AbortController();
    const popped = at().block(["BLPOP", key, "0"], { key, signal: stop.signal });
    await expect.poll(() => blocked(at()), often).toBeGreaterThan(0);
    stop.abort();
    expect(await errorOf(popped)).toMatchObject({ code: "CLIENT_ABORTED", applied: "maybe" });
    await expect.poll(() => blocked(at()), often).toBe(0);
    await at().send(["RPUSH", key, "kept"], { key, ...never });
    expect(await at().send(["LLEN", key], { key, ...never })).toBe(1);
    const late = errorOf(at().block(["BLPOP", key, "0"], { key, signal: stop.signal }));
    expect(await late).toMatchObject({ code: "CLIENT_ABORTED", applied: "no" });
  });

  test("many blocking commands may wait for one signal, with one listener", async () => {
    const stop = new AbortController();
    const [key, signal] = [freshKey(), stop.signal];
    const popped = Array.from({ length: 11 }, () => errorOf(at().block(["BLPOP", key, "0"], { key, signal })));
    await expect.poll(() => blocked(at()), often).toBe(popped.length);
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    stop.abort();
    for (const each of popped) expect(await each).toMatchObject({ code: "CLIENT_ABORTED" });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("one connection serves blocking commands that follow each other", async () => {
    const key = freshKey();
    const { signal } = new AbortController();
    const connections = async (): Promise<number> => (await totals(at(), "total_connections_received")) as number;
    await at().block(["BLPOP", key, "0.01"], { key, signal });
    const before = await connections();
    for (let round = 0; round < 3; round++) await at().block(["BLPOP", key, "0.01"], { key, signal });
    expect((await connections()) - before).toBe(0);
  });
}

function blocked(port: RedisPort): Promise<number> {
  return totals(port, "blocked_clients");
}

async function totals(port: RedisPort, field: string): Promise<number> {
  const infos = await port.broadcast(["INFO", "all"], never);
  return infos.reduce((sum: number, info) => sum + Number(new RegExp(`${field}:(\\d+)`).exec(info as string)?.[1]), 0);
}

function limits(at: () => RedisPort, on: () => Backend): void {
  test("a call that was sent and not answered in time may have been applied", async () => {
    const key = freshKey();
    await at().send(["SET", key, "0"], { key, ...never });
    on().pause();
    const error = await errorOf(at().send(["INCR", key], { key, timeoutMs: 50, ...never }));
    expect(error).toMatchObject({ code: "CLIENT_TIMEOUT", applied: "maybe" });
    on().resume();
    // The late reply is nobody's, and disturbs nobody.
    expect(await at().send(["GET", key], { key, ...never })).toBe("1");
  });

  test("a signal ends a call, with what is known of it", async () => {
    const key = freshKey();
    await at().send(["SET", key, "0"], { key, ...never });
    const late = new AbortController();
    on().pause();
    const sent = at().send(["INCR", key], { key, signal: late.signal, ...never });
    await written();
    late.abort(new Error("Enough."));
    expect(await errorOf(sent)).toMatchObject({ code: "CLIENT_ABORTED", applied: "maybe", cause: { message: "Enough." } });
    on().resume();
    const early = AbortSignal.abort();
    expect(await errorOf(at().send(["INCR", key], { key, signal: early, ...never }))).toMatchObject({
      code: "CLIENT_ABORTED",
      applied: "no",
    });
    expect(await at().send(["GET", key], { key, ...never })).toBe("1");
  });

  test("without a connection a call waits for its deadline, and nothing was applied", async () => {
    const dead = await on().open("dead");
    try {
      const key = freshKey();
      const alone = errorOf(dead.port.send(["INCR", key], { key, timeoutMs: 60, ...never }));
      const together = errorOf(
        dead.port.batch([["INCR", key]], { key, timeoutMs: 60, ...never }).then((replies) => Promise.reject(replies[0])),
      );
      const everywhere = errorOf(dead.port.broadcast(["PING"], { timeoutMs: 60, ...never }));
      for (const error of await Promise.all([alone, together, everywhere])) {
        expect(error).toMatchObject({ code: "CLIENT_UNAVAILABLE", applied: "no" });
      }
    } finally {
      await dead.end();
    }
  });
}

function closing(at: () => RedisPort, on: () => Backend): void {
  test("closing a port ends what waits on it, twice if asked to", async () => {
    const key = freshKey();
    const { signal } = new AbortController();
    await at().subscribe(freshKey(), { message: () => {} });
    const popped = errorOf(at().block(["BLPOP", key, "0"], { key, signal }));
    await expect.poll(() => blocked(at()), often).toBeGreaterThan(0);
    on().pause();
    const sent = errorOf(at().send(["PING"], never));
    await written();
    await at().close();
    await at().close();
    on().resume();
    expect(await popped).toMatchObject({ code: "CLIENT_CLOSED", applied: "maybe" });
    expect(await sent).toMatchObject({ code: "CLIENT_CLOSED", applied: "maybe" });
    for (const late of [
      at().send(["PING"], never),
      at().broadcast(["PING"], never),
      at().block(["BLPOP", key, "0"], { signal }),
      at().subscribe("c", { message: () => {} }),
    ]) {
      expect(await errorOf(late)).toMatchObject({ code: "CLIENT_CLOSED", applied: "no" });
    }
  });
}
