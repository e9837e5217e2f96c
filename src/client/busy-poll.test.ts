import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { BusyPoll, type Rounds } from "./busy-poll.ts";
import { connect } from "./index.ts";

/** An event loop whose rounds take as long as the test says. */
class TestLoop implements Rounds {
  #now = 0;
  #next: (() => void) | undefined;

  now(): number {
    return this.#now;
  }

  next(callback: () => void): void {
    expect(this.#next, "one callback a round").toBeUndefined();
    this.#next = callback;
  }

  get awake(): boolean {
    return this.#next !== undefined;
  }

  /** Goes through so many rounds of so many ms each. */
  turn(rounds: number, ms: number): void {
    for (let round = 0; round < rounds; round++) {
      this.#now += ms;
      const next = this.#next;
      this.#next = undefined;
      next?.();
    }
  }
}

function polled(): { readonly loop: TestLoop; readonly poll: BusyPoll } {
  const loop = new TestLoop();
  return { loop, poll: new BusyPoll(loop) };
}

/** How long a reply takes, in ms, for a loop that is awake and for one that sleeps. */
interface Wait {
  readonly awake: number;
  readonly asleep: number;
}

/** Makes calls one after the other, of one kind or of several by turns. Answers for how many the loop stayed awake. */
function call(loop: TestLoop, poll: BusyPoll, calls: number, ...kinds: readonly Wait[]): number {
  let awake = 0;
  for (let index = 0; index < calls; index++) {
    const wait = kinds[index % kinds.length] as Wait;
    poll.began();
    if (loop.awake) {
      awake++;
      loop.turn(Math.round(wait.awake / 0.01), 0.01);
    } else loop.turn(1, wait.asleep);
    poll.ended();
    loop.turn(1, 0);
  }
  return awake;
}

const near: Wait = { awake: 0.07, asleep: 0.14 };
const far: Wait = { awake: 0.2, asleep: 0.24 };

test("the loop stays awake until a reply has come, and no longer", () => {
  const { loop, poll } = polled();
  poll.began();
  loop.turn(10, 0.01);
  expect(loop.awake).toBe(true);
  poll.ended();
  loop.turn(1, 0);
  expect(loop.awake).toBe(false);
});

test("it sleeps if no reply has come for 0.3 ms", () => {
  const { loop, poll } = polled();
  poll.began();
  poll.began();
  loop.turn(29, 0.01);
  poll.ended();
  // The other reply has as long again.
  loop.turn(29, 0.01);
  expect(loop.awake).toBe(true);
  loop.turn(2, 0.01);
  expect(loop.awake).toBe(false);
  // A reply that comes later is nobody's business.
  poll.ended();
  expect(loop.awake).toBe(false);
});

test("where a loop that is awake has its replies sooner, it stays awake for all but one in 61", () => {
  const { loop, poll } = polled();
  expect(call(loop, poll, 64, near)).toBe(32);
  expect(call(loop, poll, 6_100, near)).toBe(6_000);
});

test.each<[string, Wait]>([
  ["as late", { awake: 0.2, asleep: 0.2 }],
  ["hardly sooner", far],
  ["very late", { awake: 5, asleep: 5 }],
])("where it has them %s, it sleeps for all but one in 251", (_, wait) => {
  const { loop, poll } = polled();
  call(loop, poll, 64, wait);
  expect(call(loop, poll, 2_510, wait)).toBe(10);
});

test("it learns that Redis has come nearer, or gone farther away", () => {
  const { loop, poll } = polled();
  call(loop, poll, 64, far);
  call(loop, poll, 251 * 20, near);
  expect(call(loop, poll, 61, near)).toBe(60);
  call(loop, poll, 61 * 20, far);
  expect(call(loop, poll, 251, far)).toBe(1);
});

test("calls of two kinds that alternate are both measured", () => {
  const { loop, poll } = polled();
  const [short, long] = [
    { awake: 0.05, asleep: 0.1 },
    { awake: 0.15, asleep: 0.2 },
  ];
  call(loop, poll, 64, short, long);
  expect(call(loop, poll, 6_100, short, long)).toBe(6_000);
});

test("replies that come together were waited for once", () => {
  const { loop, poll } = polled();
  let awake = 0;
  for (let index = 0; index < 64 + 251 * 12; index++) {
    // A hundred that come together and soon, then two that come late, each.
    const [calls, rounds] = index % 3 === 0 ? [100, 15] : [1, 25];
    for (let each = 0; each < calls; each++) poll.began();
    if (index >= 64 && loop.awake) awake++;
    loop.turn(rounds, 0.01);
    for (let each = 0; each < calls; each++) poll.ended();
    loop.turn(1, 0);
  }
  expect(awake).toBe(12);
});

describe("a connection", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  test.each(["ioredis", "node-redis"] as const)("of %s polls unless it is told not to", async (client) => {
    const began = vi.spyOn(BusyPoll.prototype, "began");
    try {
      for (const busyPoll of [true, false]) {
        const redis = await connect(server.url, { client, busyPoll });
        began.mockClear();
        expect(await redis.send(["PING"], { resend: "ok" })).toBe("PONG");
        expect(began.mock.calls.length, `busyPoll: ${busyPoll}`).toBe(busyPoll ? 1 : 0);
        await redis.close();
      }
    } finally {
      began.mockRestore();
    }
  });
});
