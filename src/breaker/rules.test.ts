import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { connect, type RedisPort } from "redlua/client";
import { type RedisServer, startRedis } from "redlua/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LocalRules } from "./local-rules.ts";
import { type CircuitBreakerOptions, readSettings } from "./options.ts";
import { SharedRules } from "./shared-rules.ts";
import type { Counts, Permits, ProbeOutcome, Standing, StateName } from "./state.ts";

const noon = 1_700_000_000_000;

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

/** The rules as the guide tells them, without a thought for speed: every report is kept, and looked at again each time. */
class Oracle {
  state: StateName = "closed";
  generation = 0;
  endsAt = 0;
  attempt = 0;
  done: ("passed" | "failed")[] = [];
  probes: { id: string; leaseEndsAt: number }[] = [];
  reports: (Counts & { readonly at: number; readonly instance: string })[] = [];
  readonly options: typeof options;
  readonly clock: { now: number };
  /** What a new generation is called. */
  readonly nextGeneration: () => number;

  constructor(given: typeof options, clock: { now: number }, nextGeneration: (generation: number) => number) {
    this.options = given;
    this.clock = clock;
    this.nextGeneration = () => nextGeneration(this.generation);
  }

  standing(): Standing {
    const { now } = this.clock;
    if (/forced|disabled/.test(this.state) && this.endsAt <= now) Object.assign(this, { state: "closed", endsAt: 0 });
    return {
      state: this.state,
      generation: this.generation,
      leftMs: Math.max(0, this.endsAt - now),
      attempt: this.attempt,
    };
  }

  inWindow(): typeof this.reports {
    const { window, buckets } = this.options;
    const step = window / buckets;
    const begin = (at: number): number => Math.floor(at / step);
    return this.reports.filter(({ at }) => begin(this.clock.now) - begin(at) < buckets);
  }

  totals(): Counts {
    const sum = (part: keyof Counts): number => this.inWindow().reduce((total, report) => total + report[part], 0);
    return { calls: sum("calls"), failed: sum("failed"), slow: sum("slow") };
  }

  report(instance: string, counts: Counts): Standing {
    const { state } = this.standing();
    if (state !== "closed" && state !== "forced-closed") return this.standing();
    this.reports.push({ ...counts, at: this.clock.now, instance });
    const { calls, failed, slow } = this.totals();
    const { minimumCalls, failureRate, slowCallRate, minReporters, window } = this.options;
    const bad = this.reports.filter((each) => each.failed + each.slow > 0 && each.at > this.clock.now - window);
    const enough = calls >= minimumCalls && new Set(bad.map((each) => each.instance)).size >= minReporters;
    if (state === "closed" && enough && (failed >= failureRate * calls || slow >= slowCallRate * calls)) this.open();
    return this.standing();
  }

  acquire(ids: readonly string[]): Permits {
    if (this.standing().state === "open" && this.endsAt <= this.clock.now) this.move("half-open", 0);
    if (this.state !== "half-open") return { standing: this.standing(), granted: [], retryInMs: 0 };
    this.probes = this.probes.filter(({ leaseEndsAt }) => leaseEndsAt > this.clock.now);
    const granted = ids.map((id) => {
      if (this.probes.some((probe) => probe.id === id)) return true;
      if (this.probes.length + this.done.length >= this.options.probes) return false;
      this.probes.push({ id, leaseEndsAt: this.clock.now + this.options.probeLease });
      return true;
    });
    const first = Math.min(...this.probes.map(({ leaseEndsAt }) => leaseEndsAt));
    return { standing: this.standing(), granted, retryInMs: first - this.clock.now };
  }

  settle(id: string, generation: number, outcome: ProbeOutcome): Standing {
    const held = this.probes.some((probe) => probe.id === id);
    if (this.standing().state !== "half-open" || generation !== this.generation || !held) return this.standing();
    this.probes = this.probes.filter((probe) => probe.id !== id);
    if (outcome !== "ignored") this.done.push(outcome);
    if (this.done.filter((each) => each === "failed").length > this.options.probeFailures) this.open();
    else if (this.done.length >= this.options.probes) this.move("closed", 0);
    return this.standing();
  }

  force(state: StateName, leftMs: number): Standing {
    this.move(state, leftMs);
    this.attempt = 0;
    return this.standing();
  }

  open(): void {
    this.attempt++;
    const { base, factor, max } = this.options.open;
    this.move("open", Math.round(Math.min(max, base * factor ** (this.attempt - 1))));
  }

