import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nextWarning } from "../../test/support/next-warning.ts";
import { connect } from "../client/index.ts";
import { createEmbedded, type EmbeddedOptions, type EmbeddedRedis, ManualClock } from "./index.ts";

const ok = { resend: "ok" } as const;

function embedded(options: EmbeddedOptions = {}): EmbeddedRedis {
  const redis = createEmbedded(options);
  onTestFinished(() => redis.stop());
  return redis;
}

test("a clock that is advanced ends what is due, in the order of its time", () => {
  const clock = new ManualClock(1_000);
  const heard: string[] = [];
  clock.after(50, () => heard.push(`late ${clock.now()}`));
  clock.after(20, () => heard.push(`early ${clock.now()}`));
  clock.after(30, () => heard.push("called off"))();
  clock.advance("1m");
  expect([heard, clock.now()]).toEqual([["early 1020", "late 1050"], 61_000]);
  expect(() => clock.set(Number.NaN)).toThrow("A clock is set to milliseconds since 1970");
});

test("a key lives until its time by the clock that was given", () => {
  const clock = new ManualClock();
  const redis = embedded({ clock });
  redis.execute("SET", "code", "1234", "EX", "60");
  clock.advance("59s");
  expect([redis.execute("GET", "code"), redis.execute("TTL", "code")]).toEqual(["1234", 1]);
  clock.advance("1s");
  expect([redis.execute("GET", "code"), redis.execute("DBSIZE")]).toEqual([null, 0]);
});

test("commands run one after the other as those of one client, and text is UTF-8", () => {
  const redis = embedded();
  expect(redis.execute("SELECT", "3")).toBe("OK");
  redis.execute("SET", "größe", "ñ");
  redis.execute("SELECT", "0");
  expect(redis.execute("EXISTS", "größe")).toBe(0);
  redis.execute("MULTI");
  expect(redis.execute("INCR", "n")).toBe("QUEUED");
  expect(redis.execute("EXEC")).toEqual([1]);
  redis.execute("SELECT", "3");
  expect([redis.execute("GET", "größe"), redis.execute("STRLEN", "größe")]).toEqual(["ñ", 2]);
});

test("what is refused is thrown, and so is what would have to wait", () => {
  const redis = embedded();
  redis.execute("SET", "a", "x");
  expect(() => redis.execute("INCR", "a")).toThrow("value is not an integer");
  expect(() => redis.execute("BLPOP", "list", "0")).toThrow("BLPOP would have to wait: send it over a port.");
  expect(redis.execute("RPUSH", "list", "one")).toBe(1);
  expect(redis.execute("LLEN", "list")).toBe(1);
});

test("an option that is unknown or cannot be used is refused", () => {
  expect(() => createEmbedded({ clok: 1 } as object)).toThrow('Did you mean "clock"?');
  expect(() => createEmbedded({ clock: {} as never })).toThrow("must be a clock");
  expect(() => createEmbedded({ aof: { file: "x", fsink: "no" } as never })).toThrow('Did you mean "fsync"?');
});

test("a snapshot is what was stored then, whatever comes after, in this engine or another", () => {
  const redis = embedded();
  redis.execute("RPUSH", "list", "a");
  redis.execute("SET", "k", "v", "EX", "100");
  const snapshot = redis.dump();
  redis.execute("RPUSH", "list", "b");
  redis.execute("SET", "new", "1");
  redis.restore(snapshot);
  const state = (of: EmbeddedRedis): unknown => [
    of.execute("LRANGE", "list", "0", "-1"),
    of.execute("TTL", "k"),
    of.execute("DBSIZE"),
  ];
  expect(state(redis)).toEqual([["a"], 100, 2]);
  const other = embedded();
  other.restore(snapshot);
  redis.execute("DEL", "list");
  expect(state(other)).toEqual([["a"], 100, 2]);
});

test("a snapshot carries function libraries, each as if it had just been loaded", () => {
  const library = (name: string): string =>
    `#!lua name=${name}\nlocal calls = 0\nredis.register_function("${name}_calls", function() calls = calls + 1 return calls end)`;
  const redis = embedded();
  redis.execute("FUNCTION", "LOAD", library("one"));
  redis.execute("FCALL", "one_calls", "0");
  const snapshot = redis.dump();
  redis.execute("FUNCTION", "DELETE", "one");
  redis.execute("FUNCTION", "LOAD", library("two"));
  redis.restore(snapshot);
  expect(() => redis.execute("FCALL", "two_calls", "0")).toThrow("Function not found");
  const other = embedded();
  other.restore(snapshot);
  for (const each of [redis, other]) expect([1, 2].map(() => each.execute("FCALL", "one_calls", "0"))).toEqual([1, 2]);
  redis.restore(embedded().dump());
  expect(redis.execute("FUNCTION", "LIST")).toEqual([]);
});

test("an engine is reached by its URL from anywhere in the process, and memory: is a new one each time", async () => {
  const redis = embedded();
  const [one, two] = [await connect(redis.url, { prefix: "p" }), await connect(redis.url)];
  redis.execute("SET", "a", "1");
  expect(await two.send(["GET", "a"], ok)).toBe("1");
  expect(one.traits).toEqual({ cluster: false, client: "embedded", prefix: "p" });
  const [alone, apart] = [await connect("memory:"), await connect("memory:")];
  await alone.send(["SET", "a", "2"], ok);
  expect(await apart.send(["GET", "a"], ok)).toBeNull();
  await Promise.all([one, two, alone, apart].map((port) => port.close()));
  await expect(alone.send(["PING"], ok)).rejects.toMatchObject({ code: "CLIENT_CLOSED", applied: "no" });
  await expect(connect("memory:", { client: "ioredis" })).rejects.toThrow('leave "client" out');
});

