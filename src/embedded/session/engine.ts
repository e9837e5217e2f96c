import { randomBytes } from "node:crypto";
import type { CommandSpec } from "../command/index.ts";
import { Sandbox, type SandboxOptions, type ScriptHost } from "../sandbox/index.ts";
import { type ChangeListener, type Clock, type Database, type EventClass, Keyspace, type Snapshot } from "../store/index.ts";
import type { Refusal } from "../value/index.ts";
import { Channels } from "./channels.ts";
import { type Command, CommandTable } from "./command-table.ts";
import { sessionCommands } from "./commands/index.ts";
import { Configuration } from "./configuration.ts";
import { monitorLine } from "./monitor-line.ts";
import { Notifications } from "./notifications.ts";
import { Outbox } from "./outbox.ts";
import { Parking } from "./parking.ts";
import type { Pause } from "./pause.ts";
import { mode } from "./restraint.ts";
import { type ConnectOptions, Session } from "./session.ts";
import { Slowlog } from "./slowlog.ts";
import { Stats } from "./stats.ts";
import { Watches } from "./transaction.ts";
import { lacking } from "./unknown-command.ts";

/** What an engine is made of. */
export interface EngineOptions extends SandboxOptions {
  readonly clock: Clock;
  /** Its commands, by name; those of the session itself (MULTI, CONFIG…) it has anyway. */
  readonly commands: ReadonlyMap<string, CommandSpec>;
  /** @default 16 */
  readonly databases?: number;
  /** Bytes that keys and values may take; 0 for no limit. @default 0 */
  readonly maxMemory?: number;
}

/** Keeps what commands have changed: the append-only file. */
export interface CommandLog {
  /**
   * A command, a transaction or a script is over and has changed something. Run again in this order, in the database given, with
   * the clock at `nowMs`, the commands make the same changes; SELECT is among them where they change database.
   *
   * @returns what whoever made the change is answered instead, if it cannot be kept as they were promised
   */
  append(databaseIndex: number, nowMs: number, commands: readonly (readonly string[])[]): Refusal | undefined;
  /**
   * Writes what is stored anew, so that the file is as short as can be: BGREWRITEAOF.
   *
   * @param stale what is stored was exchanged, so that nothing may be added to the file before
   */
  rewrite?(stale?: boolean): void;
}

/** All that an engine stores, at one moment: what Redis keeps in a snapshot's file. */
export interface EngineSnapshot extends Snapshot {
  /** The texts of the function libraries. */
  readonly libraries: readonly string[];
}

/** One Redis: its keyspace, its commands, its clients. */
export class Engine implements ChangeListener, ScriptHost {
  readonly clock: Clock;
  readonly commands: ReadonlyMap<string, CommandSpec>;
  readonly table: CommandTable;
  readonly keyspace: Keyspace;
  readonly outbox: Outbox = new Outbox();
  readonly watches: Watches = new Watches();
  readonly parking: Parking;
  readonly channels: Channels = new Channels();
  readonly notifications: Notifications = new Notifications();
  readonly configuration: Configuration;
  readonly stats: Stats;
  readonly slowlog: Slowlog = new Slowlog();
  readonly clients: Map<number, Session> = new Map();
  readonly sandbox: Sandbox;
  readonly startedAt: number;
  /** Hears what was changed. Set before the first command that shall be heard. */
  log: CommandLog | undefined = undefined;
  /** {@link ScriptHost.onScriptLog} */
  onScriptLog: ScriptHost["onScriptLog"] = undefined;
  /** What SHUTDOWN does, once the command is over; without it SHUTDOWN is refused. */
  onShutdown: (() => void) | undefined = undefined;
  /** What is special about it: bits of {@link mode}. */
  mode = 0;
  /** What commands that write are answered, while the log cannot be written. */
  unwritable: Refusal | undefined = undefined;
  /** Commands that run, one inside the other. */
  depth = 0;
  /** The client whose command runs. */
  current: Session | undefined = undefined;
  /** CLIENT PAUSE, while it lasts. */
  pause: Pause | undefined = undefined;
  /** Clients in MONITOR. */
  monitors = 0;
  /** What the log is to keep of the command that runs. */
  effects: (readonly string[])[] = [];
  /** Something is to be done once the command is over: {@link settle}. */
  unsettled = false;
  #effectsAt = 0;
  #firstDatabase = 0;
  #lastDatabase = 0;
  #settling = false;
  #finishDue = false;
  #lastId = 0;
  #runId: string | undefined = undefined;

  constructor(options: EngineOptions) {
    this.clock = options.clock;
    this.commands = options.commands;
    this.table = CommandTable.of(options.commands, sessionCommands);
    this.keyspace = new Keyspace(options.clock, options.databases ?? 16);
    this.parking = new Parking(options.clock, this.outbox);
    this.stats = new Stats(this.table.all.length);
    this.sandbox = new Sandbox(this, options);
    this.startedAt = options.clock.now();
    this.configuration = new Configuration(this);
    this.limitMemory(options.maxMemory ?? 0);
    this.keyspace.listen(this);
  }

  /** Forty digits by chance, as Redis draws them when it starts. */
  get runId(): string {
    this.#runId ??= randomBytes(20).toString("hex");
    return this.#runId;
  }

  /** A new client. */
  connect(options?: ConnectOptions): Session {
    const session = new Session(this, options);
    this.clients.set(session.id, session);
    this.stats.connections++;
    if (this.configuration.guarded) session.mode |= mode.unauthenticated;
    return session;
  }

