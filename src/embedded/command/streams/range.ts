import { Stream } from "../../store/index.ts";
import { EMPTY, integerArgument, NULL_ARRAY, type Reply, refusals } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../index.ts";
import { rangeEnd, rangeStart } from "./ids.ts";
import { entriesReply } from "./replies.ts";

function xrange(context: CommandContext, args: readonly string[]): Reply {
  return range(context, args, false);
}

function xrevrange(context: CommandContext, args: readonly string[]): Reply {
  return range(context, args, true);
}

function range({ db }: CommandContext, args: readonly string[], reverse: boolean): Reply {
  const from = rangeStart(args[reverse ? 3 : 2] as string);
  const to = rangeEnd(args[reverse ? 2 : 3] as string);
  let count: number | undefined;
  for (let at = 4; at < args.length; at += 2) {
    if ((args[at] as string).toLowerCase() !== "count" || at + 1 === args.length) throw refusals.syntax;
    count = integerArgument(args[at + 1]);
  }
  const stream = db.collection(args[1] as string, Stream);
  if (stream === undefined) return EMPTY;
  if (count !== undefined && count <= 0) return NULL_ARRAY;
  return entriesReply(stream.cursor(from, to, reverse), count ?? 0);
}

export const rangeCommands: readonly CommandSpec[] = [
  { name: "xrange", arity: -4, group: "stream", flags: ["readonly"], keys: [1, 1, 1], run: xrange },
  { name: "xrevrange", arity: -4, group: "stream", flags: ["readonly"], keys: [1, 1, 1], run: xrevrange },
];
