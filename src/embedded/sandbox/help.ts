import type { CommandSpec } from "../command/index.ts";
import { Status } from "../value/index.ts";

/** What a HELP subcommand answers: a title, the lines given, and itself. */
export function help(container: string, text: string): CommandSpec["run"] {
  const title = `${container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`;
  const lines = [title, ...text.trim().split("\n"), "HELP", "    Prints this help."].map((line) => new Status(line));
  return () => lines;
}
