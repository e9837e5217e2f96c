import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ClientError } from "../port/index.ts";
import { type Attempt, Calls, type Reader } from "./calls.ts";
import { Gate, type Holdable } from "./gate.ts";

class Sent implements Attempt, Holdable {
  readonly written: boolean;
  withdrawn = false;
  released: (() => void) | undefined = undefined;

  constructor(written: boolean) {
    this.written = written;
  }

  withdraw(): void {
    this.withdrawn = true;
    this.released?.();
  }
}

const reader: Reader<Sent> = {
  reply: (raw) => raw as string,
  error: (error) => new ClientError("CLIENT_DISCONNECTED", String(error), { applied: "maybe" }),
};

const nothing = new Promise<never>(() => {});

describe("calls", () => {
  test("each expires at its own deadline, oldest first, and what is answered does not", async () => {
    const calls = new Calls(40, false);
    const ended: string[] = [];
    const began = performance.now();
    const watch = (name: string, answer: Promise<unknown>, timeoutMs?: number): Promise<void> =>
      calls.watch(new Sent(name !== "unsent"), answer, { timeoutMs }, reader).then(
        () => void ended.push(name),
        (error: ClientError) => void ended.push(`${name} ${error.code} ${error.applied}`),
      );
    const first = watch("first", nothing);
    const answered = watch("answered", Promise.resolve("yes"));
    const unsent = watch("unsent", nothing);
    const short = watch("short", nothing, 10);
    await short;
    const later = watch("later", nothing);
    await Promise.all([first, answered, unsent, later]);
    expect(ended).toEqual([
      "answered",
      "short CLIENT_TIMEOUT maybe",
      "first CLIENT_TIMEOUT maybe",
      "unsent CLIENT_UNAVAILABLE no",
      "later CLIENT_TIMEOUT maybe",
    ]);
    expect(performance.now() - began).toBeGreaterThanOrEqual(49);
  });

  test("a call that ended takes its attempt back, and hears no late answer", async () => {
    const calls = new Calls(60_000, false);
    const sent = new Sent(false);
    let answer = (_: string): void => {};
    const call = calls.watch(sent, new Promise((resolve) => (answer = resolve)), {}, reader);
    calls.close();
    answer("late");
    await expect(call).rejects.toMatchObject({ code: "CLIENT_CLOSED", applied: "no" });
    expect(sent.withdrawn).toBe(true);
    expect(calls.refuse(undefined)).toMatchObject({ code: "CLIENT_CLOSED" });
  });
});

describe("calls with one signal", () => {
  test("are all ended by it, and however many they are, Node warns of no leak", async () => {
    const warnings = vi.spyOn(process, "emitWarning");
    onTestFinished(() => warnings.mockRestore());
    const calls = new Calls(60_000, false);
    const stop = new AbortController();
    const watch = (answer: Promise<unknown> = nothing): Promise<unknown> =>
      calls.watch(new Sent(true), answer, { signal: stop.signal }, reader).catch((error: ClientError) => error.code);
    const answered = watch(Promise.resolve("yes"));
    const waiting = Array.from({ length: 11 }, () => watch());
    expect(await answered).toBe("yes");
    expect(getEventListeners(stop.signal, "abort")).toHaveLength(1);
    stop.abort();
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => "CLIENT_ABORTED"));
    expect(warnings).not.toHaveBeenCalled();
  });

  test("leave no listener on it when they are answered", async () => {
    const calls = new Calls(60_000, false);
    const { signal } = new AbortController();
    const answers = ["a", "b"].map((answer) => calls.watch(new Sent(true), Promise.resolve(answer), { signal }, reader));
    expect(await Promise.all(answers)).toEqual(["a", "b"]);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});

describe("a gate", () => {
  test("starts what waits, in order, and forgets what was given up", async () => {
    const gate = new Gate();
    const started: string[] = [];
    const hold = (name: string, sent: Sent): Promise<unknown> =>
      gate.hold(sent, async () => {
        started.push(name);
        return name;
      });
    const [one, two, three] = [new Sent(false), new Sent(false), new Sent(false)];
    const first = hold("one", one);
    void hold("two", two);
    const third = hold("three", three);
    two.withdraw();
    gate.open();
    gate.open();
    expect(await Promise.all([first, third])).toEqual(["one", "three"]);
    expect(started).toEqual(["one", "three"]);
  });

  test("that is shut refuses what waits", async () => {
    const gate = new Gate();
    const held = gate.hold(new Sent(false), () => nothing);
    gate.shut(new Error("gone"));
    await expect(held).rejects.toThrow("gone");
  });
});
