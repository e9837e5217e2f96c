import fc from "fast-check";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../testing/index.ts";
import { arbitraryCall, type Call, Engine, scriptOf, toLua } from "./fixtures/index.ts";

/** REDLUA_FUZZ_RUNS makes them more, as it does in the other random tests: 3000 are ten times as many. */
const wanted = Math.round((60_000 * Number(process.env["REDLUA_FUZZ_RUNS"] ?? 300)) / 300);
const firstSeed = Number(process.env["REDLUA_FUZZ_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
/** Calls of one seed, and of one EVAL. */
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
  const program = Buffer.from(scriptOf(calls), "latin1");
  // Run as a text of its own, since Redis keeps every script it was sent.
  const answers = (await redis.callBuffer("EVAL", "return loadstring(ARGV[1], '@user_script')()", "0", program)) as Buffer[];
  return answers.map((answer) => answer.toString("latin1"));
}

function shown([path, ...args]: Call): string {
  return `${path}(${args.map(toLua).join(", ")})`;
}

interface Batch {
  readonly seed: number;
  readonly calls: readonly Call[];
  readonly theirs: Promise<readonly string[]>;
}

function toldAt(seed: number): Batch {
  const calls = fc.sample(arbitraryCall, { seed, numRuns: BATCH });
  return { seed, calls, theirs: askRedis(calls) };
}

/** Compares the answers to a batch, and counts them. */
async function settle({ seed, calls, theirs }: Batch): Promise<number> {
  const engine = new Engine();
  const ours = calls.map((call) => engine.run(call));
  const expected = await theirs;
  const at = calls.findIndex((_, index) => ours[index] !== expected[index]);
  if (at < 0) return ours.length;
  const repeated = `REDLUA_FUZZ_SEED=${seed} repeats it.`;
  await fc.assert(
    fc.asyncProperty(arbitraryCall, async (call) => {
      const [answer] = await askRedis([call]);
      const mine = new Engine().run(call);
      if (mine !== answer) throw new Error(`${shown(call)}\n  Redis: ${answer}\n  here:  ${mine}\n${repeated}`);
    }),
    { seed, path: String(at), numRuns: BATCH, interruptAfterTimeLimit: 60_000 },
  );
  throw new Error(`${shown(calls[at] as Call)}\n  Redis: ${expected[at]}\n  here:  ${ours[at]}\nNot so on its own. ${repeated}`);
}

test(
  `${wanted} library functions called with anything answer what Redis' answer, to the text of the error`,
  async () => {
    let compared = 0;
    let next = toldAt(firstSeed);
    for (let seed = firstSeed + 1; compared < wanted; seed++) {
      const batch = next;
      // Redis runs one batch while the one before is run here.
      next = toldAt(seed);
      compared += await settle(batch);
    }
    await next.theirs;
    expect(compared).toBeGreaterThanOrEqual(wanted);
  },
  15_000 + wanted * 2,
);