  /** {@link ScriptHost.findCommand} */
  findCommand(name: string): Command | undefined {
    return this.table.get(name);
  }

  /** {@link ScriptHost.explainUnknown} */
  explainUnknown(name: string): string {
    return lacking(name);
  }

  /** {@link ScriptHost.openScriptClient} */
  openScriptClient(): Session {
    return new Session(this, { script: true });
  }

  nextId(): number {
    return ++this.#lastId;
  }

  /** A client has left: it is forgotten by all who knew it. */
  forget(session: Session): void {
    this.clients.delete(session.id);
    this.watches.release(session);
    if (session.parked !== undefined) this.parking.remove(session.parked);
    session.parked = undefined;
    this.channels.forget(session);
    session.leaveMonitor();
    this.pause?.forget(session);
  }

  /** Sets the limit of the memory that keys and values take; 0 for none. */
  limitMemory(bytes: number): void {
    this.keyspace.maxMemory = bytes;
    if (bytes === 0) this.mode &= ~mode.bounded;
    else this.mode |= mode.bounded;
  }

  /** Refuses whatever changes something, or with `undefined` no longer: nothing may be changed that is then not kept. */
  refuseWrites(refusal: Refusal | undefined): void {
    this.unwritable = refusal;
    if (refusal !== undefined) this.mode |= mode.unwritable;
    else {
      this.mode &= ~mode.unwritable;
      // Who waited was not served meanwhile.
      if (this.unsettled) this.#finishSoon();
    }
  }

  /** {@link ChangeListener.changed} */
  changed(database: Database, key: string, kind: EventClass, event: string): void {
    if (kind === "e" && this.log !== undefined) this.remember(database.index, ["DEL", key], this.keyspace.now);
    // A key that was looked for and is not there was not changed by that.
    if (kind !== "m") {
      if (this.watches.size !== 0 && !leavesWatch(kind, event)) this.watches.touch(database, key);
      if (this.parking.size !== 0 && this.parking.signal(database, key)) {
        this.unsettled = true;
        if (this.depth === 0) this.#finishSoon();
      }
    }
    if (this.notifications.on) this.#notify(database, key, kind, event);
  }

  /** {@link ChangeListener.replaced} */
  replaced(database: Database, had: (key: string) => boolean): void {
    if (this.watches.size !== 0) this.watches.replaced(database, had);
    if (this.parking.size !== 0 && this.parking.signalAll(database)) this.unsettled = true;
  }

  /** Keeps a command for the log, until the command that runs is over. */
  remember(database: number, command: readonly string[], now: number): void {
    if (this.effects.length === 0) {
      this.#firstDatabase = database;
      this.#effectsAt = now;
    } else if (database !== this.#lastDatabase) this.effects.push(["SELECT", String(database)]);
    this.#lastDatabase = database;
    this.effects.push(command);
    this.unsettled = true;
  }

  /** What is left to do after a command: the log, and whoever waited for what it changed. @returns {@link CommandLog.append} */
  settle(): Refusal | undefined {
    const refusal = this.effects.length === 0 ? undefined : this.#writeLog();
    if (this.#settling) return refusal;
    this.#settling = true;
    try {
      this.unsettled = !this.parking.serve(this.#isWritable);
    } finally {
      this.#settling = false;
    }
    return refusal;
  }

  /** Tells clients in MONITOR of a command that is about to run. */
  show(session: Session, command: Command, args: readonly string[]): void {
    const line = monitorLine(session, command, args);
    if (line === undefined) return;
    for (const { monitor } of this.clients.values()) if (monitor !== undefined) this.outbox.add(monitor, line);
  }

  /** All that is stored. */
  dump(): EngineSnapshot {
    return { ...this.keyspace.snapshot(), libraries: this.sandbox.functions.sources() };
  }

  /** Stores what a snapshot holds, and nothing else. */
  restore(snapshot: EngineSnapshot): void {
    this.sandbox.functions.exchange(snapshot.libraries);
    this.keyspace.restore(snapshot);
    this.log?.rewrite?.(true);
    this.settle();
    this.outbox.flush();
  }

  /** Lets every client go and calls off what waits for the clock. May be called twice. */
  stop(): void {
    for (const session of [...this.clients.values()]) session.end();
    this.pause?.end();
    this.keyspace.close();
    this.outbox.flush();
  }

  /** While it is not, nobody is served who waits: what they take would not be kept. */
  readonly #isWritable = (): boolean => this.unwritable === undefined;

  #writeLog(): Refusal | undefined {
    const commands = this.effects;
    this.effects = [];
    return this.log?.append(this.#firstDatabase, this.#effectsAt, commands);
  }

  #notify(database: Database, key: string, kind: EventClass, event: string): void {
    this.notifications.tell(this.channels, database.index, key, kind, event);
    if (this.depth === 0 && !this.outbox.empty) this.#finishSoon();
  }

  /** A key that expires by itself does so while no command runs, and nobody else would serve who waited or let messages out. */
  #finishSoon(): void {
    if (this.#finishDue) return;
    this.#finishDue = true;
    this.clock.after(0, () => {
      this.#finishDue = false;
      if (this.unsettled) this.settle();
      this.outbox.flush();
    });
  }
}

/** What Redis does to a stream without telling whoever watches it: all about its groups, and XSETID. */
function leavesWatch(kind: EventClass, event: string): boolean {
  return kind === "t" && (event.startsWith("xgroup") || event === "xsetid");
}
