import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { close, open, send, useFolder } from "./fixtures/index.ts";
import type { AofOptions } from "./index.ts";

const folder = useFolder();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

const writer = join(import.meta.dirname, "fixtures", "writer.mjs");

/** Starts a process that keeps what it does in a file, with what it says line by line. */
function startWriter(
  options: AofOptions,
  size = 1,
  limit = "",
): { readonly child: ChildProcess; readonly lines: AsyncIterable<string> } {
  const command = `${limit} exec "$0" "$@"`;
  const child = spawn("sh", ["-c", command, process.execPath, writer, JSON.stringify(options), String(size)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout }) };
}

test.each<[string, Partial<AofOptions>]>([
  ["as it writes", { rewriteBytesMin: 1 << 30 }],
  ["as it writes to the disk each time", { fsync: "always", rewriteBytesMin: 1 << 30 }],
  ["as it writes the file anew, again and again", { rewriteBytesMin: 0 }],
])(
  "a process that is killed %s has kept all that was answered, and nothing by halves",
  async (_, options) => {
    const file = join(folder.path(), `killed-${Object.keys(options).join("-")}`);
    let answered = 0;
    for (let life = 1; life <= 4; life++) {
      const { child, lines } = startWriter({ file, ...options }, 500);
      const gone = once(child, "exit");
      let heard = 0;
      for await (const line of lines) {
        expect(line).toMatch(/^\d+$/);
        answered = Number(line);
        if (++heard === life * 37) child.kill("SIGKILL");
      }
      await gone;
      const kept = open({ file }, Date.now());
      const n = Number(send(kept, "GET n"));
      expect(n).toBeGreaterThanOrEqual(answered);
      expect(n).toBeLessThanOrEqual(answered + 1);
      expect(send(kept, "LRANGE list 0 -1")).toEqual(Array.from({ length: n }, (_, at) => String(at + 1)));
      kept.aof.close();
      kept.engine.stop();
    }
  },
  60_000,
);

test("a process whose disk is full refuses to write, and has kept what it answered", async () => {
  const file = join(folder.path(), "full");
  // 8 blocks of 512 bytes.
  const { child, lines } = startWriter({ file, rewriteBytesMin: 1 << 30 }, 1, "ulimit -f 8;");
  const gone = once(child, "exit");
  const said: string[] = [];
  for await (const line of lines) said.push(line);
  await gone;
  expect(said.filter((line) => line.startsWith("warning"))).toEqual([
    expect.stringMatching(/The append-only file .* cannot be written, so writes are refused: EFBIG/),
  ]);
  expect(said.at(-1)).toMatch(/^refused: .*MISCONF Errors writing to the AOF file: EFBIG/);
  const answered = Number(said.findLast((line) => /^\d+$/.test(line)));
  const kept = open({ file }, Date.now());
  expect(Number(send(kept, "GET n"))).toBeGreaterThanOrEqual(answered);
  expect(kept.warnings).toHaveLength(1);
  close(kept);
});
