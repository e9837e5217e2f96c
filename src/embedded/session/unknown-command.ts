import { oneLine, type Refusal, refuse } from "../value/index.ts";
import { redisCommands } from "./redis-commands.ts";

const shownMax = 128;

/** What Redis says of a command that it does not know; and, of one that Redis has, that it is the embedded engine that has not. */
export function unknownCommand(args: readonly string[]): Refusal {
  const name = args[0] as string;
  let shown = "";
  for (let at = 1; at < args.length && shown.length < shownMax; at++) {
    shown += `'${cString(args[at] as string).slice(0, shownMax - shown.length)}' `;
  }
  const text = `unknown command '${cString(name).slice(0, shownMax)}', with args beginning with: ${shown}`;
  return refuse(oneLine(text) + (name.includes("|") ? "" : lacking(name.toLowerCase())));
}

/** The same of a subcommand. */
export function unknownSubcommand(args: readonly string[]): Refusal {
  const [name, subcommand] = args as [string, string];
  const text = `unknown subcommand '${cString(subcommand).slice(0, shownMax)}'. Try ${name.toUpperCase()} HELP.`;
  return refuse(oneLine(text) + lacking(`${name}|${subcommand}`.toLowerCase()));
}

/** What to add where Redis has the command (`save`, `config|rewrite`) and the embedded engine has not; else nothing. */
export function lacking(name: string): string {
  if (!redisCommands().has(name)) return "";
  const shown = name.replace("|", " ").toUpperCase();
  return ` (Redis has ${shown}, the embedded engine of redlua has not: connect to a Redis server for it)`;
}

/** Of a string what C sees of it: all before the first NUL. */
function cString(text: string): string {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}
