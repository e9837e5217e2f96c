import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ask } from "./ask.ts";
import { findRedisServer, ManualClock, type RedisServer, type RedisServerOptions, startRedis } from "./index.ts";
import { freshFolder, watchdogScript } from "./watchdog.ts";

async function server(options?: RedisServerOptions): Promise<RedisServer> {
  const started = await startRedis(options);
  onTestFinished(() => started.stop());
  return started;
}

function client(to: RedisServer): Redis {
  const redis = new Redis({ path: to.socket, maxRetriesPerRequest: null });
  onTestFinished(() => redis.disconnect());
  redis.on("error", () => {});
  return redis;
}

/** Sets a variable of the environment for one test; `undefined` takes it away. */
function environment(name: string, value: string | undefined): void {
  vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

/** Which server this is, by its own word. */
async function engineOf(to: RedisServer): Promise<string> {
  const info = await client(to).info("server");
  const fact = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1];
  if (fact("process_id") === String(process.pid)) return "embedded";
  return fact("executable") === process.execPath ? "embedded-process" : "redis-server";
}

const engines = ["embedded", "embedded-process", "redis-server"] as const;

describe.each(engines)("a server of engine %s", (engine) => {
  test("answers as soon as it is started, is what was asked for, and keeps nothing when it is stopped", async () => {
    const one = await server({ engine });
    const redis = client(one);
    expect(await redis.set("key", "value")).toBe("OK");
    expect(await engineOf(one)).toBe(engine);
    expect([one.url, one.port]).toEqual([`unix://${one.socket}`, undefined]);
    await one.stop();
    await one.stop();
    expect(existsSync(dirname(one.socket))).toBe(false);
  });

  test("has nothing in common with another", async () => {
    const [one, two] = await Promise.all([server({ engine }), server({ engine })]);
    await client(one).set("key", "value");
    expect(await client(two).exists("key")).toBe(0);
    await one.stop();
    expect(await client(two).ping()).toBe("PONG");
  });

  test("listens on a free port if it is asked to, and on the same after a restart", async () => {
    const [one, two] = [await server({ engine, tcp: true }), await server({ engine, tcp: true })];
    expect(one.port).not.toBe(two.port);
    expect(one.url).toBe(`redis://127.0.0.1:${one.port}`);
    const { url } = one;
    await one.restart();
    expect(one.url).toBe(url);
    const redis = new Redis(url);
    onTestFinished(() => redis.disconnect());
    expect(await redis.ping()).toBe("PONG");
  });

  test("that is restarted has what it stored, at the same address", async () => {
    const one = await server({ engine, args: ["--appendonly", "yes", "--appendfsync", "always"] });
    const redis = client(one);
    await redis.set("key", "value");
    await one.restart();
    expect(await redis.get("key")).toBe("value");
    await one.kill();
    await one.restart();
    expect(await redis.get("key")).toBe("value");
  });

  test("that keeps no file is empty after a restart", async () => {
    const one = await server({ engine });
    const redis = client(one);
    await redis.set("key", "value");
    await one.restart();
    expect(await redis.exists("key")).toBe(0);
  });

  test("that is killed has dropped its clients, and takes no others", async () => {
    const one = await server({ engine });
    const socket = connect(one.socket);
    await once(socket, "connect");
    socket.on("error", () => {});
    const dropped = new Promise((resolve) => socket.once("close", resolve)); // `once` would mind the error that may come first
    await one.kill();
    await dropped;
    await expect(ask({ path: one.socket }, "PING")).rejects.toThrow();
    await one.kill();
  });

  test("that is paused answers when it is resumed, to who came meanwhile as well, and can be stopped while it is paused", async () => {
    const [one, other] = [await server({ engine }), await server({ engine })];
    const redis = client(one);
    await redis.ping();
    one.pause();
    const late = client(one);
    const answered: string[] = [];
    const pongs = [redis, late].map((each) => each.ping().then((reply) => answered.push(reply)));
    // By the time that another server has answered who came later, this one would have answered.
    for (let turn = 0; turn < 5; turn++) await client(other).ping();
    expect(answered).toEqual([]);
    one.resume();
    await Promise.all(pongs);
    expect(answered).toEqual(["PONG", "PONG"]);
    one.pause();
    await one.stop();
  });

  test("that a client shut down is gone, and is there again when it is restarted", async () => {
    const one = await server({ engine });
    await expect(ask({ path: one.socket }, "SHUTDOWN")).rejects.toThrow();
    await expect(ask({ path: one.socket }, "PING")).rejects.toThrow();
    await one.restart();
    expect(await ask({ path: one.socket }, "PING")).toBe("+PONG\r\n");
  });
});

