import { randomUUID } from "node:crypto";
import type { RedisPort } from "../client/index.ts";
import {
  checkCallable,
  type Duration,
  duration,
  Emitter,
  InvalidInputError,
  messageOf,
  type Off,
  readOptions,
  refuseUnknown,
  show,
  toMs,
  withDefault,
} from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { type BreakerCall, Call } from "./call.ts";
import { type Era, eraOf, stateOf } from "./era.ts";
import { CallTimeoutError, CircuitOpenError } from "./errors.ts";
import { type BreakerEvents, breakerEvents } from "./events.ts";
import { type Admission, Keeper } from "./keeper.ts";
import { type CircuitBreakerOptions, isJudgement, type Judgement, readSettings, type Settings } from "./options.ts";
import { SharedRules } from "./shared-rules.ts";
import type { BreakerInspection, BreakerState } from "./state.ts";

/** How one call is made. */
export interface CallOptions {
  /** The caller gives up when it fires; that says nothing of what was called, so it is not counted. */
  readonly signal?: AbortSignal | undefined;
  /** How long this call may take. @default the breaker's own */
  readonly timeout?: Duration | undefined;
}

/** How {@link CircuitBreaker.execute} makes a call. */
export interface ExecuteOptions<T> extends CallOptions {
  /** Answers instead, when the call was refused or failed. It is given the error, and may throw it. */
  readonly fallback?: ((error: unknown) => T | PromiseLike<T>) | undefined;
}

/** What came of {@link CircuitBreaker.tryExecute}. */
export type Attempt<T> = { readonly allowed: true; readonly value: T } | { readonly allowed: false; readonly retryInMs: number };

/** What is called: anything that answers now or later. */
export type Work<T> = (call: BreakerCall) => T | PromiseLike<T>;

/**
 * A circuit breaker that all processes share through Redis.
 *
 * While what is called is well, a call costs no round trip. When too many calls failed or were slow, in all processes together,
 * every process refuses at once what would only fail. After a while a few probes pass, in all processes together, and decide.
 * When Redis is away each process goes on by itself: a call never fails because of that.
 *
 * @example
 * const breaker = new CircuitBreaker(redis, "payments", { failureRate: 0.5, window: "30s", minimumCalls: 20 });
 * const receipt = await breaker.execute(({ signal }) => charge(card, signal));
 */
export class CircuitBreaker implements AsyncDisposable {
  /** Name that the processes share. */
  readonly name: string;
  readonly #events = new Emitter<BreakerEvents>("breaker", breakerEvents);
  readonly #settings: Settings;
  readonly #shared: SharedRules | undefined;
  readonly #keeper: Keeper;
  readonly #clock: () => number;
  /** Whether a call's duration decides anything. */
  readonly #isTimed: boolean;

  /**
   * Sends nothing: the first call does.
   *
   * @throws {InvalidInputError} if the name or an option cannot be used
   */
  constructor(redis: RedisPort, name: string, options: CircuitBreakerOptions = {}) {
    checkPort("CircuitBreaker", redis);
    if (typeof name !== "string" || name === "" || name.length > 500) {
      const message = `A circuit breaker's name must be text of 1 to 500 characters, not ${show(name)}.`;
      throw new InvalidInputError("INPUT_INVALID", "CircuitBreaker.name", message);
    }
    this.name = name;
    this.#settings = readSettings(options);
    this.#clock = this.#settings.now ?? (() => performance.now());
    this.#isTimed = this.#settings.slowCallMs < Infinity;
    this.#shared = this.#settings.scope === "local" ? undefined : new SharedRules(redis, name, randomUUID(), this.#settings);
    this.#keeper = new Keeper(name, this.#settings, this.#events, this.#shared);
  }