test("a command that waits ends by its deadline, its signal, the end of the port, or what it waits for", async () => {
  const redis = embedded();
  const port = redis.connect();
  const signal = new AbortController();
  const aborted = port.block(["BLPOP", "a", "0"], { signal: signal.signal });
  const served = port.block(["BLPOP", "b", "0"], { signal: new AbortController().signal });
  const late = port.send(["BLPOP", "c", "0"], { resend: "never", timeoutMs: 5 });
  await expect(late).rejects.toMatchObject({ code: "CLIENT_TIMEOUT", applied: "maybe" });
  signal.abort(new Error("enough"));
  await expect(aborted).rejects.toMatchObject({ code: "CLIENT_ABORTED" });
  redis.execute("RPUSH", "b", "x");
  expect(await served).toEqual(["b", "x"]);
  const closed = port.block(["BLPOP", "d", "0"], { signal: new AbortController().signal });
  await port.close();
  await expect(closed).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
});

test("who waits for a stream hears that it expired, though nobody sends anything", async () => {
  const clock = new ManualClock();
  const redis = embedded({ clock });
  redis.execute("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
  redis.execute("PEXPIRE", "s", "1000");
  const waiting = redis
    .connect()
    .block(["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">"], { signal: new AbortController().signal });
  const refused = expect(waiting).rejects.toThrow("the stream key no longer exists");
  clock.advance("1s");
  await refused;
});

test("messages are heard by all who listen, until each has ended its subscription", async () => {
  const redis = embedded();
  const port = redis.connect();
  const heard: string[] = [];
  const ends = await Promise.all(
    ["one", "two"].map((name) => port.subscribe("news", { message: (text) => heard.push(`${name} ${text}`) })),
  );
  expect(await port.send(["PUBLISH", "news", "ä"], ok)).toBe(1);
  await ends[0]?.();
  await port.send(["PUBLISH", "news", "b"], ok);
  await ends[1]?.();
  expect(await port.send(["PUBLISH", "news", "c"], ok)).toBe(0);
  expect(heard).toEqual(["one ä", "two ä", "two b"]);
});

test("a loop that awaits one call after the other lets timers in, and answers keep their order", async () => {
  const port = embedded().connect();
  let ticked = false;
  setImmediate(() => {
    ticked = true;
  });
  let calls = 0;
  while (!ticked && calls < 10_000) {
    await port.send(["PING"], ok);
    calls++;
  }
  expect(calls).toBeLessThanOrEqual(64);
  const order: number[] = [];
  await Promise.all(Array.from({ length: 200 }, (_, n) => port.send(["PING"], ok).then(() => order.push(n))));
  expect(order).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test("an append-only file gives an engine back what another had", async () => {
  const folder = await mkdtemp(join(tmpdir(), "redlua-aof-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const aof = join(folder, "data.aof");
  const first = createEmbedded({ aof });
  first.execute("ZADD", "board", "10", "ann");
  first.execute("EVAL", "redis.call('INCRBY', KEYS[1], 5) return redis.call('TIME')", "1", "n");
  await first.stop();
  const second = embedded({ aof });
  expect([second.execute("ZSCORE", "board", "ann"), second.execute("GET", "n")]).toEqual(["10", "5"]);
});

test("what was stopped is over, says so, and may be stopped again", async () => {
  const redis = createEmbedded();
  const { url } = redis;
  const port = redis.connect();
  redis.execute("SET", "a", "1");
  await redis.stop();
  const closed = expect.objectContaining({ code: "CLIENT_CLOSED", applied: "no" });
  const stopped = "The embedded engine was stopped: make another";
  for (const use of [() => redis.execute("GET", "a"), () => redis.connect(), () => redis.dump()]) expect(use).toThrow(stopped);
  await expect(redis.listen()).rejects.toThrow(stopped);
  await expect(port.send(["GET", "a"], ok)).rejects.toEqual(closed);
  const other = await connect(url);
  onTestFinished(() => other.close());
  await redis.stop();
  const same = await connect(url);
  onTestFinished(() => same.close());
  await other.send(["SET", "b", "2"], ok);
  expect(await same.send(["GET", "b"], ok)).toBe("2");
});

test("a listener that throws silences no other, and becomes a warning", async () => {
  await using redis = await connect("memory:");
  const warned = nextWarning("its own trouble");
  const heard: string[] = [];
  await redis.subscribe("news", {
    message: () => {
      throw new Error("its own trouble");
    },
  });
  await redis.subscribe("news", { message: (text) => heard.push(text) });
  await redis.send(["PUBLISH", "news", "text"], ok);
  expect(await warned).toMatchObject({ code: "REDLUA_LISTENER" });
  expect(heard).toEqual(["text"]);
});

test("a path that no socket can have is refused, and why is said", async () => {
  const folder = await mkdtemp(join(tmpdir(), "redlua-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "file"), "");
  for (const [path, why] of [
    [join(folder, "x".repeat(110)), "the path of a Unix socket has 10"],
    ["", "the path is empty"],
    [join(folder, "none", "redis.sock"), `there is no folder ${join(folder, "none")}`],
    [join(folder, "file"), "a file lies there; choose another place"],
  ] as const)
    await expect(embedded().listen({ path })).rejects.toMatchObject({
      code: "EMBEDDED_LISTEN",
      message: expect.stringContaining(`cannot listen on ${path}: ${why}`),
    });
});

test("a port that is taken is one clear error", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  onTestFinished(() => void holder.close());
  const { port } = holder.address() as { readonly port: number };
  const listening = embedded().listen({ port });
  await expect(listening).rejects.toMatchObject({
    code: "EMBEDDED_LISTEN",
    message: expect.stringContaining(`127.0.0.1:${port}`),
  });
});
