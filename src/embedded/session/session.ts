import { Blocked } from "../command/index.ts";
import type { Sandbox, ScriptingContext } from "../sandbox/index.ts";
import type { Database, Keyspace } from "../store/index.ts";
import { engineFailed, QUEUED, Refusal, type Reply, Status, wrongArity } from "../value/index.ts";
import type { Subscriptions } from "./channels.ts";
import { bit, type Command } from "./command-table.ts";
import type { Engine } from "./engine.ts";
import type { Sink } from "./outbox.ts";
import { Parked } from "./parked.ts";
import { mode, refusalOf } from "./restraint.ts";
import { endTransaction, type Transaction, type Watching } from "./transaction.ts";
import { unknownCommand, unknownSubcommand } from "./unknown-command.ts";

/** Who connects. */
export interface ConnectOptions {
  /** Shown by CLIENT LIST. @default "127.0.0.1:0" */
  readonly address?: string;
}

/** What a command answers that has answered by pushes: SUBSCRIBE and its kin. Nobody outside ever gets it. */
export const NO_REPLY: Status = new Status("");

interface Call {
  readonly args: readonly string[];
  readonly reply: Sink<Reply>;
}

/** One client of the engine: the database it has selected, the protocol it speaks, what it has begun. */
export class Session implements ScriptingContext {
  readonly engine: Engine;
  readonly keyspace: Keyspace;
  /** A script calls: what would block answers at once. */
  readonly script: boolean;
  readonly id: number;
  readonly address: string;
  readonly since: number;
  db: Database;
  resp: 2 | 3 = 2;
  name = "";
  /** What is special about it: bits of {@link mode}. Nothing, mostly, which costs one look per command. */
  mode = 0;
  /** Replies that CLIENT REPLY holds back: so many, or with -1 all. */
  silence = 0;
  /** Hears what was not asked for: messages of channels, and how SUBSCRIBE and its kin went. */
  onPush: ((items: readonly Reply[]) => void) | undefined = undefined;
  /** Called once when the engine lets the client go (QUIT, CLIENT KILL), after its last reply. */
  onEnd: (() => void) | undefined = undefined;
  /** Called when nothing of it is {@link waiting} any more. */
  onReady: (() => void) | undefined = undefined;
  transaction: Transaction | undefined = undefined;
  /** While EXEC runs a command: what that has confirmed by pushes, such as SUBSCRIBE. */
  confirmations: (readonly Reply[])[] | undefined = undefined;
  watching: Watching | undefined = undefined;
  subscriptions: Subscriptions | undefined = undefined;
  parked: Parked | undefined = undefined;
  /** {@link CommandContext.resumed} */
  resumed = false;
  /** Where MONITOR tells what it sees. */
  monitor: Sink<Reply> | undefined = undefined;
  /** CLIENT NO-EVICT. */
  noEvict = false;
  lastCommand: Command | undefined = undefined;
  lastAt: number;
  /** Calls that wait behind one that is parked or postponed; `undefined` when none is. */
  #line: Call[] | undefined = undefined;
  /** Pushes that have not left yet. */
  #pushes = 0;
  #trailing: (readonly Reply[])[] | undefined = undefined;
  #recorded: (readonly string[])[] | undefined = undefined;

  constructor(engine: Engine, options: ConnectOptions & { readonly script?: boolean } = {}) {
    this.engine = engine;
    this.keyspace = engine.keyspace;
    this.db = engine.keyspace.databases[0] as Database;
    this.script = options.script === true;
    this.address = options.address ?? "127.0.0.1:0";
    this.id = this.script ? 0 : engine.nextId();
    this.since = this.script ? 0 : engine.clock.now();
    this.lastAt = this.since;
  }

  /** {@link ScriptingContext.sandbox} */
  get sandbox(): Sandbox {
    return this.engine.sandbox;
  }

  /** Its last call is parked or postponed, and further ones wait behind it. */
  get waiting(): boolean {
    return this.#line !== undefined;
  }

  /** It has subscriptions. */
  get listening(): boolean {
    return (this.mode & mode.listening) !== 0;
  }

  /** It has not given the password yet. */
  get unauthenticated(): boolean {
    return (this.mode & mode.unauthenticated) !== 0;
  }

