import type { Blocked, CommandFlag, CommandGroup, CommandSpec } from "../../command/index.ts";
import { type Reply, Status } from "../../value/index.ts";
import type { Session } from "../session.ts";

/** What a command of the session does: it gets the session itself, not only what other commands see of it. */
export type Run = (session: Session, args: readonly string[]) => Reply | Blocked;

/** A command of the session. Flags in one text, as COMMAND INFO lists them. */
export function define(name: string, arity: number, group: CommandGroup, flags: string, run: Run): CommandSpec {
  const list = flags === "" ? [] : (flags.split(" ") as CommandFlag[]);
  return { name, arity, group, flags: list, run: (context, args) => run(context as Session, args) };
}

/** A container's `HELP`: how each subcommand is written, and what it does. */
export function help(
  container: string,
  group: CommandGroup,
  lines: readonly (readonly [usage: string, purpose: string])[],
): CommandSpec {
  const all = [...lines, ["HELP", "Prints this."] as const];
  const text = all.flatMap(([usage, purpose]) => [new Status(usage), new Status(`    ${purpose}`)]);
  const title = new Status(`${container.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`);
  const reply = [title, ...text];
  return define(`${container}|help`, 2, group, "loading stale", () => reply);
}