describe("which server it is", () => {
  test("is the embedded engine, here, if nothing is said", async () => {
    for (const nothing of [undefined, ""]) {
      environment("REDLUA_TEST_ENGINE", nothing);
      expect(await engineOf(await server())).toBe("embedded");
    }
  });

  test.each(engines)("is what the environment says, %s, unless the test says otherwise", async (engine) => {
    environment("REDLUA_TEST_ENGINE", engine);
    expect(await engineOf(await server())).toBe(engine);
    const other = engine === "embedded" ? "redis-server" : "embedded";
    expect(await engineOf(await server({ engine: other }))).toBe(other);
  });

  test("is refused if there is no such engine, by the name of who said it", async () => {
    environment("REDLUA_TEST_ENGINE", "redis");
    const fault = (where: string): object => ({
      code: "OPTION_INVALID",
      message: `${where} must be one of "embedded", "embedded-process", "redis-server", not "redis".`,
    });
    await expect(startRedis()).rejects.toMatchObject(fault("REDLUA_TEST_ENGINE"));
    await expect(startRedis({ engine: "redis" } as object)).rejects.toMatchObject(fault("startRedis.engine"));
  });
});

describe("the embedded engine in the process of the test", () => {
  test("goes by the clock that the test turns, through a restart as well", async () => {
    const clock = new ManualClock();
    const one = await server({ engine: "embedded", clock, args: ["--appendonly", "yes"] });
    const redis = client(one);
    await redis.set("code", "1234", "EX", 60);
    clock.advance("59s");
    await one.restart();
    expect(await redis.get("code")).toBe("1234");
    clock.advance("1s");
    expect(await redis.get("code")).toBeNull();
  });

  test("keeps what it has to say while it is paused, and reads nothing", async () => {
    const clock = new ManualClock();
    const one = await server({ engine: "embedded", clock });
    const [waiting, other] = [client(one), client(one)];
    const popped: unknown[] = [];
    const pop = waiting.blpop("list", 1).then((reply) => popped.push(reply));
    await expect.poll(() => other.info("clients"), { interval: 2 }).toContain("blocked_clients:1");
    one.pause();
    const pushed = other.rpush("list", "too late");
    clock.advance("1s");
    const control = await server({ engine: "embedded" });
    for (let turn = 0; turn < 5; turn++) await client(control).ping();
    expect(popped).toEqual([]);
    one.resume();
    await Promise.all([pop, pushed]);
    expect(popped).toEqual([null]);
  });

  test("is started once when it is restarted twice", async () => {
    const one = await server({ engine: "embedded", tcp: true });
    await Promise.all([one.restart(), one.restart()]);
    expect(await client(one).ping()).toBe("PONG");
  });

  test.each([
    ["at once", 0],
    ["two steps later", 2],
    ["ten steps later", 10],
  ])("is gone if it is stopped while it starts again: %s", async (_, steps) => {
    const one = await server({ engine: "embedded", tcp: true });
    await one.kill();
    const starting = one.restart().catch(() => {});
    // Steps of promises: it listens after the last of them.
    for (let step = 0; step < steps; step++) await undefined;
    await Promise.all([one.stop(), starting]);
    await expect(ask({ host: "127.0.0.1", port: one.port as number }, "PING")).rejects.toThrow("ECONNREFUSED");
    expect(existsSync(dirname(one.socket))).toBe(false);
    await expect(one.restart()).rejects.toMatchObject({
      code: "REDIS_SERVER_FAILED",
      message: "The server was stopped: start another.",
    });
  });
});

