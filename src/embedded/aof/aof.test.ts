import { copyFileSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { EvictionPolicy } from "../store/index.ts";
import { OK, Refusal } from "../value/index.ts";
import { beginning, close, live, open, send, stateOf, useFolder } from "./fixtures/index.ts";

const folder = useFolder();
const { fresh, start, restart } = folder;

const tick = (): Promise<void> => Promise.resolve();

describe("a restart", () => {
  test("finds everything again", () => {
    const file = fresh();
    const kept = start({ file });
    for (const command of ["SET s v", "HSET h f 1", "RPUSH l a b", "SADD t x 1", "ZADD z 1.5 m", "XADD x 1-1 f v"])
      send(kept, command);
    const again = restart(kept, { file });
    expect(stateOf(again.engine)).toEqual(stateOf(kept.engine));
    expect(send(again, "DBSIZE")).toBe(6);
    expect(again.aof.recovery).toEqual({ commands: 6, bytes: statSync(file).size, cutBytes: 0, refused: 0 });
  });

  test("runs commands at the time at which they ran", () => {
    const file = fresh();
    const kept = start({ file });
    send(kept, "SET short v PX 1000");
    send(kept, "SET long v PX 60000");
    kept.clock.set(beginning + 500.25);
    send(kept, "XADD s * f v");
    send(kept, "EXPIRE long 100");
    const again = restart(kept, { file }, beginning + 2000);
    expect(send(again, "XRANGE s - +")).toEqual([[`${beginning + 500}-0`, ["f", "v"]]]);
    expect(send(again, "EXISTS short")).toBe(0);
    expect(send(again, "PEXPIRETIME long")).toBe(beginning + 100_500);
  });

  test("goes on where the last one ended, in other databases too", () => {
    const file = fresh();
    const first = start({ file });
    const session = first.engine.connect();
    for (const command of ["SELECT 3", "SET k 1", "SELECT 5", "SET k 2"]) session.execute(command.split(" "));
    const second = restart(first, { file });
    send(second, "SET k 0");
    const third = restart(second, { file });
    expect(stateOf(third.engine)).toMatchObject({ "0 k": { value: "0" }, "3 k": { value: "1" }, "5 k": { value: "2" } });
  });

  test("runs no command that only looked, and none that changed nothing", async () => {
    const file = fresh();
    const kept = start({ file });
    for (const command of ["GET k", "DEL k", "SADD s m", "SADD s m", "SADD s m", "EXPIRE none 5", "SMEMBERS s", "PUBLISH c m"])
      send(kept, command);
    await tick();
    expect(restart(kept, { file }).aof.recovery.commands).toBe(1);
  });

  test("knows what was drawn at random", () => {
    const file = fresh();
    const kept = start({ file });
    send(kept, ["SADD", "s", ..."abcdefghij"]);
    send(kept, "SPOP s 3");
    send(kept, "SPOP s");
    expect(stateOf(restart(kept, { file }).engine)).toEqual(stateOf(kept.engine));
  });

  test("knows what was evicted, and evicts nothing else by itself", () => {
    const file = fresh();
    const kept = start({ file });
    const policy: EvictionPolicy = "allkeys-random";
    kept.engine.keyspace.policy = policy;
    kept.engine.limitMemory(20_000);
    for (let index = 0; index < 500; index++) send(kept, `SET key:${index} value`);
    expect(kept.engine.keyspace.evictedKeys).toBeGreaterThan(100);
    const again = restart(kept, { file });
    expect(stateOf(again.engine)).toEqual(stateOf(kept.engine));
  });

  test("knows functions, and what a script did, write by write", async () => {
    const file = fresh();
    const kept = start({ file });
    send(kept, [
      "FUNCTION",
      "LOAD",
      "#!lua name=lib\nredis.register_function('twice', function(k) return redis.call('INCRBY', k[1], 2) end)",
    ]);
    send(kept, "FCALL twice 1 n");
    send(kept, [
      "EVAL",
      "redis.call('SET', 'a', redis.call('TIME')[1]) redis.call('GET', 'a') return redis.call('INCR', 'n')",
      "0",
    ]);
    send(kept, ["EVAL", "redis.call('INCR', 'n') error('half way')", "0"]);
    await tick();
    const text = readFileSync(file, "latin1");
    expect(text).not.toMatch(/EVAL|FCALL/);
    const again = restart(kept, { file });
    expect(stateOf(again.engine)).toEqual(stateOf(kept.engine));
    expect(send(again, "FCALL twice 1 n")).toBe(6);
  });

  test("knows what clients got that had waited", () => {
    const file = fresh();
    const kept = start({ file });
    send(kept, "XGROUP CREATE s streams $ MKSTREAM");
    const steps = live(kept, [
      { client: 0, args: ["XREADGROUP", "COUNT", "5", "GROUP", "streams", "c", "BLOCK", "0", "STREAMS", "s", ">"] },
      { client: 1, args: ["XADD", "s", "1-1", "f", "v"] },
      { client: 0, args: ["BLMOVE", "list", "other", "LEFT", "RIGHT", "0"] },
      { pass: 5 },
      { client: 1, args: ["MULTI"] },
      { client: 1, args: ["RPUSH", "list", "a", "b"] },
      { client: 1, args: ["SET", "k", "v"] },
      { client: 1, args: ["EXEC"] },
    ]);
    expect(steps).toHaveLength(5);
    const again = restart(kept, { file });
    expect(stateOf(again.engine)).toEqual(stateOf(kept.engine));
    expect(send(again, "LRANGE other 0 -1")).toEqual(["a"]);
    expect(send(again, "XPENDING s streams")).toEqual([1, "1-1", "1-1", [["c", "1"]]]);
  });
});

describe("a file whose end was not written", () => {
  test("is found up to there, wherever that is", () => {
    const file = fresh();
    const kept = start({ file, fsync: "always" });
    const ends = [{ size: 13, state: stateOf(kept.engine) }];
    const session = kept.engine.connect();
    for (const command of ["SET k v", "MULTI", "RPUSH l a", "RPUSH l b", "EXEC", "XADD s * f v", "DEL k"]) {
      session.execute(command.split(" "));
      if (statSync(file).size > (ends.at(-1)?.size ?? 0)) ends.push({ size: statSync(file).size, state: stateOf(kept.engine) });
    }
    close(kept);
    expect(ends).toHaveLength(5);
    const bytes = readFileSync(file);
    const torn = fresh();
    for (let cut = bytes.length; cut >= 0; cut--) {
      writeFileSync(torn, bytes.subarray(0, cut));
      const again = open({ file: torn }, beginning);
      const whole = ends.findLast(({ size }) => size <= cut) ?? { size: 0, state: {} };
      expect(stateOf(again.engine), `cut at ${cut}`).toEqual(whole.state);
      expect(again.aof.recovery.cutBytes).toBe(cut < 13 ? 0 : cut - whole.size);
      expect(again.warnings).toHaveLength(cut > 13 && cut !== whole.size ? 1 : 0);
      send(again, "SET after 1");
      close(again);
      const third = open({ file: torn }, beginning);
      expect(stateOf(third.engine)).toEqual(stateOf(again.engine));
      close(third);
    }
  });

  test("may end in zeros, as after a loss of power", async () => {
    const file = fresh();
    const kept = start({ file });
    send(kept, "SET k v");
    await tick();
    const { size } = statSync(file);
    send(kept, "SET k w");
    close(kept);
    for (const kept of [size, size + 28, size + 40]) {
      const bytes = readFileSync(file);
      bytes.fill(0, kept);
      const torn = fresh();
      writeFileSync(torn, Buffer.concat([bytes, Buffer.alloc(5000)]));
      const again = start({ file: torn });
      expect(send(again, "GET k")).toBe("v");
      expect(again.warnings).toEqual([expect.stringMatching(/^The last \d+ bytes of .* were cut off/)]);
      expect(statSync(torn).size).toBe(size);
    }
  });
});

describe("a file that was damaged", () => {
  function damaged(at: (bytes: Buffer) => number): { readonly file: string; readonly offset: number } {
    const file = fresh();
    const kept = open({ file, fsync: "always" });
    send(kept, "SET a 1");
    const offset = statSync(file).size;
    send(kept, "SET b 2");
    send(kept, "SET c 3");
    close(kept);
    const bytes = readFileSync(file);
    const place = offset + at(bytes.subarray(offset));
    bytes[place] = (bytes[place] as number) ^ 1;
    writeFileSync(file, bytes);
    return { file, offset };
  }

  test.each([
    ["a value", (bytes: Buffer) => bytes.indexOf("2\r\n", bytes.indexOf("SET"))],
    ["a length", () => 8],
    ["a checksum", () => 12],
    ["a time", () => 30],
  ])("in %s is refused, and the error says where", (_, at) => {
    const { file, offset } = damaged(at);
    const text = `The append-only file ${file} was damaged at byte ${offset}: what stands there is not what was written.`;
    expect(() => open({ file })).toThrow(
      expect.objectContaining({ code: "AOF_CORRUPT", file, offset, message: expect.stringContaining(text) }),
    );
  });

  test("starts without what follows the damage if it is told to", () => {
    const { file, offset } = damaged(() => 30);
    const kept = start({ file, repair: true });
    expect(Object.keys(stateOf(kept.engine))).toEqual(["0 a"]);
    expect(kept.warnings).toHaveLength(1);
    expect(statSync(file).size).toBe(offset);
  });

  test("is left alone if it is none of ours", () => {
    for (const text of ["*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n", "redlua-aof 2\n", "REDIS0010"]) {
      const file = fresh();
      writeFileSync(file, text);
      expect(() => open({ file })).toThrow(expect.objectContaining({ code: "AOF_FOREIGN" }));
      expect(readFileSync(file, "latin1")).toBe(text);
    }
  });

  test("is refused if it holds what the engine refuses", () => {
    const file = fresh();
    const kept = open({ file });
    kept.aof.append(0, beginning, [["SET", "k", "v"]]);
    kept.aof.append(0, beginning, [
      ["LPUSH", "k", "v"],
      ["SET", "l", "v"],
    ]);
    close(kept);
    expect(() => open({ file })).toThrow(
      expect.objectContaining({ code: "AOF_REPLAY", message: expect.stringContaining("LPUSH: WRONGTYPE Operation") }),
    );
    const again = start({ file, repair: true });
    expect(again.aof.recovery).toMatchObject({ refused: 1, cutBytes: 0 });
    expect(send(again, "MGET k l")).toEqual(["v", "v"]);
  });

  test("cannot be opened where no file can be", () => {
    expect(() => open({ file: folder.path() })).toThrow(expect.objectContaining({ code: "AOF_ACCESS" }));
  });

  test("is used by one engine at a time", () => {
    const file = fresh();
    const kept = start({ file });
    expect(() => open({ file })).toThrow(expect.objectContaining({ code: "AOF_IN_USE" }));
    restart(kept, { file });
  });
});

test("what cannot be kept is refused, in transactions and scripts too", () => {
  const { engine } = start({ file: fresh() });
  const session = engine.connect();
  const refusal = new Refusal("MISCONF Errors writing to the AOF file: the disk is full");
  const replies = (...commands: string[][]): unknown[] => commands.map((command) => session.execute(command));
  session.execute(["MULTI"]);
  session.execute(["SET", "k", "v"]);
  engine.refuseWrites(refusal);
  expect(replies(["EXEC"])).toEqual([new Refusal(`EXECABORT Transaction discarded because of: ${refusal.message}`)]);
  expect(replies(["SET", "k", "v"], ["PING"], ["GET", "k"])).toEqual([refusal, refusal, null]);
  expect(replies(["EVAL", "return {redis.pcall('SET', 'k', 'v')['err'], redis.call('EXISTS', 'k')}", "0"])).toEqual([
    [refusal.message, 0],
  ]);
  engine.refuseWrites(undefined);
  expect(replies(["SET", "k", "v"], ["GET", "k"])).toEqual([OK, "v"]);
});

test.each(["always", "everysec", "no"] as const)(
  "a file that is put in its place is noticed within a second, with fsync %s",
  async (fsync) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const file = fresh();
    const kept = start({ file, fsync });
    send(kept, "SET k v");
    await tick();
    copyFileSync(file, `${file}.other`);
    renameSync(`${file}.other`, file);
    const others = readFileSync(file);
    vi.advanceTimersByTime(1000);
    expect(kept.warnings).toEqual([expect.stringContaining("so writes are refused: another program writes to it")]);
    expect(send(kept, "SET k w")).toMatchObject({ message: expect.stringMatching(/^MISCONF .* another program writes to it$/) });
    expect([send(kept, "GET k"), readFileSync(file)]).toEqual(["v", others]);
  },
);

describe("when it is written", () => {
  test("before the reply, with always", () => {
    const file = fresh();
    const kept = start({ file, fsync: "always" });
    send(kept, "SET k v");
    expect(readFileSync(file, "latin1")).toContain("SET");
  });

  test("by the end of the tick, otherwise, all of the tick at once", async () => {
    const file = fresh();
    const kept = start({ file });
    send(kept, "SET k v");
    send(kept, "SET k w");
    const before = statSync(file).size;
    await tick();
    expect(before).toBe(13);
    expect(readFileSync(file, "latin1").match(/SET/g)).toHaveLength(2);
  });

  test("with great values as well", () => {
    const file = fresh();
    const kept = start({ file });
    const great = "\xff\0\r\n".repeat(2_000_000);
    send(kept, ["SET", "great", great]);
    send(kept, ["RPUSH", "list", great.slice(0, 5000), "", "x".repeat(4096), "y".repeat(4097)]);
    expect(stateOf(restart(kept, { file }).engine)).toEqual(stateOf(kept.engine));
  });
});
