import type { CommandFlag, CommandSpec } from "../command/index.ts";

/** What the dispatcher asks of a command on each call, as bits of one number. */
export const bit = {
  write: 1,
  denyOom: 2,
  noScript: 4,
  noAuth: 8,
  mayReplicate: 16,
  noMulti: 32,
  blocking: 64,
  fast: 128,
  /** Answered at once while a transaction is being queued: MULTI EXEC DISCARD WATCH QUIT RESET. */
  unqueued: 256,
  /** Allowed to a RESP2 client that listens. */
  listening: 512,
  skipMonitor: 1024,
  skipSlowlog: 2048,
  admin: 4096,
  readOnly: 8192,
  /** Shown by MONITOR before it runs, because what it runs is shown too. */
  shownFirst: 16384,
  /** May take long, so SLOWLOG looks at the clock; and may be in SLOWLOG at all. */
  maybeSlow: 32768,
  logged: 65536,
} as const;

const bitOfFlag: { readonly [flag in CommandFlag]?: number } = {
  write: bit.write,
  readonly: bit.readOnly,
  denyoom: bit.denyOom,
  noscript: bit.noScript,
  no_auth: bit.noAuth,
  may_replicate: bit.mayReplicate,
  no_multi: bit.noMulti,
  blocking: bit.blocking,
  fast: bit.fast,
  skip_monitor: bit.skipMonitor,
  skip_slowlog: bit.skipSlowlog,
  admin: bit.admin,
};

const bitsOfName: Readonly<Record<string, number>> = {
  multi: bit.unqueued,
  exec: bit.unqueued,
  discard: bit.unqueued,
  watch: bit.unqueued,
  quit: bit.unqueued | bit.listening,
  reset: bit.unqueued | bit.listening,
  ping: bit.listening,
  subscribe: bit.listening,
  unsubscribe: bit.listening,
  psubscribe: bit.listening,
  punsubscribe: bit.listening,
  ssubscribe: bit.listening,
  sunsubscribe: bit.listening,
  // A flag that COMMAND INFO does not tell.
  publish: bit.mayReplicate,
  spublish: bit.mayReplicate,
  pfcount: bit.mayReplicate,
  eval: bit.mayReplicate | bit.shownFirst,
  evalsha: bit.mayReplicate | bit.shownFirst,
  fcall: bit.mayReplicate | bit.shownFirst,
  eval_ro: bit.shownFirst,
  evalsha_ro: bit.shownFirst,
  fcall_ro: bit.shownFirst,
};

/** A command as the dispatcher finds it. Shared by all engines that are made of the same commands. */
export class Command {
  readonly spec: CommandSpec;
  readonly name: string;
  readonly arity: number;
  readonly bits: number;
  /** Place among the commands of its table, for counters. */
  readonly id: number;
  /** It is nothing but its subcommands. */
  readonly container: boolean;
  /** By their own name, in lower case; `undefined` if it is no container. */
  subcommands: Map<string, Command> | undefined;

  constructor(spec: CommandSpec, id: number, container = false) {
    this.container = container;
    this.spec = spec;
    this.name = spec.name;
    this.arity = spec.arity;
    this.id = id;
    let bits = bitsOfName[spec.name] ?? 0;
    for (const flag of spec.flags) bits |= bitOfFlag[flag] ?? 0;
    if ((bits & bit.skipSlowlog) === 0) bits |= bit.logged;
    if ((bits & (bit.skipSlowlog | bit.fast)) === 0 && spec.group !== "string") bits |= bit.maybeSlow;
    this.bits = bits;
    this.subcommands = undefined;
  }
}

/** The commands of an engine, by name. */
export class CommandTable {
  /** By name in lower and in upper case: a call in either needs one look. */
  readonly #byName = new Map<string, Command>();
  readonly all: Command[] = [];

  static readonly #tables = new WeakMap<ReadonlyMap<string, CommandSpec>, CommandTable>();

  /** The table of these commands and of the session's own, which every engine has. Built once per map. */
  static of(commands: ReadonlyMap<string, CommandSpec>, own: readonly CommandSpec[]): CommandTable {
    let table = CommandTable.#tables.get(commands);
    if (table === undefined) {
      table = new CommandTable(commands, own);
      CommandTable.#tables.set(commands, table);
    }
    return table;
  }

  private constructor(commands: ReadonlyMap<string, CommandSpec>, own: readonly CommandSpec[]) {
    const specs = new Map<string, CommandSpec>();
    for (const spec of own) specs.set(spec.name, spec);
    for (const spec of commands.values()) specs.set(spec.name, spec);
    for (const spec of specs.values()) if (!spec.name.includes("|")) this.#add(spec);
    for (const spec of specs.values()) if (spec.name.includes("|")) this.#addUnder(spec);
  }

  /** The command of that name, in any case; a container for one of its subcommands. */
  get(name: string): Command | undefined {
    return this.#byName.get(name) ?? this.#byName.get(name.toLowerCase());
  }

  /** The command or, by `config|get`, the subcommand. */
  full(name: string): Command | undefined {
    const at = name.indexOf("|");
    if (at === -1) return this.get(name);
    return this.get(name.slice(0, at))?.subcommands?.get(name.slice(at + 1).toLowerCase());
  }

  /** Commands without their subcommands, in no promised order. */
  *top(): Generator<Command> {
    for (const command of this.all) if (!command.name.includes("|")) yield command;
  }

  #add(spec: CommandSpec, container = false): Command {
    const command = new Command(spec, this.all.length, container);
    this.all.push(command);
    this.#byName.set(spec.name, command);
    this.#byName.set(spec.name.toUpperCase(), command);
    return command;
  }

  #addUnder(spec: CommandSpec): void {
    const at = spec.name.indexOf("|");
    const name = spec.name.slice(0, at);
    const parent = this.#byName.get(name) ?? this.#add(containerOf(name, spec), true);
    const command = new Command(spec, this.all.length);
    this.all.push(command);
    parent.subcommands ??= new Map();
    parent.subcommands.set(spec.name.slice(at + 1), command);
  }
}

/** A command that is nothing but its subcommands. Never run: without one it has too few arguments. */
function containerOf(name: string, first: CommandSpec): CommandSpec {
  return { name, arity: -2, group: first.group, flags: [], run: () => null };
}
