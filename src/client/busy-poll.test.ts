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

/** Makes calls one after the other whose replies take so long. Answers for how many the loop stayed awake. */
function call(loop: TestLoop, poll: BusyPoll, calls: number, replyMs: number): number {
  let awake = 0;
  for (let index = 0; index < calls; index++) {
    poll.began();
    if (loop.awake) awake++;
    loop.turn(Math.round(replyMs / 0.01), 0.01);
    poll.ended();
    loop.turn(1, 0);
  }
  return awake;
}

test("the loop stays awake until a reply has come, and no longer", () => {
  const { loop, poll } = polled();
  poll.began();
  loop.turn(10, 0.01);
  expect(loop.awake).toBe(true);
  poll.ended();
  loop.turn(1, 0);
  expect(loop.awake).toBe(false);
});

test("it sleeps if no reply has come for a quarter of a millisecond", () => {
  const { loop, poll } = polled();
  poll.began();
  poll.began();
  loop.turn(24, 0.01);
  poll.ended();
  // The other reply has as long again.
  loop.turn(25, 0.01);
  expect(loop.awake).toBe(true);
  loop.turn(2, 0.01);
  expect(loop.awake).toBe(false);
  // A reply that comes later is nobody's business.
  poll.ended();
  expect(loop.awake).toBe(false);
});

test("it goes on for replies that come soon", () => {
  const { loop, poll } = polled();
  expect(call(loop, poll, 2_000, 0.1)).toBe(2_000);
});

test.each([0.15, 0.24, 5])("where replies take %d ms one call in 256 is polled for", (replyMs) => {
  const { loop, poll } = polled();
  call(loop, poll, 100, replyMs);
  expect(call(loop, poll, 2_560, replyMs)).toBe(10);
});

test("it learns that replies come soon again", () => {
  const { loop, poll } = polled();
  call(loop, poll, 100, 5);
  call(loop, poll, 256 * 16, 0.05);
  expect(call(loop, poll, 100, 0.05)).toBe(100);
});

test("replies that come together were waited for once", () => {
  const { loop, poll } = polled();
  for (let round = 0; round < 40; round++) {
    for (let index = 0; index < 100; index++) poll.began();
    loop.turn(20, 0.01);
    // Were each counted, 99 of 100 had not been waited for at all.
    for (let index = 0; index < 100; index++) poll.ended();
    loop.turn(1, 0);
  }
  poll.began();
  expect(loop.awake).toBe(false);
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
