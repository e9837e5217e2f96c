import { resolve } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { send, stateOf, useFolder } from "./fixtures/index.ts";

/** What the disk is to say, and what it was asked to keep. */
const disk = vi.hoisted(() => ({ failing: new Set<string>(), names: new Map<number, string>(), kept: [] as string[] }));

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const broken = (call: string): Error | undefined =>
    disk.failing.has(call) ? new Error(`EIO: i/o error,\n${call}`) : undefined;
  const guarded = <A extends unknown[], R>(call: string, work: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      const error = broken(call);
      if (error !== undefined) throw error;
      return work(...args);
    };
  };
  return {
    ...fs,
    openSync: (...args: Parameters<typeof fs.openSync>) => {
      const descriptor = fs.openSync(...args);
      disk.names.set(descriptor, String(args[0]));
      return descriptor;
    },
    fsyncSync: (descriptor: number) => {
      disk.kept.push(disk.names.get(descriptor) ?? "");
      fs.fsyncSync(descriptor);
    },
    writeSync: guarded("write", fs.writeSync as (...args: unknown[]) => number),
    fstatSync: guarded("fstat", fs.fstatSync as (...args: unknown[]) => unknown),
    fdatasyncSync: guarded("fdatasync", fs.fdatasyncSync),
    fdatasync: (descriptor: number, done: (error: Error | null) => void) => {
      fs.fdatasync(descriptor, (error) => done(broken("fdatasync") ?? error));
    },
  };
});

const { fresh, path, start, restart } = useFolder();
const tick = (): Promise<void> => Promise.resolve();

function fails(call: string): void {
  disk.failing.add(call);
  onTestFinished(() => disk.failing.clear());
}

function holdTimers(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
}

test("a new file is on the disk by its name too, and so are the folders that were made for it", () => {
  const file = resolve(path(), "deep", "down", "data.aof");
  disk.kept.length = 0;
  start({ file });
  expect(disk.kept).toEqual([resolve(path(), "deep", "down"), resolve(path(), "deep"), path()]);
  disk.kept.length = 0;
  start({ file: fresh() });
  expect(disk.kept).toEqual([path()]);
});

test.each(["write", "fdatasync"])("with always, whoever made a change that a failing %s does not keep is told", (call) => {
  holdTimers();
  const file = fresh();
  const kept = start({ file, fsync: "always" });
  fails(call);
  const refusal = expect.objectContaining({
    message: `NOTKEPT The change was made and is not kept. MISCONF Errors writing to the AOF file: EIO: i/o error, ${call}`,
  });
  expect(send(kept, "SET k v")).toEqual(refusal);
  expect(send(kept, "SET k w")).toMatchObject({ message: expect.stringMatching(/^MISCONF /) });
  expect(send(kept, "GET k")).toBe("v");
  disk.failing.clear();
  vi.advanceTimersByTime(1000);
  expect(send(kept, "APPEND k w")).toBe(2);
  expect(stateOf(restart(kept, { file }).engine)).toEqual(stateOf(kept.engine));
});

test("who waits is not served while the file cannot be written, and is once it can", async () => {
  holdTimers();
  const kept = start({ file: fresh(), fsync: "always" });
  const heard: unknown[] = [];
  for (const command of ["BLPOP a 0", "BLPOP b 0"]) kept.engine.connect().call(command.split(" "), (reply) => heard.push(reply));
  fails("write");
  const script = "redis.call('RPUSH', 'a', 1) redis.call('RPUSH', 'b', 2) return 'pushed'";
  expect(send(kept, ["EVAL", script, "0"])).toMatchObject({ message: expect.stringMatching(/^NOTKEPT /) });
  expect([heard, send(kept, "LLEN a")]).toEqual([[], 1]);
  disk.failing.clear();
  vi.advanceTimersByTime(1000);
  kept.clock.set(kept.clock.now() + 1);
  expect(heard).toEqual([
    ["a", "1"],
    ["b", "2"],
  ]);
});

test("a file that the disk could not keep within a second is written anew, and until then writes are refused", async () => {
  holdTimers();
  const file = fresh();
  const kept = start({ file });
  send(kept, "SET k v");
  await tick();
  fails("fdatasync");
  vi.advanceTimersByTime(1000);
  // waits: the disk answers beside everything else, and tells nobody but the file.
  await expect.poll(() => kept.warnings).toEqual([expect.stringContaining("so writes are refused: EIO: i/o error, fdatasync")]);
  expect(send(kept, "SET k w")).toMatchObject({ message: expect.stringMatching(/^MISCONF /) });
  disk.failing.clear();
  disk.kept.length = 0;
  vi.advanceTimersByTime(1000);
  expect(disk.kept).toEqual([`${file}.rewrite`, path()]);
  expect(send(kept, "SET k w")).toMatchObject({ text: "OK" });
});

test("a file that cannot be looked at is no end of the process, and is used again once it can", async () => {
  holdTimers();
  const kept = start({ file: fresh() });
  send(kept, "SET k v");
  await tick();
  fails("fstat");
  vi.advanceTimersByTime(1000);
  expect(send(kept, "SET k w")).toMatchObject({ message: expect.stringMatching(/^MISCONF .*EIO: i\/o error, fstat$/) });
  disk.failing.clear();
  vi.advanceTimersByTime(1000);
  expect(send(kept, "SET k w")).toMatchObject({ text: "OK" });
});
