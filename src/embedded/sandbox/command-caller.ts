import { Blocked } from "../command/index.ts";
import { LuaError, type LuaResult, LuaTable, type LuaValue } from "../lua/index.ts";
import { formatNumber17 } from "../number/index.ts";
import { Refusal, type Reply, refusals } from "../value/index.ts";
import { raise } from "./arguments.ts";
import { refusalTable } from "./error-table.ts";
import type { HostCommand, ScriptClient, ScriptHost } from "./host.ts";
import { toLua } from "./to-lua.ts";

/** Commands that count as writes in a script that may not write: COMMAND INFO does not tell, but their effects reach others. */
const replicated: ReadonlySet<string> = new Set(["publish", "spublish", "pfcount"]);

const refuses = { script: 1, readOnly: 2, fullMemory: 4, write: 8 } as const;

/** A command as scripts find it: all that is to be checked before it runs, in one look. */
class Target {
  readonly command: HostCommand;
  readonly arity: number;
  /** Bits of {@link refuses}: what it is not allowed in. */
  readonly bits: number;
  readonly container: boolean;

  constructor(command: HostCommand) {
    this.command = command;
    this.arity = command.arity;
    this.container = command.subcommands !== undefined;
    const { flags } = command.spec;
    let bits = 0;
    if (flags.includes("noscript")) bits |= refuses.script;
    if (flags.includes("write")) bits |= refuses.write | refuses.readOnly;
    if (replicated.has(command.spec.name)) bits |= refuses.readOnly;
    if (flags.includes("denyoom")) bits |= refuses.fullMemory;
    this.bits = bits;
  }
}

/** What a command costs at least: about as much as so many turns of a loop. */
const callSteps = 20;

/** What the running script may do. */
export interface Permissions {
  readonly readOnly: boolean;
  /** Memory was short when the script began, and it does not say that it copes. */
  readonly fullMemory: boolean;
}

/** `redis.call` and `redis.pcall`. */
export class CommandCaller {
  readonly #host: ScriptHost;
  /** By the name as the script wrote it, subcommands by `config|get`, so that a call in either case needs one look. */
  readonly #targets = new Map<string, Target>();
  #client: ScriptClient | undefined;
  #refused = 0;
  /** The protocol in which the script wants replies. */
  resp: 2 | 3 = 2;

  readonly #tick: (steps: number) => void;

  /** @param tick takes steps from the budget of the script */
  constructor(host: ScriptHost, tick: (steps: number) => void) {
    this.#host = host;
    this.#tick = tick;
  }

  /** A script begins, in the database that its caller has selected. */
  begin(db: ScriptClient["db"], { readOnly, fullMemory }: Permissions): void {
    this.#client ??= this.#host.openScriptClient();
    this.#client.db = db;
    this.#client.resp = 2;
    this.resp = 2;
    this.#refused = refuses.script | (readOnly ? refuses.readOnly : 0) | (fullMemory ? refuses.fullMemory : 0);
  }

  setProtocol(resp: 2 | 3): void {
    this.resp = resp;
    if (this.#client !== undefined) this.#client.resp = resp;
  }

  /** `redis.call`. Owns the arguments. @throws {LuaError} for an error reply, with its table */
  call(args: LuaValue[]): LuaResult {
    const reply = this.#run(args);
    if (reply instanceof Refusal) throw new LuaError(refusalTable(reply));
    return toLua(reply, this.resp);
  }

  /** `redis.pcall`. Owns the arguments. */
  pcall(args: LuaValue[]): LuaResult {
    try {
      const reply = this.#run(args);
      return reply instanceof Refusal ? refusalTable(reply) : toLua(reply, this.resp);
    } catch (error) {
      if (error instanceof LuaError && error.value instanceof LuaTable) return error.value;
      throw error;
    }
  }

  /** The command that the arguments name; a container where no subcommand is named. */
  find(args: readonly string[]): HostCommand | undefined {
    return this.#find(args)?.command;
  }

  #run(values: LuaValue[]): Reply {
    const args = commandArguments(values);
    this.#tick(callSteps + args.length);
    const target = this.#find(args);
    if (target === undefined) return this.#unknown(args);
    const { arity, bits, command } = target;
    if (arity > 0 ? args.length !== arity : args.length < -arity) return wrongCount;
    if ((bits & this.#refused) !== 0) {
      const refusal = this.#refusalOf(bits);
      if (refusal !== undefined) return refusal;
    }
    // What takes memory is let through once the script has written: half of its work done is worse than a little too much.
    if ((bits & refuses.write) !== 0) this.#refused &= ~refuses.fullMemory;
    const reply = (this.#client as ScriptClient).run(command, args);
    if (Array.isArray(reply)) this.#tick(reply.length);
    return reply instanceof Blocked ? reply.declined : reply;
  }

  #unknown(args: readonly string[]): Refusal {
    const name = (args[0] as string).toLowerCase();
    const under = args.length > 1 && this.#host.findCommand(name) !== undefined ? `|${(args[1] as string).toLowerCase()}` : "";
    return new Refusal(`ERR Unknown Redis command called from script${this.#host.explainUnknown(name + under)}`);
  }

  #refusalOf(bits: number): Refusal | undefined {
    const refused = bits & this.#refused;
    if ((refused & refuses.script) !== 0) return notFromScript;
    return (refused & refuses.readOnly) !== 0 ? noWrites : refusals.outOfMemory;
  }

  #find(args: readonly string[]): Target | undefined {
    const name = args[0] as string;
    const target = this.#targets.get(name) ?? this.#look(name);
    if (target === undefined || !target.container || args.length < 2) return target;
    return this.#findUnder(target, args[1] as string);
  }

  #look(name: string): Target | undefined {
    const command = this.#host.findCommand(name);
    if (command === undefined) return undefined;
    const target = new Target(command);
    if (name === name.toLowerCase() || name === name.toUpperCase()) this.#targets.set(name, target);
    return target;
  }

  #findUnder(parent: Target, name: string): Target | undefined {
    const full = `${parent.command.spec.name}|${name.toLowerCase()}`;
    const known = this.#targets.get(full);
    if (known !== undefined) return known;
    const command = parent.command.subcommands?.get(name.toLowerCase());
    if (command === undefined) return undefined;
    const target = new Target(command);
    this.#targets.set(full, target);
    return target;
  }
}

const wrongCount: Refusal = new Refusal("ERR Wrong number of args calling Redis command from script");
const notFromScript: Refusal = new Refusal("ERR This Redis command is not allowed from script");
const noWrites: Refusal = new Refusal("ERR Write commands are not allowed from read-only scripts.");

/**
 * The arguments of `redis.call` as a command has them. Changes the list in place.
 *
 * @throws {LuaError} if there is none, or one is neither text nor a number
 */
export function commandArguments(values: LuaValue[]): string[] {
  const count = values.length;
  if (count === 0) raise("Please specify at least one argument for this redis lib call");
  for (let index = 0; index < count; index++) {
    const value = values[index];
    if (typeof value === "string") continue;
    if (typeof value !== "number") raise("Lua redis lib command arguments must be strings or integers");
    // So 0.1 becomes 0.10000000000000001, as in Redis.
    values[index] = formatNumber17(value);
  }
  return values as string[];
}