  /** How it stands, as this process knows it. Before the first call that is `closed`. */
  get state(): BreakerState {
    return stateOf(this.#keeper.era, this.#clock());
  }

  /** Calls a listener at each event of a name, until the function that this answers is called. */
  on<Name extends keyof BreakerEvents>(name: Name, listener: (event: BreakerEvents[Name]) => void): Off {
    return this.#events.on(name, listener);
  }

  /**
   * Makes a call, unless the breaker is open.
   *
   * @throws {CircuitOpenError} `BREAKER_OPEN` if it was refused and there is no fallback
   * @throws {CallTimeoutError} `BREAKER_TIMEOUT` if it took too long
   * @throws whatever the call throws
   * @example
   * const price = await breaker.execute(() => fetchPrice(sku), { fallback: () => lastKnownPrice(sku) });
   */
  execute<T>(work: Work<T>, options?: ExecuteOptions<T>): Promise<T> {
    const { era } = this.#keeper;
    const passes = options === undefined && era.passes && this.#settings.timeoutMs === undefined;
    if (passes && typeof work === "function") return this.#pass(era, work);
    return this.#execute(work, options ?? {});
  }

  /**
   * The same as {@link execute}, but being refused is a value instead of an exception. What the call throws is still thrown.
   *
   * @example
   * const attempt = await breaker.tryExecute(() => fetchPrice(sku));
   * if (!attempt.allowed) return busy(attempt.retryInMs);
   */
  async tryExecute<T>(work: Work<T>, options: CallOptions = {}): Promise<Attempt<T>> {
    refuseUnknown("tryExecute", options, ["signal", "timeout"]);
    checkCallable("tryExecute", "work", work);
    const admission = await this.#admit(options);
    if (admission.kind === "refused") return { allowed: false, retryInMs: admission.retryInMs };
    return { allowed: true, value: await this.#run(admission, work, options) };
  }

  /**
   * Holds the breaker in a state by hand, in every process: `open` refuses every call, `closed` lets every call pass and goes on
   * counting, `disabled` lets every call pass and counts nothing.
   *
   * @param options.for how long it is held if nobody resets it. @default "24h"
   * @throws {ScriptError} if Redis does not answer
   */
  async force(state: "open" | "closed" | "disabled", options: { readonly for?: Duration } = {}): Promise<void> {
    const words = { open: "forced-open", closed: "forced-closed", disabled: "disabled" } as const;
    if (!Object.hasOwn(words, state)) {
      const message = `A breaker can be forced "open", "closed" or "disabled", not ${show(state)}.`;
      throw new InvalidInputError("INPUT_INVALID", "CircuitBreaker.force", message);
    }
    const read = readOptions("CircuitBreaker.force", options, {
      for: withDefault(duration({ min: 1, max: 30 * 86_400_000 }), "24h"),
    });
    await this.#keeper.force(words[state], read.for);
  }

  /**
   * Lets the breaker begin anew in every process, closed and with nothing counted, however it stands.
   *
   * @throws {ScriptError} if Redis does not answer
   */
  async reset(): Promise<void> {
    await this.#keeper.force("closed", 0);
  }

  /**
   * How it stands and what it counted, asked of Redis now, this process's own counts included.
   *
   * When Redis does not answer, this process's own view.
   */
  async inspect(): Promise<BreakerInspection> {
    await this.#keeper.flush();
    if (this.#keeper.isLocal) await this.#keeper.sync();
    const view = this.#keeper.isLocal ? undefined : await this.#shared?.read().catch(() => undefined);
    const { calls, failed, slow, probes, reporters } = view ?? this.#keeper.local.inspect();
    const rates = { failureRate: calls === 0 ? 0 : failed / calls, slowRate: calls === 0 ? 0 : slow / calls };
    const source = view === undefined ? "local" : "shared";
    const now = this.#clock();
    const state = view === undefined ? this.state : stateOf(eraOf(view.standing, now), now);
    return { state, calls, failed, slow, ...rates, probes, reporters, source };
  }

  /** Hands in what was counted, without waiting for the next turn. Resolves when Redis has it; never rejects. */
  async flush(): Promise<void> {
    await this.#keeper.flush();
  }

  /** Hands in what was counted and stops listening. Later calls are decided in this process alone. May be called twice. */
  async close(): Promise<void> {
    await this.#keeper.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The path of health: no promise but the call's own, no timer, no signal unless it is asked for. */
  #pass<T>(era: Era, work: Work<T>): Promise<T> {
    this.#keeper.touch();
    const isHeard = this.#events.heard("call");
    const startedAt = this.#isTimed || isHeard ? this.#clock() : 0;
    const fail = (error: unknown): never => {
      this.#count(era, startedAt, this.#judgeError(error), error);
      throw error;
    };
    try {
      const result = work(new Call(false));
      if (isPromise<T>(result)) {
        const succeed = (value: T): T => {
          this.#count(era, startedAt, this.#judgeResult(value), undefined);
          return value;
        };
        return Promise.resolve(result).then(succeed, fail);
      }
      this.#count(era, startedAt, this.#judgeResult(result), undefined);
      return Promise.resolve(result as T);
    } catch (error) {
      return new Promise(() => fail(error));
    }
  }

  async #execute<T>(work: Work<T>, options: ExecuteOptions<T>): Promise<T> {
    refuseUnknown("execute", options, ["signal", "timeout", "fallback"]);
    const { fallback } = options;
    // It would count as a failure of what is called, and a fallback would hide it.
    checkCallable("execute", "work", work);
    if (fallback !== undefined) checkCallable("execute", "fallback", fallback);
    const admission = await this.#admit(options);
    if (admission.kind === "refused") {
      const error = new CircuitOpenError(this.name, admission.retryInMs);
      if (fallback === undefined) throw error;
      return await fallback(error);
    }
    if (fallback === undefined) return await this.#run(admission, work, options);
    let judgement: Judgement = "ignore";
    try {
      return await this.#run(admission, work, options, (last) => {
        judgement = last;
      });
    } catch (error) {
      // What was to be ignored is the caller's affair, and so is its having given up.
      if ((judgement as Judgement) !== "failure") throw error;
      return await fallback(error);
    }
  }