  move(state: StateName, leftMs: number): void {
    this.generation = this.nextGeneration();
    if (state === "closed") this.attempt = 0;
    Object.assign(this, { state, endsAt: leftMs > 0 ? this.clock.now + leftMs : 0, done: [], probes: [], reports: [] });
  }
}

const options = {
  window: 1000,
  buckets: 4,
  minimumCalls: 5,
  failureRate: 0.5,
  slowCallRate: 0.8,
  slowCall: 10,
  minReporters: 1,
  open: { base: 300, factor: 1.5, max: 800 },
  probes: 3,
  probeFailures: 1,
  probeLease: 400,
  patience: "10s",
} satisfies CircuitBreakerOptions;

type Step =
  | { readonly do: "report"; readonly instance: number; readonly counts: Counts; readonly stale: boolean }
  | { readonly do: "acquire"; readonly count: number }
  | { readonly do: "settle"; readonly pick: number; readonly outcome: ProbeOutcome; readonly stale: boolean }
  | { readonly do: "force"; readonly state: StateName; readonly leftMs: number }
  | { readonly do: "wait"; readonly ms: number };

const counts = fc
  .record({ calls: fc.integer({ min: 1, max: 4 }), failed: fc.nat(4), slow: fc.nat(4) })
  .map(({ calls, failed, slow }) => ({ calls, failed: Math.min(calls, failed), slow: Math.min(calls, slow) }));
const rarely = fc.integer({ min: 0, max: 5 }).map((drawn) => drawn === 0);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("report"), instance: fc.nat(2), counts, stale: rarely }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("acquire"), count: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("settle"),
      pick: fc.nat(5),
      outcome: fc.constantFrom<ProbeOutcome>("passed", "passed", "failed", "ignored"),
      stale: rarely,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(1, 100, 249, 250, 300, 450, 1200) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("force"),
      state: fc.constantFrom<StateName>("forced-open", "forced-closed", "disabled", "closed"),
      leftMs: fc.constantFrom(100, 1000),
    }),
  },
) as fc.Arbitrary<Step>;

/** The ids of the last permits that were asked for. */
function recent(ids: readonly string[], pick: number): string {
  return ids[Math.max(0, ids.length - 1 - pick)] ?? "none";
}

test("the shared rules agree with the oracle after every step, and a step that comes twice changes nothing the second time", async () => {
  const run = async (steps: readonly Step[], minReporters: number): Promise<void> => {
    const clock = { now: noon };
    const oracle = new Oracle({ ...options, minReporters }, clock, (generation) => Math.max(generation + 1, clock.now));
    const settings = readSettings({ ...options, minReporters, now: () => clock.now });
    const name = randomUUID();
    const instances = ["a", "b", "c"].map((instance) => new SharedRules(redis, name, instance, settings));
    const [rules] = instances as [SharedRules];
    const asked: string[] = [];
    let number = noon;
    const twice = async <T>(send: () => Promise<T>): Promise<T> => {
      const answer = await send();
      expect(await send()).toEqual(answer);
      return answer;
    };
    for (const each of steps) {
      const generation = oracle.standing().generation - ("stale" in each && each.stale ? 1 : 0);
      if (each.do === "wait") clock.now += each.ms;
      else if (each.do === "report") {
        const instance = each.instance;
        number++;
        const report = { number, generation, ...each.counts };
        const reply = await twice(() => (instances[instance] as SharedRules).report(report));
        // Redis has no record of a breaker before its first report, so there is nothing that the report could be late for.
        const isFirst = oracle.generation === 0 && oracle.reports.length === 0 && oracle.state === "closed";
        if (each.stale && isFirst) return;
        const { nowMs: _, ...standing } = reply;
        expect(standing).toEqual(each.stale ? oracle.standing() : oracle.report(String(instance), each.counts));
      } else if (each.do === "acquire") {
        const ids = Array.from({ length: each.count }, () => randomUUID());
        asked.push(...ids);
        expect(await twice(() => rules.acquire(ids))).toEqual(oracle.acquire(ids));
      } else if (each.do === "settle") {
        const id = recent(asked, each.pick);
        const standing = await twice(() => rules.settle(id, generation, each.outcome));
        expect(standing).toEqual(oracle.settle(id, generation, each.outcome));
      } else {
        const leftMs = each.state === "closed" ? 0 : each.leftMs;
        const order = randomUUID();
        expect(await twice(() => rules.force(order, each.state, leftMs))).toEqual(oracle.force(each.state, leftMs));
      }
      const view = await rules.read();
      expect(view.standing).toEqual(oracle.standing());
      expect({ calls: view.calls, failed: view.failed, slow: view.slow }).toEqual(oracle.totals());
      const passed = oracle.done.filter((outcome) => outcome === "passed").length;
      const underWay = oracle.probes.filter(({ leaseEndsAt }) => leaseEndsAt > clock.now).length;
      expect(view.probes).toEqual({ underWay, passed, failed: oracle.done.length - passed });
    }
    await expectEveryKeyToExpire(name);
  };
  const steps = fc.array(step, { minLength: 10, maxLength: 40, size: "max" });
  await fc.assert(fc.asyncProperty(steps, fc.integer({ min: 1, max: 3 }), run), { numRuns: 40 });
}, 60_000);

