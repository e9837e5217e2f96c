import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { findRedisServer, type RedisServer, startRedis } from "./index.ts";
import { freshFolder, watchdogScript } from "./server-process.ts";

async function server(options?: Parameters<typeof startRedis>[0]): Promise<RedisServer> {
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

test("a server answers as soon as it is started, and keeps nothing when it is stopped", async () => {
  const one = await server();
  const redis = client(one);
  expect(await redis.set("key", "value")).toBe("OK");
  expect(one.url).toBe(`unix://${one.socket}`);
  expect(one.port).toBeUndefined();
  await one.stop();
  await one.stop();
  expect(existsSync(dirname(one.socket))).toBe(false);
});

test("a server listens on a free port if it is asked to", async () => {
  const [one, two] = [await server({ tcp: true }), await server({ tcp: true })];
  expect(one.port).not.toBe(two.port);
  expect(one.url).toBe(`redis://127.0.0.1:${one.port}`);
  const redis = new Redis(one.url);
  onTestFinished(() => redis.disconnect());
  expect(await redis.ping()).toBe("PONG");
});

test("a server that is restarted has what it stored, at the same address", async () => {
  const one = await server({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
  const redis = client(one);
  await redis.set("key", "value");
  await one.restart();
  expect(await redis.get("key")).toBe("value");
  await one.kill();
  await one.restart();
  expect(await redis.get("key")).toBe("value");
});

test("a server that is paused answers when it is resumed, and can be stopped while it is paused", async () => {
  const one = await server();
  const redis = client(one);
  await redis.ping();
  one.pause();
  const answered: string[] = [];
  const pong = redis.ping().then((reply) => answered.push(reply));
  // What a running server answers in far less than this much work.
  await promisify(execFile)(process.execPath, ["--version"]);
  expect(answered).toEqual([]);
  one.resume();
  await pong;
  expect(answered).toEqual(["PONG"]);
  one.pause();
  await one.stop();
});

test("arguments that the server refuses are shown with what it said", async () => {
  await expect(startRedis({ args: ["--no-such-option", "1"] })).rejects.toMatchObject({
    code: "REDIS_SERVER_FAILED",
    message: expect.stringContaining("no-such-option"),
  });
  await expect(startRedis({ tpc: true } as object)).rejects.toMatchObject({
    code: "OPTION_UNKNOWN",
    message: expect.stringContaining('Did you mean "tcp"'),
  });
});

test("a server ends with the process that started it, even if that is killed outright", async () => {
  // Another process starts something that lasts, and the same watchdog over it. What lasts holds on to this test's pipe.
  const folder = await freshFolder();
  const program = `
    const { spawn } = require("node:child_process");
    const lasting = spawn("sleep", ["60"], { stdio: ["ignore", "inherit", "ignore"], detached: true });
    const watchdog = ["-c", process.argv[1], "sh", String(lasting.pid), process.argv[2]];
    spawn("sh", watchdog, { stdio: ["pipe", "ignore", "ignore"], detached: true });
    console.log("started");
  `;
  const parent = spawn(process.execPath, ["-e", program, watchdogScript, folder], { stdio: ["ignore", "pipe", "inherit"] });
  await once(parent.stdout, "data");
  const released = once(parent.stdout, "close");
  parent.kill("SIGKILL");
  await released;
  await expect.poll(() => existsSync(folder), { interval: 5 }).toBe(false);
});

test("a server is found by REDIS_SERVER, and a wrong path is an error", () => {
  const before = process.env["REDIS_SERVER"];
  onTestFinished(() => {
    if (before === undefined) delete process.env["REDIS_SERVER"];
    else process.env["REDIS_SERVER"] = before;
  });
  process.env["REDIS_SERVER"] = process.execPath;
  expect(findRedisServer()).toBe(process.execPath);
  process.env["REDIS_SERVER"] = "/no/such/server";
  expect(() => findRedisServer()).toThrow("REDIS_SERVER is /no/such/server, which is not a program that can be run.");
});
