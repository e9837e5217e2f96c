import type { Blocked, CommandContext, CommandSpec } from "../command/index.ts";
import type { Database, Keyspace } from "../store/index.ts";
import type { Reply } from "../value/index.ts";
import type { Sandbox } from "./sandbox.ts";

/** A command as the table of the engine holds it. */
export interface HostCommand {
  readonly spec: CommandSpec;
  readonly arity: number;
  /** By their own name, in lower case; `undefined` if it is no container. */
  readonly subcommands: ReadonlyMap<string, HostCommand> | undefined;
}

/** The client that runs the commands of scripts: one per engine, as in Redis. */
export interface ScriptClient extends CommandContext {
  db: Database;
  resp: 2 | 3;
  /** Runs a command that was found, whose count of arguments fits. An error reply is a value. */
  run(command: HostCommand, args: readonly string[]): Reply | Blocked;
}

/** Levels of `redis.log`. */
export type LogLevel = "debug" | "verbose" | "notice" | "warning";

/** What scripts need of the engine that they run in. */
export interface ScriptHost {
  readonly keyspace: Keyspace;
  /** The command of that name, in any case; a container for one of its subcommands. */
  findCommand(name: string): HostCommand | undefined;
  /** What to add to the error for an unknown command: `save` or `config|rewrite` Redis has, and this engine has not. */
  explainUnknown(name: string): string;
  /** Makes the client that scripts call commands by. Asked for once, when the first script runs. */
  openScriptClient(): ScriptClient;
  /** Hears what scripts write by `redis.log`. */
  readonly onScriptLog: ((level: LogLevel, message: string) => void) | undefined;
}

/** What EVAL and its kin ask of whoever runs them: the scripts of the engine. A client's session is one. */
export interface ScriptingContext extends CommandContext {
  readonly sandbox: Sandbox;
}
