import { compareIds, MAX_ID, MIN_ID, nextId, Stream, type StreamId } from "../../store/index.ts";
import { MapReply, NULL_ARRAY, type Reply, refuse } from "../../value/index.ts";
import { Blocked, type CommandContext, type CommandSpec } from "../index.ts";
import { idArgument } from "./ids.ts";
import { keysOfRead, type ReadOptions, readReadOptions } from "./read-options.ts";
import { entriesReply } from "./replies.ts";

const newOnes = refuse("The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.");
/** One who waited gets no more at once, unless he said how many. */
export const countAfterWait = 1000;

function xread(context: CommandContext, args: readonly string[]): Reply | Blocked {
  const options = readReadOptions(context, args, false);
  const { keysAt, streams } = options;
  const lasts: StreamId[] = [];
  for (let index = 0; index < streams; index++) lasts.push(lastRead(context, args, keysAt + index, streams));
  const found: Reply[] = [];
  const count = options.count || (context.resumed === true ? countAfterWait : 0);
  for (let index = 0; index < streams; index++) {
    const key = args[keysAt + index] as string;
    const stream = context.db.collection(key, Stream);
    const last = lasts[index] as StreamId;
    // Who waited is woken by an entry even if it was deleted in the same transaction, and then gets none.
    if (stream === undefined || compareIds(context.resumed === true ? stream.lastId : stream.topId, last) <= 0) continue;
    found.push(key, entriesReply(stream.cursor(nextId(last) as StreamId, MAX_ID), count));
  }
  if (found.length > 0) return byStream(context, found);
  return options.blockMs === undefined ? NULL_ARRAY : blocked(options, args, lasts);
}

function lastRead({ db }: CommandContext, args: readonly string[], at: number, streams: number): StreamId {
  const stream = db.collection(args[at] as string, Stream);
  const given = args[at + streams] as string;
  if (given === "$") return stream?.lastId ?? MIN_ID;
  if (given === ">") throw newOnes;
  return idArgument(given);
}

/** Keys and entries in turn: pairs in RESP2, a map in RESP3. */
export function byStream({ resp }: CommandContext, found: readonly Reply[]): Reply {
  if (resp === 3) return new MapReply(found);
  const pairs: Reply[] = [];
  for (let at = 0; at < found.length; at += 2) pairs.push([found[at] as Reply, found[at + 1] as Reply]);
  return pairs;
}

function blocked({ blockMs = 0, keysAt, streams }: ReadOptions, args: readonly string[], lasts: readonly StreamId[]): Blocked {
  const again = [...args.slice(0, keysAt + streams), ...lasts.map(String)];
  return new Blocked(args.slice(keysAt, keysAt + streams), blockMs, NULL_ARRAY, again);
}

export const readCommands: readonly CommandSpec[] = [
  {
    name: "xread",
    arity: -4,
    group: "stream",
    flags: ["readonly", "blocking", "movablekeys"],
    findKeys: keysOfRead,
    run: xread,
  },
];
