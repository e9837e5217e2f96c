import { expect, test } from "vitest";
import { commands } from "../command/all.ts";
import { Blocked } from "../command/index.ts";
import { StillClock } from "../fixtures/index.ts";
import { Refusal, type Reply, type Status } from "../value/index.ts";
import { type CommandLog, Engine, type Session } from "./index.ts";

interface Kept {
  readonly database: number;
  readonly at: number;
  readonly commands: readonly string[];
}

function withLog(start = 1_000_000): { engine: Engine; clock: StillClock; kept: Kept[]; run(text: string): unknown } {
  const clock = new StillClock(start);
  const engine = new Engine({ clock, commands });
  const kept: Kept[] = [];
  const log: CommandLog = {
    append: (database, at, list) => {
      kept.push({ database, at, commands: list.map((args) => args.join(" ")) });
      return undefined;
    },
  };
  engine.log = log;
  const session = engine.connect();
  return { engine, clock, kept, run: (text) => session.execute(text.split(" ")) };
}

test("the log keeps what changed something, and when", () => {
  const { kept, clock, run } = withLog();
  for (const command of ["SET k 1", "GET k", "DEL nothing", "SADD s a", "SADD s a", "INCR nosuch x", "LPUSH k 1"]) run(command);
  clock.set(1_000_500);
  run("INCR k");
  expect(kept).toEqual([
    { database: 0, at: 1_000_000, commands: ["SET k 1"] },
    { database: 0, at: 1_000_000, commands: ["SADD s a"] },
    { database: 0, at: 1_000_500, commands: ["INCR k"] },
  ]);
});

test("the log keeps a transaction as one, with the databases it changes to", () => {
  const { kept, run } = withLog();
  for (const command of ["SELECT 1", "MULTI", "SET k 1", "GET k", "SELECT 2", "INCR n", "SELECT 1", "INCR k", "EXEC"])
    run(command);
  expect(kept).toEqual([{ database: 1, at: 1_000_000, commands: ["SET k 1", "SELECT 2", "INCR n", "SELECT 1", "INCR k"] }]);
});

test("the log keeps what a script did, not the script", () => {
  const { engine, kept } = withLog();
  engine.connect().execute(["EVAL", "redis.call('SET','k',1) redis.call('GET','k') redis.call('INCR','k') return 1", "0"]);
  expect(kept).toEqual([{ database: 0, at: 1_000_000, commands: ["SET k 1", "INCR k"] }]);
});

test("the log keeps what a command that chooses by chance has chosen", () => {
  const { kept, run } = withLog();
  run("SADD s a");
  run("SPOP s");
  expect(kept.at(-1)?.commands).toHaveLength(1);
  expect(kept.at(-1)?.commands[0]).toMatch(/ s( a)?$/);
});

test("the log keeps what a woken client takes after what woke it", () => {
  const { engine, kept, run } = withLog();
  engine.connect().call(["BLMOVE", "l", "m", "LEFT", "RIGHT", "0"], () => {});
  run("RPUSH l 1 2");
  expect(kept.map((each) => each.commands[0])).toEqual(["RPUSH l 1 2", "BLMOVE l m LEFT RIGHT 0"]);
});

test("what the log keeps makes the same data again", () => {
  const { engine, kept, run, clock } = withLog();
  const text =
    "SET a 1 EX 10;RPUSH l 1 2 3;SELECT 3;ZADD z 1 a 2 b;XADD x * f v;HSET h f v;EXPIRE h 5;SELECT 0;INCRBYFLOAT a 0.1;SADD s 1 2 3;SPOP s 2";
  for (const command of text.split(";")) {
    clock.advance(7);
    run(command);
  }
  const again = new StillClock(0);
  const copy = new Engine({ clock: again, commands });
  const session = copy.connect();
  for (const entry of kept) {
    again.set(entry.at);
    session.execute(["SELECT", String(entry.database)]);
    for (const command of entry.commands) session.execute(command.split(" "));
  }
  again.set(clock.now());
  expect(copy.dump()).toEqual(engine.dump());
});

test("an engine without memory left refuses what takes more, and lets the rest run", () => {
  const engine = new Engine({ clock: new StillClock(), commands, maxMemory: 200 });
  const session = engine.connect();
  const run = (text: string): unknown => session.execute(text.split(" "));
  expect(run(`SET big ${"x".repeat(300)}`)).toMatchObject({ text: "OK" });
  const oom = { message: "OOM command not allowed when used memory > 'maxmemory'." };
  expect(run("SET k 1")).toMatchObject(oom);
  expect(run("STRLEN big")).toBe(300);
  run("MULTI");
  expect(run("GET k")).toMatchObject(oom);
  expect(run("EXEC")).toMatchObject({ message: "EXECABORT Transaction discarded because of previous errors." });
  expect(run("CONFIG SET maxmemory-policy allkeys-lru")).toMatchObject({ text: "OK" });
  expect(run("SET k 1")).toMatchObject({ text: "OK" });
  expect(run("EXISTS big k")).toBe(1);
});

test("memory that ends between MULTI and EXEC ends the transaction", () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const session = engine.connect();
  const run = (text: string): unknown => session.execute(text.split(" "));
  run("SET k 1");
  run("MULTI");
  run("SET l 1");
  engine.limitMemory(1);
  const why = "EXECABORT Transaction discarded because of: OOM command not allowed when used memory > 'maxmemory'.";
  expect(run("EXEC")).toMatchObject({ message: why });
  expect(run("EXEC")).toMatchObject({ message: "ERR EXEC without MULTI" });
});

