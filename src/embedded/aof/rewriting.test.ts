import { appendFileSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Stream } from "../store/index.ts";
import { close, send, stateOf, useFolder } from "./fixtures/index.ts";

const folder = useFolder();
const { fresh, start, restart } = folder;

const tick = (): Promise<void> => Promise.resolve();

describe("writing it anew", () => {
  test("leaves the fewest commands, once it has doubled", async () => {
    const file = fresh();
    const kept = start({ file, rewriteBytesMin: 3000 });
    send(kept, "SET volatile v PX 5000");
    for (let index = 0; index < 100; index++) send(kept, `SET k ${index}`);
    await tick();
    expect(statSync(file).size).toBeLessThan(300);
    expect(kept.warnings).toEqual([]);
    for (let index = 0; index < 3; index++) send(kept, `RPUSH list ${index}`);
    const again = restart(kept, { file });
    expect(stateOf(again.engine)).toEqual(stateOf(kept.engine));
    expect(again.aof.recovery.commands).toBe(5);
  });

  test("waits until it has doubled since the last time", async () => {
    const file = fresh();
    const kept = start({ file, rewriteBytesMin: 2000 });
    let rewrites = 0;
    let size = 0;
    for (let index = 0; index < 1000; index++) {
      send(kept, `SET key:${index} value`);
      await tick();
      if (statSync(file).size < size) rewrites++;
      size = statSync(file).size;
    }
    // A record has a first line of its own, so even what is all new shrinks by a factor each time.
    expect(rewrites).toBeGreaterThan(2);
    expect(rewrites).toBeLessThan(20);
  });

  test("by BGREWRITEAOF, and in the midst of a transaction", async () => {
    const file = fresh();
    const kept = start({ file });
    const session = kept.engine.connect();
    for (const command of ["SET a 1", "SET a 2", "MULTI", "INCR a", "BGREWRITEAOF", "INCR a", "EXEC"])
      session.execute(command.split(" "));
    await tick();
    expect(readFileSync(file, "latin1")).not.toContain("INCR");
    expect(send(restart(kept, { file }), "GET a")).toBe("4");
  });

  test("by a snapshot that is brought back", async () => {
    const file = fresh();
    const kept = start({ file });
    send(kept, "SET a 1");
    send(kept, ["FUNCTION", "LOAD", "#!lua name=one\nredis.register_function('f', function() return 7 end)"]);
    const snapshot = kept.engine.dump();
    send(kept, "FLUSHALL");
    send(kept, "FUNCTION FLUSH");
    kept.engine.restore(snapshot);
    await tick();
    const again = restart(kept, { file });
    expect([send(again, "GET a"), send(again, "FCALL f 0")]).toEqual(["1", 7]);
  });

  test("knows streams to the last counter", async () => {
    const file = fresh();
    const kept = start({ file });
    const commands = `
      XGROUP CREATE empty g 5-5 MKSTREAM ENTRIESREAD 3
      XGROUP CREATE nothing g 0 MKSTREAM
      XGROUP DESTROY nothing g
      XADD s 1-1 a 1
      XADD s 2-1 a 2 b 3
      XADD s 3-1 c 4
      XADD s 4-1 c 4
      XGROUP CREATE s g 0
      XREADGROUP GROUP g one COUNT 2 STREAMS s >
      XREADGROUP GROUP g two STREAMS s >
      XGROUP CREATECONSUMER s g idle
      XCLAIM s g two 0 1-1 RETRYCOUNT 9 IDLE 50
      XDEL s 2-1 4-1
      XADD trimmed 1-1 a 1
      XADD trimmed 2-1 a 1
      XGROUP CREATE trimmed g 0
      XREADGROUP GROUP g one STREAMS trimmed >
      XADD trimmed MAXLEN 1 3-1 a 1
      XADD gone 18446744073709551615-1 a 1
      XGROUP CREATE gone g 0
      XREADGROUP GROUP g one STREAMS gone >
      XTRIM gone MAXLEN 0
      XADD back 9-9 a b
      XDEL back 9-9
      XSETID back 3-3
      PEXPIRE back 5000`;
    for (const command of commands.trim().split("\n")) {
      expect(send(kept, command.trim())).not.toHaveProperty("message");
      kept.clock.set(kept.clock.now() + 10);
    }
    const before = stateOf(kept.engine);
    kept.aof.rewrite();
    await tick();
    expect(kept.warnings).toEqual([]);
    const again = restart(kept, { file });
    expect(stateOf(again.engine)).toEqual(before);
    const stream = again.engine.keyspace.databases[0]?.get("back");
    expect(stream).toBeInstanceOf(Stream);
    expect(String((stream as Stream).maxDeletedId)).toBe("9-9");
  });

  test("leaves the file as it is if another program writes to it as well", async () => {
    const file = fresh();
    const kept = start({ file });
    send(kept, "SET k v");
    await tick();
    appendFileSync(file, "x");
    kept.aof.rewrite();
    await tick();
    expect(kept.warnings).toEqual([
      expect.stringContaining("could not be written anew, and goes on growing: Error: another program writes to it"),
    ]);
    truncateSync(file, statSync(file).size - 1);
  });

  test("comes before every further write if a snapshot was brought back, and is tried again until it is done", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const file = fresh();
    const kept = start({ file });
    send(kept, "SET k v");
    const snapshot = kept.engine.dump();
    for (const command of ["DEL k", "RPUSH k a"]) send(kept, command);
    await tick();
    const history = readFileSync(file);
    // Where it is written anew there is a file already.
    writeFileSync(`${file}.rewrite`, "");
    kept.engine.restore(snapshot);
    await tick();
    expect(send(kept, "APPEND k w")).toMatchObject({ message: expect.stringMatching(/^MISCONF .*EEXIST/) });
    expect(send(kept, "GET k")).toBe("v");
    await tick();
    expect([readFileSync(file), kept.warnings.length]).toEqual([history, 1]);
    rmSync(`${file}.rewrite`);
    vi.advanceTimersByTime(1000);
    expect(send(kept, "APPEND k w")).toBe(2);
    expect(send(restart(kept, { file }), "GET k")).toBe("vw");
  });

  test("leaves nothing else in the folder, and removes what a killed process left", async () => {
    const file = fresh();
    writeFileSync(`${file}.rewrite`, "half");
    const kept = start({ file });
    kept.aof.rewrite();
    await tick();
    close(kept);
    expect(readdirSync(folder.path()).filter((name) => name.endsWith(".rewrite"))).toEqual([]);
  });
});