describe("what an engine cannot honour is refused", () => {
  test.each<readonly [RedisServerOptions, string]>([
    [{ engine: "embedded", args: ["--requirepass", "x"] }, 'does not know --requirepass x. Say engine: "redis-server".'],
    [{ engine: "embedded-process", args: ["--replicaof", "::1", "1"] }, "does not know --replicaof ::1."],
    [{ engine: "embedded", args: ["--appendonly", "maybe"] }, "does not know --appendonly maybe."],
    [{ engine: "embedded", args: ["--appendonly", "yes", "--appendfsync"] }, "does not know --appendfsync."],
    [
      { engine: "redis-server", clock: new ManualClock() },
      "startRedis.clock: A server in a process of its own goes by the machine",
    ],
    [{ engine: "embedded-process", clock: new ManualClock() }, 'Say engine: "embedded" where a test turns it.'],
    [{ engine: "embedded", clock: {} as ManualClock }, "startRedis.clock must be a clock: new ManualClock()"],
  ])("%j", async (options, message) => {
    await expect(startRedis(options)).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.stringContaining(message),
    });
  });

  test("by redis-server itself, and what it said is shown", async () => {
    await expect(startRedis({ engine: "redis-server", args: ["--no-such-option", "1"] })).rejects.toMatchObject({
      code: "REDIS_SERVER_FAILED",
      message: expect.stringContaining("no-such-option"),
    });
    await expect(startRedis({ tpc: true } as object)).rejects.toMatchObject({
      code: "OPTION_UNKNOWN",
      message: expect.stringContaining('Did you mean "tcp"'),
    });
  });
});

test.each(["a process of its own", "none"])(
  "a server ends with the process that started it, even if that is killed outright: %s",
  async (kind) => {
    // Another process starts something that lasts, and the same watchdog over it. What lasts holds on to this test's pipe.
    const folder = await freshFolder();
    const program = `
    const { spawn } = require("node:child_process");
    const [script, folder, kind] = process.argv.slice(1);
    const args = [script, "sh", folder];
    if (kind !== "none") {
      const lasting = spawn("sleep", ["60"], { stdio: ["ignore", "inherit", "ignore"], detached: true });
      args.push(String(lasting.pid));
    }
    spawn("sh", ["-c", ...args], { stdio: ["pipe", "ignore", "ignore"], detached: true });
    console.log("started");
  `;
    const parent = spawn(process.execPath, ["-e", program, watchdogScript, folder, kind], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(parent.stdout, "data");
    const released = once(parent.stdout, "close");
    parent.kill("SIGKILL");
    await released;
    await expect.poll(() => existsSync(folder), { interval: 5 }).toBe(false);
  },
);

test.each(["embedded-process", "redis-server"])(
  "a folder is removed with the process although its %s was killed before",
  async (engine) => {
    const program = `
    import { startRedis } from ${JSON.stringify(new URL("../../dist/testing/index.js", import.meta.url).href)};
    const one = await startRedis({ engine: ${JSON.stringify(engine)} });
    await one.kill();
    console.log(one.socket);
    process.stdin.resume();`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["pipe", "pipe", "inherit"] });
    const [said] = await once(parent.stdout, "data");
    const folder = dirname(String(said).trim());
    expect(existsSync(folder)).toBe(true);
    parent.kill("SIGKILL");
    await expect.poll(() => existsSync(folder), { interval: 5 }).toBe(false);
  },
);

test("a server is found by REDIS_SERVER, and a wrong path is an error", () => {
  environment("REDIS_SERVER", process.execPath);
  expect(findRedisServer()).toBe(process.execPath);
  environment("REDIS_SERVER", "/no/such/server");
  expect(() => findRedisServer()).toThrow("REDIS_SERVER is /no/such/server, which is not a program that can be run.");
});
