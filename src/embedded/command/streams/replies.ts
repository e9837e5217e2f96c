import type { StreamCursor } from "../../store/index.ts";
import { Refusal, type Reply, refuse, Status } from "../../value/index.ts";

/** `[id, [name, value, …]]` for each entry that the cursor meets, at most so many; 0 for all. */
export function entriesReply(cursor: StreamCursor, count: number): Reply[] {
  const entries: Reply[] = [];
  while (cursor.next()) {
    entries.push([cursor.id.toString(), cursor.items]);
    if (entries.length === count) break;
  }
  return entries;
}

/** Refuses a group, or the stream it would be in, that is not there. */
export function noGroup(key: string, group: string, rest = ""): Refusal {
  return new Refusal(`NOGROUP No such key '${cut(key)}' or consumer group '${cut(group)}'${rest}`);
}

/** Refuses a group that a stream does not have. */
export function noGroupIn(group: string, key: string): Refusal {
  return new Refusal(`NOGROUP No such consumer group '${cut(group)}' for key name '${cut(key)}'`);
}

/** What a subcommand answers to arguments that it does not know. */
export function subcommandSyntax(args: readonly string[]): Refusal {
  const name = (args[0] as string).toUpperCase();
  return refuse(`unknown subcommand or wrong number of arguments for '${(args[1] as string).slice(0, 128)}'. Try ${name} HELP.`);
}

/** What HELP answers. */
export function help(name: string, lines: readonly string[]): Reply {
  const frame = [`${name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`, ...lines, "HELP", "    Prints this help."];
  return frame.map((line) => new Status(line));
}

// Redis formats these as C strings: what follows a zero byte is not shown, and a line break would end the reply.
function cut(text: string): string {
  const zero = text.indexOf("\0");
  return (zero === -1 ? text : text.slice(0, zero)).replace(/[\r\n]/g, " ");
}
