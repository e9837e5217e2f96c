import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { connect, type RedisPort } from "redlua";
import { run } from "redlua/script";
import { type RedisServer, startRedis } from "redlua/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { reserve } from "./scripts.gen.ts";

let server: RedisServer;
let redis: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

const keys = { stock: "stock:{42}", reserved: "stock:{42}:reserved" };

test("what is generated is what the header says now", () => {
  const lines: string[] = [];
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const out = (line: string): unknown => lines.push(line);
  expect([runCli(["gen", folder, "--check"], { out, error: out }), lines]).toEqual([0, []]);
  expect(readFileSync(`${folder}scripts.gen.ts`, "utf8")).toContain("export const reserve");
});

test("an order that asks twice, because a reply was lost, has reserved once", async () => {
  await redis.send(["SET", keys.stock, "3", "EX", "60"], { key: keys.stock, resend: "ok" });
  const ask = { order: "ada", count: 2, holdMs: "1m" } as const;
  expect(await run(redis, reserve, keys, ask)).toEqual({ outcome: "reserved", left: 1 });
  expect(await run(redis, reserve, keys, ask)).toEqual({ outcome: "reserved", left: 1 });
  expect(await run(redis, reserve, keys, { ...ask, order: "bob" })).toEqual({ outcome: "short", left: 1 });
});