test("MONITOR sees what others run, passwords hidden, and gives up its keys", () => {
  const clock = new StillClock(1_234_567.5);
  const engine = new Engine({ clock, commands });
  const [watcher, client] = [engine.connect(), engine.connect({ address: "10.0.0.1:5" })];
  const heard: string[] = [];
  const monitor = (reply: Reply): void => void heard.push((reply as Status).text);
  watcher.call(["MONITOR"], monitor);
  for (const text of ['SET k a"\n', "CONFIG GET x", "AUTH default secret", "MULTI", "GET k", "EXEC"])
    client.execute(text.split(" "));
  client.execute(["EVAL", "return redis.call('GET', 'k')", "0"]);
  expect(heard.map((line) => line.replace("1234.567500 ", ""))).toEqual([
    "OK",
    '[0 10.0.0.1:5] "SET" "k" "a\\"\\n"',
    '[0 10.0.0.1:5] "AUTH" "(redacted)" "(redacted)"',
    '[0 10.0.0.1:5] "MULTI"',
    '[0 10.0.0.1:5] "GET" "k"',
    '[0 10.0.0.1:5] "EXEC"',
    '[0 10.0.0.1:5] "EVAL" "return redis.call(\'GET\', \'k\')" "0"',
    '[0 lua] "GET" "k"',
  ]);
  expect(watcher.execute(["GET", "k"])).toEqual(new Refusal("ERR Replica can't interact with the keyspace"));
  watcher.execute(["RESET"]);
  client.execute(["PING"]);
  expect(heard).toHaveLength(8);
});

test("SLOWLOG keeps the latest of what took long", () => {
  const engine = new Engine({ clock: new StillClock(5_000), commands });
  const session = engine.connect();
  const run = (...args: string[]): Reply => session.execute(args) as Reply;
  run("CONFIG", "SET", "slowlog-log-slower-than", "0", "slowlog-max-len", "2");
  run("SET", "k", "v".repeat(130));
  run("RPUSH", "l", ...Array.from({ length: 40 }, String));
  run("PING");
  run("CONFIG", "SET", "slowlog-log-slower-than", "-1");
  expect(run("SLOWLOG", "LEN")).toBe(2);
  const entries = run("SLOWLOG", "GET") as Reply[][];
  expect(entries.map(([id, seconds]) => [id, seconds])).toEqual([
    [4, 5],
    [3, 5],
  ]);
  expect(entries[1]?.[3]).toEqual(["PING"]);
});

test("a call that has waited is shown once by MONITOR, and once by SLOWLOG", () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const [watcher, waiting, other] = [engine.connect(), engine.connect(), engine.connect()];
  const seen: string[] = [];
  const heard: Reply[] = [];
  watcher.call(["MONITOR"], (reply) => void seen.push((reply as Status).text));
  other.execute(["CONFIG", "SET", "slowlog-log-slower-than", "0"]);
  waiting.call(["BLPOP", "l", "0"], (reply) => heard.push(reply));
  other.execute(["RPUSH", "l", "1"]);
  expect(heard).toEqual([["l", "1"]]);
  expect(seen.filter((line) => line.includes('"BLPOP"'))).toHaveLength(1);
  const entries = other.execute(["SLOWLOG", "GET", "-1"]) as Reply[][];
  expect(entries.map((entry) => (entry[3] as string[])[0]).filter((name) => name === "BLPOP")).toHaveLength(1);
});

test("a callback that throws takes no other's reply away", async () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const [a, b, c] = [engine.connect(), engine.connect(), engine.connect()];
  const heard: Reply[] = [];
  a.call(["BLPOP", "l", "0"], () => {
    throw new Error("mine");
  });
  b.call(["BLPOP", "l", "0"], (reply) => heard.push(reply));
  expect(() => c.call(["RPUSH", "l", "1", "2"], (reply) => heard.push(reply))).toThrow("mine");
  await Promise.resolve();
  expect(heard).toEqual([2, ["l", "2"]]);
});

test("a session that was closed does nothing any more", () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const session: Session = engine.connect();
  const heard: Reply[] = [];
  session.call(["SUBSCRIBE", "c"], () => {});
  session.close();
  session.close();
  session.call(["SET", "k", "1"], (reply) => heard.push(reply));
  const other = engine.connect();
  expect([heard, other.execute(["PUBLISH", "c", "m"]), other.execute(["GET", "k"])]).toEqual([[], 0, null]);
});

test("DEBUG SLEEP lets its client wait, by the engine's clock, and nobody else", () => {
  const clock = new StillClock();
  const engine = new Engine({ clock, commands });
  const [a, b] = [engine.connect(), engine.connect()];
  const heard: Reply[] = [];
  a.call(["DEBUG", "SLEEP", "1.5"], (reply) => heard.push(reply));
  a.call(["INCR", "n"], (reply) => heard.push(reply));
  b.call(["INCR", "n"], (reply) => heard.push(reply));
  clock.advance(1499);
  expect(heard).toEqual([1]);
  clock.advance(1);
  expect(heard).toEqual([1, expect.objectContaining({ text: "OK" }), 2]);
});

test("execute waits for nothing", () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const reply = engine.connect().execute(["BLPOP", "l", "0"]);
  expect(reply).toBeInstanceOf(Blocked);
  expect(engine.parking.size).toBe(0);
});

test("SHUTDOWN is its maker's to allow", () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const session = engine.connect();
  expect(session.execute(["SHUTDOWN"])).toBeInstanceOf(Refusal);
  let down = 0;
  engine.onShutdown = () => down++;
  session.call(["SHUTDOWN", "NOSAVE"], () => expect.unreachable());
  expect(down).toBe(1);
});

test("stop lets clients go, once", () => {
  const engine = new Engine({ clock: new StillClock(), commands });
  const session = engine.connect();
  let ended = 0;
  session.onEnd = () => ended++;
  engine.stop();
  engine.stop();
  expect([ended, engine.clients.size]).toEqual([1, 0]);
});
