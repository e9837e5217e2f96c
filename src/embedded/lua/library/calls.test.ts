import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../testing/index.ts";
import { arbitraryCall, type Call, Engine, scriptOf, toLua } from "./fixtures/index.ts";

const runs = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 20_000);
const seed = Number(process.env["REDLUA_FUZZ_SEED"] ?? Date.now() % 1_000_000);
const BATCH = 500;

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis({ engine: "redis-server" });
  redis = new Redis({ path: server.socket });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** What Redis answers to each call, all in one script. */
async function askRedis(calls: readonly Call[]): Promise<string[]> {
  const answers = (await redis.callBuffer("EVAL", Buffer.from(scriptOf(calls), "latin1"), "0")) as Buffer[];
  return answers.map((answer) => answer.toString("latin1"));
}

function shown([path, ...args]: Call): string {
  return `${path}(${args.map(toLua).join(", ")})`;
}

test("library functions called with anything answer what Redis' answer, to the text of the error", {
  timeout: 600_000,
}, async () => {
  const differences: string[] = [];
  const calls = fc.sample(arbitraryCall, { numRuns: runs, seed });
  for (let at = 0; at < calls.length; at += BATCH) {
    const batch = calls.slice(at, at + BATCH);
    const theirs = await askRedis(batch);
    const engine = new Engine();
    for (const [index, call] of batch.entries()) {
      const ours = engine.run(call);
      if (ours !== theirs[index]) differences.push(`${shown(call)}\n  Redis: ${theirs[index]}\n  ours:  ${ours}`);
    }
  }
  expect(differences.slice(0, 20).join("\n"), `${differences.length} differences; REDLUA_FUZZ_SEED=${seed}`).toBe("");
});
