import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect, type RedisPort } from "redlua/client";
import { type RedisServer, startRedis } from "redlua/testing";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { CircuitBreaker } from "./circuit-breaker.ts";
import { failing } from "./fixtures/index.ts";

/** Calls without pause, from many places at once, until it may; what it may call never ends. Says what happens. */
const caller = `
  import { connect } from "redlua";
  import { CircuitBreaker } from "redlua/breaker";
  const { url, name, options } = JSON.parse(process.argv[1]);
  const breaker = new CircuitBreaker(await connect(url), name, options);
  const begun = new Promise((begin) => process.stdin.once("data", begin));
  console.log("ready");
  await begun;
  breaker.on("rejected", () => { if (breaker.state.state === "half-open") console.log("refused"); });
  const call = async () => {
    for (;;) {
      const attempt = await breaker.tryExecute(() => { console.log("probe"); return new Promise(() => {}); });
      if (attempt.allowed) return;
      // waits: as long as it was told to.
      await new Promise((done) => setTimeout(done, attempt.retryInMs));
    }
  };
  for (let n = 0; n < 25; n++) void call();
`;

const root = join(import.meta.dirname, "..", "..");

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

/** A process of its own, and what it says, line by line. */
interface Caller {
  readonly child: ChildProcess;
  readonly said: string[];
}

async function startCaller(name: string, options: object): Promise<Caller> {
  const given = JSON.stringify({ url: server.url, name, options });
  const child = spawn(process.execPath, ["--input-type=module", "-e", caller, given], {
    cwd: root,
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said: string[] = [];
  await new Promise<void>((ready, failed) => {
    child.once("exit", (code) => failed(new Error(`It ended with ${code}. Is it built? npm run build`)));
    createInterface({ input: child.stdout }).on("line", (line) => (line === "ready" ? ready() : void said.push(line)));
  });
  return { child, said };
}

const count = (callers: readonly Caller[], line: string): number =>
  callers.reduce((total, { said }) => total + said.filter((each) => each === line).length, 0);

test("processes that race for the first probe get exactly as many permits as there are, all together", async () => {
  const name = randomUUID();
  const options = { minimumCalls: 4, probes: 3, patience: "5s", open: { base: 600 } } as const;
  const callers = await Promise.all(Array.from({ length: 4 }, () => startCaller(name, options)));
  await using breaker = new CircuitBreaker(redis, name, options);
  await failing(breaker, 4);
  for (const { child } of callers) child.stdin?.write("go\n");
  // Each has been told that there is no room, and each had 25 callers ask.
  await expect.poll(() => callers.every(({ said }) => said.includes("refused")), { timeout: 8_000 }).toBe(true);
  await expect.poll(async () => (await breaker.inspect()).probes.underWay).toBe(3);
  // Redis knows of them before what the callers say has come through their pipes.
  await expect.poll(() => count(callers, "probe"), { timeout: 8_000 }).toBe(3);
});

test("a prober that is killed gives its permit back when its lease lapses, and not before", async () => {
  const name = randomUUID();
  const options = { minimumCalls: 4, probes: 1, probeLease: "2s", patience: "5s", open: { base: 100 } } as const;
  const prober = await startCaller(name, options);
  await using breaker = new CircuitBreaker(redis, name, options);
  await failing(breaker, 4);
  prober.child.stdin?.write("go\n");
  await expect.poll(() => count([prober], "probe"), { timeout: 8_000 }).toBe(1);
  prober.child.kill("SIGKILL");
  const attempt = await breaker.tryExecute(() => 1);
  if (attempt.allowed) throw new Error("It passed while the permit was out.");
  expect(attempt.retryInMs).toBeLessThanOrEqual(2_000);
  await expect.poll(() => breaker.tryExecute(() => "probe"), { timeout: 5_000 }).toEqual({ allowed: true, value: "probe" });
  expect(breaker.state.state).toBe("closed");
});
