import { AbortListeners } from "../core/index.ts";
import {
  type Arg,
  type BlockOptions,
  type ClientError,
  failure,
  guarded,
  type Listener,
  type PortSettings,
  type PortTraits,
  type RedisPort,
  type Reply,
  refusal,
  type SendOptions,
  type Unsubscribe,
} from "../port/index.ts";
import type { Engine, Session } from "./session/index.ts";
import {
  BigNumber,
  Double,
  type Reply as EngineReply,
  MapReply,
  Refusal,
  SetReply,
  Status,
  toByteString,
  toText,
  toUint8Array,
  Verbatim,
} from "./value/index.ts";

/**
 * After so many calls in a row the answers wait for the next turn of the event loop: a program that awaits one call after the
 * other would otherwise never let a timer, a socket or a signal in.
 */
const callsPerTurn = 64;

/** The waits that a signal ends. */
const aborts = new AbortListeners<() => void>((end) => end());

/** The port onto an engine of this process. Every command has run by the time that `send` returns; only its answer is a promise. */
export class EmbeddedPort implements RedisPort {
  readonly traits: PortTraits;
  readonly #engine: Engine;
  readonly #session: Session;
  readonly #timeoutMs: number;
  readonly #end: () => void;
  readonly #open = new Set<() => void>();
  readonly #channels = new Map<string, Set<Listener>>();
  #subscriber: Session | undefined;
  #calls = 0;
  #later: (() => void)[] = [];
  #closed = false;

  constructor(engine: Engine, { prefix, timeoutMs, end = () => {} }: PortSettings) {
    this.#engine = engine;
    this.#session = engine.connect();
    this.#timeoutMs = timeoutMs;
    this.#end = end;
    this.traits = { cluster: false, client: "embedded", prefix };
  }