test("the local rules agree with the oracle after every step", () => {
  const run = (steps: readonly Step[]): void => {
    const clock = { now: noon };
    const oracle = new Oracle(options, clock, (generation) => generation + 1);
    const rules = new LocalRules(readSettings(options), () => clock.now);
    const asked: string[] = [];
    for (const each of steps) {
      const generation = oracle.standing().generation - ("stale" in each && each.stale ? 1 : 0);
      if (each.do === "wait") clock.now += each.ms;
      else if (each.do === "report") expect(rules.report(each.counts)).toEqual(oracle.report("one", each.counts));
      else if (each.do === "acquire") {
        const ids = Array.from({ length: each.count }, () => randomUUID());
        asked.push(...ids);
        expect(rules.acquire(ids)).toEqual(oracle.acquire(ids));
      } else if (each.do === "settle") {
        const id = recent(asked, each.pick);
        expect(rules.settle(id, generation, each.outcome)).toEqual(oracle.settle(id, generation, each.outcome));
      } else {
        const leftMs = each.state === "closed" ? 0 : each.leftMs;
        expect(rules.force(each.state, leftMs)).toEqual(oracle.force(each.state, leftMs));
      }
      expect(rules.standing()).toEqual(oracle.standing());
      expect(rules.inspect()).toMatchObject(oracle.totals());
    }
  };
  fc.assert(fc.property(fc.array(step, { minLength: 10, maxLength: 80, size: "max" }), run), { numRuns: 300 });
});

test("random steps reach every state, so that the comparison means something", () => {
  const seen = new Set<string>();
  for (const steps of fc.sample(fc.array(step, { minLength: 60, maxLength: 60 }), { numRuns: 200, seed: 1 })) {
    const clock = { now: noon };
    const rules = new LocalRules(readSettings(options), () => clock.now);
    let id = "";
    for (const each of steps) {
      if (each.do === "wait") clock.now += each.ms;
      else if (each.do === "report") rules.report(each.counts);
      else if (each.do === "acquire") {
        id = randomUUID();
        rules.acquire([id]);
      } else if (each.do === "settle") rules.settle(id, rules.standing().generation, each.outcome);
      const { state, attempt } = rules.standing();
      seen.add(state === "open" ? `${state} ${Math.min(attempt, 3)}` : state);
    }
  }
  expect([...seen].sort()).toEqual(["closed", "half-open", "open 1", "open 2", "open 3"]);
});

test("a rate that is met exactly opens, whatever binary fractions make of it", async () => {
  for (const [failureRate, failed] of [
    [0.1, 3],
    [0.3, 9],
    [0.7, 21],
  ] as const) {
    const settings = readSettings({ failureRate, minimumCalls: 30, now: () => noon });
    const reports = { calls: 30, failed, slow: 0 };
    expect(new LocalRules(settings, () => noon).report(reports).state).toBe("open");
    const rules = new SharedRules(redis, randomUUID(), "a", settings);
    expect((await rules.report({ number: 1, generation: 0, ...reports })).state).toBe("open");
    const fewer = new SharedRules(redis, randomUUID(), "a", settings);
    expect((await fewer.report({ number: 1, generation: 0, ...reports, failed: failed - 1 })).state).toBe("closed");
  }
});

test("when Redis has forgotten a breaker, the next report counts in the generation that its process remembers", async () => {
  const settings = readSettings({ minimumCalls: 4, now: () => noon });
  const rules = new SharedRules(redis, randomUUID(), "a", settings);
  const counts = { calls: 3, failed: 3, slow: 0 };
  expect(await rules.report({ number: 1, generation: 42, ...counts })).toMatchObject({ state: "closed", generation: 42 });
  expect(await rules.read()).toMatchObject({ standing: { state: "closed", generation: 42 }, calls: 3, failed: 3 });
  expect(await rules.report({ number: 2, generation: 42, ...counts })).toMatchObject({ state: "open", generation: noon });
});