  async #admit({ signal }: CallOptions): Promise<Admission> {
    signal?.throwIfAborted();
    const admission = await this.#keeper.admit();
    if (admission.kind === "refused") {
      this.#events.emit("rejected", { breaker: this.name, retryInMs: admission.retryInMs });
    } else if (signal?.aborted) {
      if (admission.kind === "probe") await this.#keeper.settle(admission.id, admission.era, "ignored");
      signal.throwIfAborted();
    }
    return admission;
  }

  async #run<T>(
    admission: Exclude<Admission, { readonly kind: "refused" }>,
    work: Work<T>,
    options: CallOptions,
    judged: (judgement: Judgement) => void = () => {},
  ): Promise<T> {
    const { signal } = options;
    const timeoutMs = options.timeout === undefined ? this.#settings.timeoutMs : callTimeout(options.timeout);
    let timeout: CallTimeoutError | undefined;
    const timedOut = (ms: number): Error => {
      timeout = new CallTimeoutError(this.name, ms);
      return timeout;
    };
    const startedAt = this.#clock();
    let value: T;
    try {
      value = await new Call(admission.kind === "probe").run(work, { signal, timeoutMs, timedOut });
    } catch (error) {
      const judgement = signal?.aborted ? "ignore" : error === timeout ? "failure" : this.#judgeError(error);
      judged(judgement);
      await this.#conclude(admission, startedAt, judgement, error);
      throw error;
    }
    await this.#conclude(admission, startedAt, this.#judgeResult(value), undefined);
    return value;
  }

  /** Never rejects. */
  async #conclude(
    admission: Exclude<Admission, { readonly kind: "refused" }>,
    startedAt: number,
    judgement: Judgement,
    error: unknown,
  ): Promise<void> {
    if (admission.kind === "passed") return this.#count(admission.era, startedAt, judgement, error);
    const { id, era } = admission;
    const late = era !== this.#keeper.era;
    const slow = this.#clock() - startedAt > this.#settings.slowCallMs;
    const outcome = judgement === "ignore" ? "ignored" : judgement === "failure" || slow ? "failed" : "passed";
    this.#tell(startedAt, judgement, { slow, late, probe: true, error });
    await this.#keeper.settle(id, era, outcome);
  }

  #count(era: Era, startedAt: number, judgement: Judgement, error: unknown): void {
    const slow = this.#isTimed && this.#clock() - startedAt > this.#settings.slowCallMs;
    const late = era !== this.#keeper.era;
    if (judgement !== "ignore") this.#keeper.record(era, judgement === "failure", slow);
    if (this.#events.heard("call")) this.#tell(startedAt, judgement, { slow, late, probe: false, error });
  }

  #tell(
    startedAt: number,
    outcome: Judgement,
    facts: { readonly slow: boolean; readonly late: boolean; readonly probe: boolean; readonly error: unknown },
  ): void {
    const { error, ...rest } = facts;
    const durationMs = startedAt === 0 ? 0 : this.#clock() - startedAt;
    const ended = { breaker: this.name, outcome, durationMs, ...rest };
    this.#events.emit("call", error === undefined ? ended : { ...ended, error });
  }

  #judgeError(error: unknown): Judgement {
    const { judgeError } = this.#settings;
    if (judgeError === undefined) return "failure";
    return this.#guard(() => judgeError(error), "failure");
  }

  #judgeResult(value: unknown): Judgement {
    const { judgeResult } = this.#settings;
    if (judgeResult === undefined) return "success";
    return this.#guard(() => (judgeResult as (value: unknown) => Judgement)(value), "success");
  }

  /** A judge that throws, or answers something else, is a mistake in the program, and no reason to fail a call that did not. */
  #guard(judge: () => Judgement, otherwise: Judgement): Judgement {
    try {
      const answer = judge();
      if (isJudgement(answer)) return answer;
      this.#warn(`answered ${show(answer)}, not "success", "failure" or "ignore".`);
    } catch (error) {
      this.#warn(`threw: ${messageOf(error)}`);
    }
    return otherwise;
  }

  #warn(what: string): void {
    process.emitWarning(`A judge of circuit breaker "${this.name}" ${what}`, { code: "REDLUA_LISTENER" });
  }
}

function isPromise<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as Partial<PromiseLike<T>> | null | undefined)?.then === "function";
}

/** @throws {InvalidInputError} `INPUT_INVALID` if no timer can hold it: it would fire at once */
function callTimeout(timeout: Duration): number {
  const ms = toMs(timeout, "timeout");
  if (ms < 2 ** 31) return ms;
  throw new InvalidInputError("INPUT_INVALID", "timeout", `timeout must be at most 24 days, not ${show(timeout)}.`);
}
