import { readdirSync, readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RedisServer, startRedis } from "../../../testing/index.ts";
import { compile } from "../compile.ts";
import { LuaError } from "../error.ts";
import { Runtime } from "../runtime.ts";
import { SHOW } from "./fixtures/index.ts";
import { openLibraries } from "./index.ts";

const folder = new URL("./fixtures/expressions/", import.meta.url);

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

/** A script that answers a text: what the expression came to, or its error. A line that starts with `!` is a list of statements. */
function scriptOf(line: string): string {
  const body = line.startsWith("!") ? line.slice(1) : `return ${line}`;
  return `${SHOW}\nkeep(pcall(function()\n${body}\nend))\nreturn out[1]`;
}

function ours(runtime: Runtime, script: string): unknown {
  try {
    return runtime.callFirst(compile(script, "user_script").instantiate(runtime, runtime.globals), []);
  } catch (error) {
    return error instanceof LuaError ? `raised ${String(error.value)}` : `crashed ${String(error)}`;
  }
}

for (const file of readdirSync(folder)) {
  test(`what scripts get from ${file.replace(".txt", "")} is what they get in Redis`, async () => {
    // One engine and one server for all lines, in order: what a line sets, the next ones see.
    const runtime = new Runtime();
    openLibraries(runtime);
    const scripts = readFileSync(new URL(file, folder), "latin1").split("\n").filter(Boolean).map(scriptOf);
    const replies = await Promise.all(
      scripts.map((script) => redis.callBuffer("EVAL", Buffer.from(script, "latin1"), "0").catch(String)),
    );
    const differences: string[] = [];
    for (const [index, script] of scripts.entries()) {
      const theirs = Buffer.isBuffer(replies[index]) ? replies[index].toString("latin1") : String(replies[index]);
      const answer = ours(runtime, script);
      if (answer !== theirs) differences.push(`${script.split("\n").at(-3)}\n  Redis: ${theirs}\n  ours:  ${answer}`);
    }
    expect(scripts.length).toBeGreaterThan(20);
    expect(differences.slice(0, 30).join("\n")).toBe("");
  });
}
