import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type RedisServer, startRedis } from "redlua/testing";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

const built = join(import.meta.dirname, "../../build/examples/summaries/main.js");
const running: ChildProcess[] = [];

afterEach(async () => {
  for (const program of running.splice(0)) {
    if (program.exitCode !== null || program.signalCode !== null) continue;
    program.kill("SIGKILL");
    await once(program, "exit");
  }
});

/** A program that was started, and the first line that it says of a kind. */
interface Started {
  readonly program: ChildProcess;
  line(pattern: RegExp): Promise<RegExpExecArray>;
}

function start(env: Record<string, string>, ...args: string[]): Started {
  if (!existsSync(built) || statSync(built).mtimeMs < statSync(join(import.meta.dirname, "main.ts")).mtimeMs) {
    throw new Error("examples/summaries/main.ts is newer than what was built from it: npm run build");
  }
  const { REDIS_URL: _, ...inherited } = process.env;
  const program = spawn(process.execPath, [built, ...args], {
    env: { ...inherited, PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(program);
  const said: string[] = [];
  const lines = [program.stdout, program.stderr].map((stream) => createInterface({ input: stream as NodeJS.ReadableStream }));
  for (const each of lines) each.on("line", (line) => said.push(line));
  const line = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = said.map((each) => pattern.exec(each)).find((each) => each !== null);
        if (found) resolve(found);
      };
      for (const each of lines) each.on("line", look);
      program.once("close", () => reject(new Error(`It ended and said: ${said.join("\n")}`)));
      look();
    });
  return { program, line };
}

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis({ engine: "redis-server", tcp: true });
});
afterAll(() => server?.stop());

test.each([
  ["with no Redis", () => ({}), /^Listening on (http:\S+), with no Redis: jobs are in memory/],
  [
    "with a Redis, whose password it does not tell",
    () => ({ REDIS_URL: `redis://default:secret@127.0.0.1:${server.port}` }),
    /^Listening on (http:\S+), with redis:\/\/127\.0\.0\.1:\d+\. /,
  ],
] as const)("%s the program takes a file, tells what is in it, and leaves when it is told to", async (_, env, said) => {
  const { program, line } = start(env());
  const [, address] = await line(said);
  const csv = {
    method: "POST",
    body: "city,people\nOslo,709037\nBergen,291940\n",
    headers: { "content-type": "text/csv", prefer: "wait=10" },
  };
  const response = await fetch(`${address}/api/summaries`, csv);
  expect([response.status, response.headers.get("preference-applied")]).toEqual([200, "wait=10"]);
  expect(await response.json()).toMatchObject({ rows: 2, columns: [{ name: "city" }, { name: "people", mean: 500_488.5 }] });
  const broken = await fetch(`${address}/api/summaries`, { ...csv, body: 'a\n"' });
  expect([broken.status, ((await broken.json()) as { code: string }).code]).toEqual([422, "CSV_MALFORMED"]);
  expect((await fetch(`${address}/health`)).status).toBe(200);
  expect(await (await fetch(`${address}/`)).text()).toContain(`curl -si ${address}/api/summaries`);
  expect((await fetch(`${address}/nowhere`)).status).toBe(404);
  program.kill("SIGTERM");
  program.kill("SIGTERM");
  expect(await once(program, "exit")).toEqual([0, null]);
});

test("a port that is taken is one clear line", async () => {
  const first = start({});
  const [, port = ""] = await first.line(/^Listening on http:.*:(\d+),/);
  const second = start({ PORT: port });
  await second.line(new RegExp(`^Port ${port} is taken\\. Type: PORT=`));
  expect(await once(second.program, "exit")).toEqual([1, null]);
});

test("a Redis that is not there is one clear line", async () => {
  const { program, line } = start({ REDIS_URL: "redis://127.0.0.1:1" });
  await line(/^Could not connect to Redis at 127\.0\.0\.1:1/);
  expect(await once(program, "exit")).toEqual([1, null]);
});

test.each([{ PORT: "http" }, { MAX_CSV_BYTES: "-1" }])("a setting that cannot be used is one clear line: %j", async (env) => {
  const { program, line } = start(env);
  const [name] = Object.keys(env);
  await line(new RegExp(`^${name} must be a whole number`));
  expect(await once(program, "exit")).toEqual([1, null]);
});

test("an argument is not passed over in silence", async () => {
  const { program, line } = start({}, "--port", "8080");
  await line(/^It takes no arguments, and was given --port 8080\. .*PORT=8080 npm start$/);
  expect(await once(program, "exit")).toEqual([1, null]);
});
