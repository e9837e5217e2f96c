import { expect, test } from "vitest";
import { Service } from "./service.ts";

/** Writes down what it is told to do; each step ends when the test says so. */
class Recorder extends Service {
  readonly steps: string[] = [];
  readonly gates: Gate[] = [];
  open = true;

  protected onStart(): Promise<void> {
    return this.#step("start");
  }

  protected onStop(): Promise<void> {
    return this.#step("stop");
  }

  async #step(name: string): Promise<void> {
    this.steps.push(`${name} begins`);
    if (!this.open) {
      const gate = makeGate();
      this.gates.push(gate);
      await gate.promise;
    }
    this.steps.push(`${name} ends`);
  }
}

interface Gate {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function makeGate(): Gate {
  let resolve = (): void => {};
  let reject = (_: unknown): void => {};
  const promise = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

const once = ["start begins", "start ends"];
const life = [...once, "stop begins", "stop ends"];

test("started twice it starts once, stopped twice it stops once", async () => {
  const service = new Recorder();
  await Promise.all([service.start(), service.start()]);
  await service.start();
  expect([service.running, service.steps]).toEqual([true, once]);
  await Promise.all([service.stop(), service.stop()]);
  await service.stop();
  expect([service.running, service.steps]).toEqual([false, life]);
});

test("stopped before it was started it has nothing to do, and can still be started", async () => {
  const service = new Recorder();
  await service.stop();
  expect(service.steps).toEqual([]);
  await service.start();
  expect(service.running).toBe(true);
});

test("stopped while it starts it finishes starting, then stops", async () => {
  const service = new Recorder();
  service.open = false;
  const started = service.start();
  const stopped = service.stop();
  await Promise.resolve();
  expect([service.running, service.steps]).toEqual([false, ["start begins"]]);
  service.open = true;
  service.gates[0]?.resolve();
  await started;
  await stopped;
  expect([service.running, service.steps]).toEqual([false, life]);
});

test("it can be started again after it was stopped, even while it is stopping", async () => {
  const service = new Recorder();
  await service.start();
  const stopped = service.stop();
  await service.start();
  await stopped;
  expect([service.running, service.steps]).toEqual([true, [...life, ...once]]);
});

test("a start that fails is told to its caller alone, and the next one tries again", async () => {
  const service = new Recorder();
  service.open = false;
  const failing = service.start();
  await Promise.resolve();
  service.gates[0]?.reject(new Error("no Redis"));
  await expect(failing).rejects.toThrow("no Redis");
  expect(service.running).toBe(false);
  service.open = true;
  await service.stop();
  await service.start();
  expect(service.running).toBe(true);
});

test("a stop that fails is told to its caller, and leaves it stopped", async () => {
  const service = new Recorder();
  await service.start();
  service.open = false;
  const failing = service.stop();
  await Promise.resolve();
  service.gates[0]?.reject(new Error("stuck"));
  await expect(failing).rejects.toThrow("stuck");
  expect(service.running).toBe(false);
  await service.stop();
});

test("await using stops it at the end of the block", async () => {
  const service = new Recorder();
  {
    await using inBlock = service;
    await inBlock.start();
  }
  expect([service.running, service.steps]).toEqual([false, life]);
});