test("a clock that was set back neither counts what lies ahead nor keeps the breaker from opening", async () => {
  const clock = { now: noon };
  const settings = readSettings({ minimumCalls: 4, now: () => clock.now });
  const rules = new SharedRules(redis, randomUUID(), "a", settings);
  await rules.report({ number: 1, generation: 0, calls: 100, failed: 1, slow: 0 });
  clock.now -= 3_600_000;
  expect(await rules.read()).toMatchObject({ calls: 0 });
  const { state, generation } = await rules.report({ number: 2, generation: 0, calls: 4, failed: 4, slow: 0 });
  expect([state, generation]).toEqual(["open", clock.now]);
});

test("an instance that has reported nothing for long is forgotten, one that reports is not", async () => {
  const clock = { now: noon };
  const settings = readSettings({ window: "30s", now: () => clock.now });
  const name = randomUUID();
  const [gone, here] = ["gone", "here"].map((instance) => new SharedRules(redis, name, instance, settings)) as [
    SharedRules,
    SharedRules,
  ];
  const counts = { generation: 0, calls: 1, failed: 0, slow: 0 };
  await gone.report({ number: clock.now, ...counts });
  for (const instances of [["gone", "here"], ["here"]]) {
    clock.now += 60_000;
    await here.report({ number: clock.now, ...counts });
    const { reports } = here.keys;
    expect(await redis.send(["ZRANGE", reports, "0", "-1"], { key: reports, resend: "ok" })).toEqual(instances);
  }
});

test("200 callers at the moment it half-opens get exactly as many permits as there are", async () => {
  const clock = { now: noon };
  const settings = readSettings({ probes: 7, minimumCalls: 1, now: () => clock.now });
  const name = randomUUID();
  const ports = await Promise.all(Array.from({ length: 4 }, () => connect(server.url)));
  const instances = ports.map((port, index) => new SharedRules(port, name, String(index), settings));
  await instances[0]?.report({ number: 1, generation: 0, calls: 1, failed: 1, slow: 0 });
  clock.now += 10_000;
  const asked = Array.from({ length: 200 }, (_, index) => (instances[index % 4] as SharedRules).acquire([randomUUID()]));
  const granted = (await Promise.all(asked)).filter((permits) => permits.granted[0]);
  await Promise.all(ports.map((port) => port.close()));
  expect(granted.length).toBe(7);
});

test("a permit that is handed back under another generation shows nothing", async () => {
  const clock = { now: noon };
  const settings = readSettings({ minimumCalls: 1, probes: 1, now: () => clock.now });
  const rules = new SharedRules(redis, randomUUID(), "a", settings);
  await rules.report({ number: 1, generation: 0, calls: 1, failed: 1, slow: 0 });
  clock.now += 10_000;
  const { standing } = await rules.acquire(["a"]);
  expect(await rules.settle("a", standing.generation - 1, "passed")).toEqual(standing);
  expect(await rules.settle("b", standing.generation, "passed")).toEqual(standing);
  expect(await rules.settle("a", standing.generation, "passed")).toMatchObject({ state: "closed" });
});

test("processes that disagree on the number of probes do not leave it half-open for ever", async () => {
  const clock = { now: noon };
  const rules = (probes: number): SharedRules =>
    new SharedRules(redis, name, String(probes), readSettings({ probes, minimumCalls: 1, now: () => clock.now }));
  const name = randomUUID();
  const [many, few] = [rules(5), rules(2)];
  await many.report({ number: 1, generation: 0, calls: 1, failed: 1, slow: 0 });
  clock.now += 10_000;
  const { standing } = await many.acquire(["a", "b", "c"]);
  for (const id of ["a", "b", "c"]) await many.settle(id, standing.generation, "passed");
  expect((await few.acquire(["d"])).standing.state).toBe("closed");
});

async function expectEveryKeyToExpire(name: string): Promise<void> {
  const keys = (await redis.send(["KEYS", `*{${name}}*`], { resend: "ok" })) as string[];
  for (const key of keys)
    expect([key, await redis.send(["PTTL", key], { resend: "ok" })]).toEqual([key, expect.toSatisfy((ms) => ms > 0)]);
}