  /**
   * Runs a command and hands its reply to `reply`: before this returns, unless it blocks or waits behind one that does.
   * SUBSCRIBE and its kin answer by {@link onPush} alone, and MONITOR calls `reply` again for each command that it sees.
   */
  call(args: readonly string[], reply: Sink<Reply>): void {
    try {
      if (this.#line === undefined) this.#answer(args, reply);
      else this.#line.push({ args, reply });
    } finally {
      this.engine.outbox.flush();
    }
  }

  /** Runs one command. An error reply is a value; one that would block is a {@link Blocked}, and waits for nothing. */
  execute(args: readonly string[]): Reply | Blocked {
    const reply = this.#dispatch(args);
    if ((this.mode & mode.ending) !== 0) this.engine.outbox.add(this.#finish, undefined);
    if (this.#trailing !== undefined) this.#trail();
    this.engine.outbox.flush();
    return reply;
  }

  /** The command that the arguments name, or what is wrong with them. */
  find(args: readonly string[]): Command | Refusal {
    const command = this.engine.table.get(args[0] as string);
    if (command === undefined) return unknownCommand(args);
    const { arity } = command;
    if (args.length > 1 && command.subcommands !== undefined) {
      const subcommand = command.subcommands.get((args[1] as string).toLowerCase());
      if (subcommand === undefined) return unknownSubcommand(args);
      return fits(subcommand.arity, args.length) ? subcommand : wrongArity(subcommand.name);
    }
    return fits(arity, args.length) ? command : wrongArity(command.name);
  }

  /** Runs a command that was found, whoever is to hear the reply: what EXEC and scripts do as well. */
  run(command: Command, args: readonly string[]): Reply | Blocked {
    const { engine, keyspace, resumed } = this;
    // Who is no script was asked before its command was run or queued.
    if ((engine.mode & mode.unwritable) !== 0 && this.script && (command.bits & bit.write) !== 0)
      return engine.unwritable as Refusal;
    const { dirty } = keyspace;
    const before = engine.effects.length;
    const began = (command.bits & engine.slowlog.mask) === 0 || this.script || resumed ? 0 : performance.now();
    let reply: Reply | Blocked;
    keyspace.freeze();
    engine.depth++;
    // What has waited was counted and shown when it came.
    const shown = engine.monitors !== 0 && !resumed;
    if (shown && (command.bits & bit.shownFirst) !== 0) engine.show(this, command, args);
    try {
      reply = command.spec.run(this, args);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      reply = error;
    } finally {
      this.lastAt = keyspace.now;
      engine.depth--;
      keyspace.thaw();
    }
    if (keyspace.dirty !== dirty && engine.log !== undefined) this.#remember(command, args, before);
    engine.stats.count(command, reply, resumed);
    if (began !== 0) engine.slowlog.add(this, command, args, performance.now() - began);
    if (shown && (command.bits & bit.shownFirst) === 0) engine.show(this, command, args);
    // What was changed and is not kept is told, whatever it was about to answer.
    return engine.unsettled && engine.depth === 0 ? (engine.settle() ?? reply) : reply;
  }

  /** {@link CommandContext.record} */
  record(command: readonly string[]): void {
    if (this.engine.log === undefined) return;
    if (this.#recorded === undefined) this.#recorded = [command];
    else this.#recorded.push(command);
  }

  /** Sends what was not asked for, once the command that runs now is over. */
  push(items: readonly Reply[]): void {
    if (this.confirmations !== undefined && isConfirmation(items[0])) this.confirmations.push(items);
    else {
      this.#pushes++;
      this.engine.outbox.add(this.#receive, items);
    }
  }

  /** Sends it after the reply to the command that runs now, and not before. */
  pushAfterReply(items: readonly (readonly Reply[])[]): void {
    if (items.length === 0) return;
    this.#trailing ??= [];
    this.#trailing.push(...items);
  }

  /** Ends the wait of a parked call, with its reply; what waits behind it runs next. */
  unpark(reply: Reply): void {
    const { parked } = this;
    if (parked === undefined) return;
    this.engine.parking.remove(parked);
    this.parked = undefined;
    this.#deliver(reply, parked.reply, false);
    this.resume();
  }

  /** Lets the calls go on that wait behind one, once the command that runs now is over. */
  resume(): void {
    this.mode &= ~mode.postponed;
    this.engine.outbox.add(this.#continue, undefined);
  }

  /** Lets the client go, after the reply to what it asked for last. */
  end(): void {
    this.mode |= mode.ending;
    if (this.engine.current === this) return;
    // At once: nothing is to be taken from a list, or counted as heard, for one who will not get it.
    this.engine.forget(this);
    this.engine.outbox.add(this.#finish, undefined);
  }

  /** Ends MONITOR. */
  leaveMonitor(): void {
    if ((this.mode & mode.monitoring) === 0) return;
    this.mode &= ~mode.monitoring;
    this.engine.monitors--;
    this.monitor = undefined;
  }

  /** The client has left: it waits for nothing any more, and hears nothing. May be called twice. */
  close(): void {
    if ((this.mode & mode.closed) !== 0) return;
    this.mode |= mode.closed | mode.ending;
    this.#line = [];
    this.engine.forget(this);
  }

  /** Runs a call, or puts it in the line. */
  #answer(args: readonly string[], reply: Sink<Reply>): void {
    const { engine } = this;
    if ((this.mode & mode.ending) !== 0) return;
    if (engine.pause?.holds(this, args)) {
      this.mode |= mode.postponed;
      this.#line ??= [];
      this.#line.unshift({ args, reply });
      return;
    }
    engine.current = this;
    let result: Reply | Blocked;
    try {
      result = this.#dispatch(args);
    } finally {
      engine.current = undefined;
    }
    if (result instanceof Blocked) this.#park(result, args, reply);
    else if (result !== NO_REPLY) this.#deliver(result, reply, true);
    // What CLIENT REPLY SKIP is about was this call, though pushes are heard all the same.
    else if (this.silence > 0) this.silence--;
    if ((this.mode & (mode.ending | mode.monitoring)) !== 0) this.#afterwards(reply);
    if (this.#trailing !== undefined) this.#trail();
  }

  #dispatch(args: readonly string[]): Reply | Blocked {
    const { engine } = this;
    const command = this.find(args);
    if (command instanceof Refusal) return this.#reject(command, undefined);
    this.lastCommand = command;
    if ((this.mode | engine.mode) !== 0) {
      const refusal = refusalOf(this, command);
      if (refusal !== undefined) return this.#reject(refusal, command);
      if (this.transaction !== undefined && (command.bits & bit.unqueued) === 0) {
        this.transaction.add(command, args);
        return QUEUED;
      }
    }
    return this.run(command, args);
  }

  #reject(refusal: Refusal, command: Command | undefined): Refusal {
    const { transaction } = this;
    const { engine } = this;
    engine.stats.reject(refusal, command);
    if (engine.unsettled) engine.settle();
    // EXEC with an argument too many, or without the memory for what was queued, ends the transaction; even if there is none.
    if (refusal.message.endsWith("'exec' command") || command?.name === "exec") {
      endTransaction(this);
      return new Refusal(`EXECABORT Transaction discarded because of: ${refusal.message.replace(/^ERR /, "")}`);
    }
    if (transaction !== undefined) transaction.broken = true;
    return refusal;
  }

  #park(blocked: Blocked, args: readonly string[], reply: Sink<Reply>): void {
    this.#line ??= [];
    this.parked = new Parked(this, this.lastCommand as Command, blocked, args, reply);
    this.engine.parking.add(this.parked);
  }

  #deliver(reply: Reply, sink: Sink<Reply>, direct: boolean): void {
    if (this.silence !== 0) {
      if (this.silence > 0) this.silence--;
      return;
    }
    // Whoever calls is answered before those it has woken, and after what it has sent itself.
    const { outbox } = this.engine;
    if (direct && !outbox.flushing && this.#pushes === 0) sink(reply);
    else outbox.add(sink, reply);
  }

  #afterwards(reply: Sink<Reply>): void {
    if ((this.mode & mode.ending) !== 0) this.engine.outbox.add(this.#finish, undefined);
    else this.monitor ??= reply;
  }

  #trail(): void {
    const trailing = this.#trailing ?? [];
    this.#trailing = undefined;
    for (const items of trailing) this.push(items);
  }

  #remember(command: Command, args: readonly string[], before: number): void {
    const { engine } = this;
    const recorded = this.#recorded;
    this.#recorded = undefined;
    if ((command.bits & (bit.write | bit.mayReplicate)) === 0) return;
    if (recorded !== undefined) for (const each of recorded) engine.remember(this.db.index, each, this.lastAt);
    // What a script or EXEC has done was remembered command by command.
    else if (engine.effects.length === before) engine.remember(this.db.index, args, this.lastAt);
  }

  readonly #receive = (items: readonly Reply[]): void => {
    this.#pushes--;
    if ((this.mode & mode.closed) === 0) this.onPush?.(items);
  };

  readonly #continue = (): void => {
    const line = this.#line;
    if (line === undefined) return;
    while (this.parked === undefined && (this.mode & (mode.postponed | mode.ending)) === 0) {
      const next = line.shift();
      if (next === undefined) {
        this.#line = undefined;
        this.onReady?.();
        return;
      }
      try {
        this.#answer(next.args, next.reply);
      } catch (error) {
        // Whoever let it go on, a timer or another client, has nothing to do with it.
        this.#deliver(engineFailed(error), next.reply, false);
      }
    }
  };

  readonly #finish = (): void => {
    if ((this.mode & mode.closed) !== 0) return;
    this.close();
    this.onEnd?.();
  };
}

/** Of the pushes only messages are none. */
function isConfirmation(kind: Reply | undefined): boolean {
  return typeof kind === "string" && kind.endsWith("subscribe");
}

function fits(arity: number, count: number): boolean {
  return arity > 0 ? count === arity : count >= -arity;
}
