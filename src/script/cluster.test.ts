import type { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisCluster, startCluster } from "../testing/index.ts";
import { calls, clients, defineLoosely, type Loose, openToReplicas, refusal, witness } from "./fixtures/index.ts";
import { call, prepare, run, runBatch, type Script, type Writes } from "./index.ts";

function script(writes: Writes, lua: string, keys: { readonly [name: string]: "string" } = { key: "string" }): Script<Loose> {
  return defineLoosely({ name: "test.one", keys, args: {}, reply: "integer", writes, lua });
}

const counting = script("once", `return redis.call("INCR", KEYS[1])`);

/** Keys in the slots of the first, second and third primary. */
const tags = ["{b}", "{c}", "{a}"] as const;

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startCluster({ primaries: 3, replicas: 1 });
});
afterAll(() => cluster.stop());

/** Looks at the primaries, in the order of {@link tags}. */
function primaries(): readonly Redis[] {
  return cluster.nodes.filter(({ slots }) => slots !== undefined).map((node) => witness(node));
}

describe.each(clients)("in a cluster, over %s", (client) => {
  let redis: RedisPort;

  beforeAll(async () => {
    redis = await connect(cluster.url, { client });
  });
  afterAll(() => redis.close());
  beforeEach(async () => {
    for (const primary of primaries()) {
      await primary.flushall();
      await primary.script("FLUSH");
      await primary.config("RESETSTAT");
    }
  });

  test("prepare gives the script to every primary, so that no call has to", async () => {
    const nodes = primaries();
    await prepare(redis, counting);
    for (const node of nodes) expect(await node.script("EXISTS", counting.sha)).toEqual([1]);
    for (const tag of tags) expect(await run(redis, counting, { key: `${tag}:n` }, {})).toBe(1);
    for (const node of nodes) expect(await calls(node)).toMatchObject({ evalsha: 1, incr: 1, "script|load": 1 });
  });

  test("a node that has forgotten the script is given it again, and no other", async () => {
    const [first, second, third] = primaries() as readonly [Redis, Redis, Redis];
    await prepare(redis, counting);
    for (const node of [first, second, third]) await node.config("RESETSTAT");
    await second.script("FLUSH");
    for (const tag of tags) expect(await run(redis, counting, { key: `${tag}:n` }, {})).toBe(1);
    for (const node of [first, third]) expect(await calls(node)).toEqual({ evalsha: 1, incr: 1 });
    expect(await calls(second)).toEqual({ evalsha: 2, "script|load": 1, "script|flush": 1, incr: 1 });
  });

  test("the node that a slot is moving to is given the script with the call", async () => {
    const [from, to] = primaries() as readonly [Redis, Redis];
    const key = "{b}:moved";
    const slot = await from.cluster("KEYSLOT", key);
    await from.cluster("SETSLOT", slot, "MIGRATING", await to.cluster("MYID"));
    await to.cluster("SETSLOT", slot, "IMPORTING", await from.cluster("MYID"));
    onTestFinished(async () => {
      for (const node of [from, to]) await node.cluster("SETSLOT", slot, "STABLE");
    });
    expect(await run(redis, counting, { key }, {})).toBe(1);
    expect(await run(redis, counting, { key }, {})).toBe(2);
    expect(await calls(to)).toMatchObject({ eval: 1, incr: 2 });
    expect(await calls(from)).toMatchObject({ "script|load": 1 });
  });

  test("a script without keys is asked of one node, which is given it once", async () => {
    const keyless = script("none", "return 7", {});
    for (let times = 0; times < 20; times++) expect(await run(redis, keyless, {}, {})).toBe(7);
    const counts = await Promise.all(primaries().map(calls));
    const total = (name: string): number => counts.reduce((sum, each) => sum + (each[name] ?? 0), 0);
    expect([total("evalsha_ro"), total("evalsha"), total("script|load")]).toEqual([21, 0, 1]);
  });

  test("a batch goes to the node of its slot; each node is given the script by the first batch that it gets", async () => {
    const nodes = primaries();
    for (let times = 1; times <= 2; times++) {
      for (const tag of tags) {
        const calls = [call(counting, { key: `${tag}:a` }, {}), call(counting, { key: `${tag}:b` }, {})];
        expect(await runBatch(redis, calls)).toEqual([
          { ok: true, value: times },
          { ok: true, value: times },
        ]);
      }
    }
    for (const node of nodes) expect(await calls(node)).toEqual({ evalsha: 4, "script|load": 1, incr: 4 });
  });

  test("a batch over several slots is refused before anything is sent", async () => {
    const attempt = runBatch(redis, [call(counting, { key: "{a}:n" }, {}), call(counting, { key: "{b}:n" }, {})]);
    expect(await refusal(attempt)).toMatchObject({ code: "SCRIPT_KEYS", script: "batch", applied: "no" });
    for (const node of primaries()) expect(await calls(node)).toEqual({});
  });
});

describe.each(clients)("with a client that asks replicas, over %s", (client) => {
  test("a script of no writes is soon answered by replicas alone, and one that writes by the primary", async () => {
    const redis = await openToReplicas[client](cluster);
    const reading = script("none", `return tonumber(redis.call("GET", KEYS[1]) or 0)`);
    const [primary] = primaries() as readonly [Redis];
    const nodes = cluster.nodes.map((node) => witness(node));
    for (const node of nodes) await node.script("FLUSH");
    await primary.set("{b}:n", 7);
    await primary.wait(1, 5_000);
    const read = async (): Promise<readonly unknown[]> => {
      for (const node of nodes) await node.config("RESETSTAT");
      for (let times = 0; times < 20; times++) expect(await run(redis, reading, { key: "{b}:n" }, {}, { replica: true })).toBe(7);
      const replicas = nodes.filter((_, index) => cluster.nodes[index]?.slots === undefined);
      const total = async (of: readonly Redis[], name: string): Promise<number> =>
        (await Promise.all(of.map(calls))).reduce((sum, each) => sum + (each[name] ?? 0), 0);
      expect(await total(replicas, "evalsha_ro")).toBeGreaterThan(5);
      return [await total(nodes, "eval_ro"), await total(nodes, "script|load"), await total(nodes, "evalsha")];
    };
    expect(await read()).toEqual([8, 0, 0]);
    expect(await read()).toEqual([0, 0, 0]);
    expect(await run(redis, counting, { key: "{b}:n" }, {}, { replica: true })).toBe(8);
  });
});
