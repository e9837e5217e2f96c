import { AbortListeners } from "../core/index.ts";
import type { Reply } from "../port/index.ts";
import { type ClientError, failure } from "../port/index.ts";
import { BusyPoll } from "./busy-poll.ts";
import { CallList } from "./call-list.ts";
import { timerMax } from "./within.ts";

/** A program has few timeouts, all but those that it computes. */
const listsMax = 8;

/** One command in the hands of a client library. */
export interface Attempt {
  /** Whether its bytes were handed to a socket: from then on the server may run it. */
  readonly written: boolean;
  /** The caller has given up: if it was not written yet, it never will be. */
  withdraw(): void;
}

/** How long a call may take, and what ends it early. */
export interface CallLimits {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Turns what a client library gives into what the port gives. */
export interface Reader<Sent extends Attempt> {
  reply(raw: unknown, sent: Sent): Reply;
  error(error: unknown, sent: Sent): ClientError;
}

/** A call that waits for its reply. It is over when it is in no list any more. */
export interface Call {
  readonly sent: Attempt;
  readonly reject: (error: ClientError) => void;
  readonly deadline: number;
  /** Its own timer, if its timeout is not the port's. */
  timer: NodeJS.Timeout | undefined;
  readonly signal: AbortSignal | undefined;
  list: CallList | undefined;
  before: Call | undefined;
  after: Call | undefined;
}

/**
 * The calls of one port that wait for their reply. Each ends at its deadline, at its signal, or when the port closes, whatever
 * the client library does; what the library says afterwards is ignored.
 *
 * Every command comes through here, so it is made to cost little: one promise, and one timer for all calls with the same timeout.
 */
export class Calls {
  readonly #timeoutMs: number;
  /** The timeouts that are used, with a list each; what comes after the first few has timers of its own. */
  readonly #lists = new Map<number, CallList>();
  readonly #unusual: CallList;
  readonly #poll: BusyPoll | undefined;
  #closed = false;

  /**
   * @param timeoutMs how long a call takes at most that does not say so itself
   * @param busyPoll whether replies that come soon are waited for awake
   */
  constructor(timeoutMs: number, busyPoll: boolean) {
    this.#timeoutMs = timeoutMs;
    this.#poll = busyPoll ? new BusyPoll() : undefined;
    this.#unusual = new CallList(undefined, expire, this.#poll);
  }

  /** A refusal for what comes after `close`, or after its own signal; `undefined` if it may go on. */
  refuse(signal: AbortSignal | undefined): ClientError | undefined {
    if (this.#closed) return failure("CLIENT_CLOSED", false);
    return signal?.aborted ? failure("CLIENT_ABORTED", false, signal.reason) : undefined;
  }

  /** Waits for the reply, or for the end of the caller's patience. */
  watch<Sent extends Attempt>(sent: Sent, answer: Promise<unknown>, limits: CallLimits, read: Reader<Sent>): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const call = this.#begin(sent, reject, limits);
      answer.then(
        (raw) => {
          if (!finish(call)) return;
          try {
            resolve(read.reply(raw, sent));
          } catch (error) {
            reject(read.error(error, sent));
          }
        },
        (error: unknown) => {
          if (finish(call)) reject(read.error(error, sent));
        },
      );
    });
  }

  /** Ends every call that waits. Later calls are refused. */
  close(): void {
    this.#closed = true;
    for (const list of [...this.#lists.values(), this.#unusual]) {
      for (let call = list.first; call !== undefined; call = list.first) giveUp(call, "CLIENT_CLOSED");
    }
  }

  #begin(sent: Attempt, reject: Call["reject"], { timeoutMs = this.#timeoutMs, signal }: CallLimits): Call {
    const list = this.#listOf(timeoutMs);
    const usual = list !== this.#unusual;
    const deadline = usual ? performance.now() + timeoutMs : 0;
    const call: Call = {
      sent,
      reject,
      deadline,
      timer: undefined,
      signal,
      list: undefined,
      before: undefined,
      after: undefined,
    };
    list.add(call);
    // A timer has 31 bits of milliseconds; what is longer is for ever.
    if (!usual && timeoutMs <= timerMax) call.timer = setTimeout(expire, timeoutMs, call);
    if (signal !== undefined) aborts.add(signal, call);
    return call;
  }

  #listOf(timeoutMs: number): CallList {
    const known = this.#lists.get(timeoutMs);
    if (known !== undefined) return known;
    if (this.#lists.size === listsMax) return this.#unusual;
    const list = new CallList(timeoutMs, expire, this.#poll);
    this.#lists.set(timeoutMs, list);
    return list;
  }
}

/** Whether this is the first end of the call. */
function finish(call: Call): boolean {
  if (call.list === undefined) return false;
  call.list.remove(call);
  if (call.timer !== undefined) clearTimeout(call.timer);
  if (call.signal !== undefined) aborts.delete(call.signal, call);
  return true;
}

/** The calls that a signal ends. */
const aborts = new AbortListeners<Call>((call) => giveUp(call, "CLIENT_ABORTED"));

function expire(call: Call): void {
  giveUp(call, "CLIENT_TIMEOUT");
}

function giveUp(call: Call, code: "CLIENT_TIMEOUT" | "CLIENT_ABORTED" | "CLIENT_CLOSED"): void {
  if (!finish(call)) return;
  const { written } = call.sent;
  call.sent.withdraw();
  const cause = code === "CLIENT_ABORTED" ? call.signal?.reason : undefined;
  call.reject(failure(code === "CLIENT_TIMEOUT" && !written ? "CLIENT_UNAVAILABLE" : code, written, cause));
}