  send(command: readonly Arg[], options: SendOptions): Promise<Reply> {
    const { signal, bytes = false } = options;
    if (this.#closed) return Promise.reject(failure("CLIENT_CLOSED", false));
    if (signal?.aborted) return Promise.reject(failure("CLIENT_ABORTED", false, signal.reason));
    return new Promise((resolve, reject) => {
      let answered = false;
      let calledOff: (() => void) | undefined;
      this.#session.call(command.map(toByteString), (reply) => {
        answered = true;
        calledOff?.();
        this.#deliver(() =>
          reply instanceof Refusal ? reject(this.#refusal(reply, command)) : resolve(readReply(reply, bytes)),
        );
      });
      if (!answered) calledOff = this.#patience(options, reject);
    });
  }

  batch(commands: readonly (readonly Arg[])[], options: SendOptions): Promise<readonly (Reply | ClientError)[]> {
    return Promise.all(commands.map((command) => this.send(command, options).catch((error: ClientError) => error)));
  }

  async broadcast(command: readonly Arg[], options: Omit<SendOptions, "key" | "readOnly">): Promise<readonly Reply[]> {
    return [await this.send(command, options)];
  }

  async subscribe(channel: string, listener: Listener): Promise<Unsubscribe> {
    if (this.#closed) throw failure("CLIENT_CLOSED", false);
    this.#subscriber ??= this.#openSubscriber();
    let listeners = this.#channels.get(channel);
    if (listeners === undefined) {
      listeners = new Set();
      this.#channels.set(channel, listeners);
      this.#subscriber.call(["SUBSCRIBE", toByteString(channel)], () => {});
    }
    // The same listener may listen twice; each has an end of its own.
    const own: Listener = { message: (text) => listener.message(text) };
    listeners.add(own);
    return async () => {
      if (!listeners.delete(own) || listeners.size > 0) return;
      this.#channels.delete(channel);
      this.#subscriber?.call(["UNSUBSCRIBE", toByteString(channel)], () => {});
    };
  }

  async block(command: readonly Arg[], { signal, bytes = false }: BlockOptions): Promise<Reply> {
    if (this.#closed) throw failure("CLIENT_CLOSED", false);
    if (signal.aborted) throw failure("CLIENT_ABORTED", false, signal.reason);
    const session = this.#engine.connect();
    // A connection keeps its process alive while it waits, and so does this.
    const alive = setInterval(() => {}, 2 ** 31 - 1);
    let abort!: () => void;
    let close!: () => void;
    try {
      return await new Promise<Reply>((resolve, reject) => {
        abort = () => reject(failure("CLIENT_ABORTED", true, signal.reason));
        close = () => reject(failure("CLIENT_CLOSED", true));
        aborts.add(signal, abort);
        this.#open.add(close);
        session.call(command.map(toByteString), (reply) => {
          this.#deliver(() =>
            reply instanceof Refusal ? reject(this.#refusal(reply, command)) : resolve(readReply(reply, bytes)),
          );
        });
      });
    } finally {
      clearInterval(alive);
      aborts.delete(signal, abort);
      this.#open.delete(close);
      session.close();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const end of [...this.#open]) end();
    this.#subscriber?.close();
    this.#channels.clear();
    this.#session.close();
    this.#end();
  }

  /** A command that waits (BLPOP) ends at its deadline or its signal, as on every port. Answers what calls that off. */
  #patience({ signal, timeoutMs = this.#timeoutMs }: SendOptions, reject: (error: ClientError) => void): () => void {
    const done = (): void => {
      clearTimeout(timer);
      this.#open.delete(closed);
      if (signal !== undefined) aborts.delete(signal, aborted);
    };
    const over = (code: "CLIENT_TIMEOUT" | "CLIENT_ABORTED" | "CLIENT_CLOSED"): void => {
      done();
      reject(failure(code, true, signal?.reason));
    };
    const closed = (): void => over("CLIENT_CLOSED");
    const aborted = (): void => over("CLIENT_ABORTED");
    const timer = setTimeout(over, Math.min(timeoutMs, 2 ** 31 - 1), "CLIENT_TIMEOUT");
    this.#open.add(closed);
    if (signal !== undefined) aborts.add(signal, aborted);
    return done;
  }

  #deliver(settle: () => void): void {
    if (this.#later.length === 0 && ++this.#calls < callsPerTurn) {
      settle();
      return;
    }
    // Once one answer waits, those after it do too: answers keep their order.
    if (this.#later.push(settle) > 1) return;
    setImmediate(() => {
      const due = this.#later;
      this.#later = [];
      this.#calls = 0;
      for (const each of due) each();
    });
  }

  #refusal(reply: Refusal, [name]: readonly Arg[]): ClientError {
    return refusal(toText(reply.message), toText(toByteString(name as Arg)).toUpperCase(), undefined);
  }

  #openSubscriber(): Session {
    const session = this.#engine.connect();
    session.onPush = ([kind, channel, message]) => {
      if (kind !== "message") return;
      const text = toText(message as string);
      // Published while its publisher is at work: whoever hears it runs after that.
      queueMicrotask(() => {
        for (const listener of this.#channels.get(toText(channel as string)) ?? []) guarded(() => listener.message(text));
      });
    };
    return session;
  }
}

/** A reply in the values that cross the port: what only RESP3 has becomes what RESP2 makes of it. */
export function readReply(reply: EngineReply, bytes: boolean): Reply {
  if (typeof reply === "string") return bytes ? toUint8Array(reply) : toText(reply);
  if (typeof reply === "number" || typeof reply === "bigint" || reply === null) return reply;
  if (Array.isArray(reply)) return (reply as readonly EngineReply[]).map((item) => readReply(item, bytes));
  if (typeof reply === "boolean") return reply ? 1 : null;
  if (reply instanceof Status) return readReply(reply.text, bytes);
  if (reply instanceof MapReply) return readReply(reply.entries, bytes);
  if (reply instanceof SetReply) return readReply(reply.members, bytes);
  if (reply instanceof Double) return readReply(reply.text, bytes);
  if (reply instanceof Verbatim) return readReply(reply.text, bytes);
  if (reply instanceof BigNumber) return readReply(reply.digits, bytes);
  if (reply instanceof Refusal) return refusal(toText(reply.message), "", undefined) as unknown as Reply;
  return null;
}
