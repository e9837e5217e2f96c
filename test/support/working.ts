import type { Queue } from "redlua/jobs";
import { type Handlers, Worker, type WorkerEvents, type WorkerOptions } from "redlua/worker";
import { onTestFinished } from "vitest";

/**
 * Starts a worker that is stopped when the test is over.
 *
 * @public
 */
export async function work(
  queue: Queue,
  handlers: Handlers<Record<string, unknown>>,
  options: WorkerOptions = {},
): Promise<Worker> {
  const worker = new Worker(queue, handlers as Handlers<{ readonly [name: string]: unknown }>, { stopTimeout: 0, ...options });
  onTestFinished(() => worker.stop());
  await worker.start();
  return worker;
}

/**
 * The next so many events of a worker.
 *
 * @public
 */
export function heard<Name extends keyof WorkerEvents>(
  worker: Worker,
  name: Name,
  count = 1,
): Promise<readonly WorkerEvents[Name][]> {
  const events: WorkerEvents[Name][] = [];
  return new Promise((resolve) => {
    const off = worker.on(name, (event) => {
      if (events.push(event) < count) return;
      off();
      resolve(events);
    });
  });
}

/**
 * The status, and what was thrown, of the next job that a worker is through with.
 *
 * @public
 */
export async function settled(worker: Worker): Promise<WorkerEvents["settled"]> {
  const [event] = await heard(worker, "settled");
  return event as WorkerEvents["settled"];
}

/**
 * A promise, and how to keep it.
 *
 * @public
 */
export function gate<Value = void>(): { readonly passed: Promise<Value>; readonly open: (value: Value) => void } {
  let open!: (value: Value) => void;
  const passed = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
