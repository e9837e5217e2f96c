import { compareIds, type Database, MAX_ID, MIN_ID, nextId, oneMore, Stream, StreamId } from "../../store/index.ts";
import { exactIntegerArgument, integerReply, OK, type Reply, refusals, refuse, wrongArity } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../index.ts";
import { idArgument, idArguments, partlyGiven } from "./ids.ts";
import { readTrimOptions, type TrimOptions } from "./trim-options.ts";

const zeroId = refuse("The ID specified in XADD must be greater than 0-0");
const exhausted = refuse("The stream has exhausted the last possible ID, unable to add more items");
const tooSmall = refuse("The ID specified in XADD is equal or smaller than the target stream top item");
/** What Redis says when `5-*` has no sequence number left: it takes it for the other way in which adding fails. */
const noneLeft = refuse("Elements are too large to be stored");
const belowDeleted = refuse("The ID specified in XSETID is smaller than the provided max_deleted_entry_id");
const belowTop = refuse("The ID specified in XSETID is smaller than the target stream top item");
const belowLength = refuse("The entries_added specified in XSETID is smaller than the target stream length");
const negativeAdded = refuse("entries_added must be positive");

function xadd(context: CommandContext, args: readonly string[]): Reply {
  const options = readTrimOptions(args, true);
  const { end, trim } = options;
  const items = args.slice(end + 1);
  if (items.length < 2 || items.length % 2 === 1) throw wrongArity("xadd");
  const given = args[end] as string;
  const { db } = context;
  const key = args[1] as string;
  const id = given === "*" || given.endsWith("-*") ? undefined : idArgument(given);
  const ms = id === undefined && given !== "*" ? partMs(given) : undefined;
  if (id !== undefined && compareIds(id, MIN_ID) === 0) throw zeroId;
  const found = db.collection(key, Stream);
  if (found === undefined && options.noMakeStream) return null;
  const stream = found ?? new Stream();
  if (compareIds(stream.lastId, MAX_ID) === 0) throw exhausted;
  const chosen = id ?? (ms === undefined ? freshId(stream.lastId, context.keyspace.now) : completed(ms, stream.lastId));
  if (compareIds(chosen, stream.lastId) <= 0) throw tooSmall;
  stream.append(chosen, items);
  const removed = trim === undefined ? 0 : stream.trim(trim);
  if (found === undefined) db.set(key, stream);
  db.changed(key, "t", "xadd");
  if (removed !== 0) db.changed(key, "t", "xtrim", 0);
  if (trim?.approximate === true) recordExactly(context, args, options, stream, chosen);
  return chosen.toString();
}

function partMs(given: string): StreamId["ms"] {
  const ms = partlyGiven(given);
  if (ms === undefined) idArgument(given);
  return ms as StreamId["ms"];
}

/** The id for `*`: now, or after the last one where the clock stands still or went back. */
function freshId(last: StreamId, now: number): StreamId {
  const ms = Math.floor(now);
  return ms > last.ms ? new StreamId(ms, 0) : (nextId(last) as StreamId);
}

/** The id for `5-*`. */
function completed(ms: StreamId["ms"], last: StreamId): StreamId {
  if (ms !== last.ms) return new StreamId(ms, 0);
  if (last.seq === MAX_ID.seq) throw noneLeft;
  return new StreamId(ms, oneMore(last.seq));
}

/** What `~` removes depends on how entries are spread over nodes, which another history would spread otherwise. */
function recordExactly(
  context: CommandContext,
  args: readonly string[],
  options: TrimOptions,
  stream: Stream,
  id?: StreamId,
): void {
  const { thresholdAt, end, trim } = options;
  const edge = stream.size === 0 ? MAX_ID : stream.firstId;
  const command = [args[0] as string, args[1] as string];
  if (options.noMakeStream) command.push("NOMKSTREAM");
  if (thresholdAt !== 0)
    command.push(...(trim?.length === undefined ? ["MINID", "=", String(edge)] : ["MAXLEN", "=", String(stream.size)]));
  if (id !== undefined) command.push(String(id), ...args.slice(end + 1));
  context.record(command);
}

function xtrim(context: CommandContext, args: readonly string[]): Reply {
  const options = readTrimOptions(args, false);
  const key = args[1] as string;
  const stream = context.db.collection(key, Stream);
  if (stream === undefined || options.trim === undefined) return 0;
  const removed = stream.trim(options.trim);
  if (removed === 0) return 0;
  context.db.changed(key, "t", "xtrim", removed);
  if (options.trim.approximate) recordExactly(context, args, options, stream);
  return removed;
}

function xdel({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const stream = db.collection(key, Stream);
  if (stream === undefined) return 0;
  let removed = 0;
  for (const id of idArguments(args, 2)) if (stream.delete(id)) removed++;
  if (removed !== 0) db.changed(key, "t", "xdel", removed);
  return removed;
}

function xlen({ db }: CommandContext, args: readonly string[]): Reply {
  return db.collection(args[1] as string, Stream)?.size ?? 0;
}

function xsetid({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const id = idArgument(args[2] as string);
  let added: bigint | undefined;
  let deleted = MIN_ID;
  for (let at = 3; at < args.length; at += 2) {
    const option = (args[at] as string).toLowerCase();
    const value = args[at + 1];
    if (value === undefined) throw refusals.syntax;
    if (option === "entriesadded") {
      added = exactIntegerArgument(value);
      if (added < 0n) throw negativeAdded;
    } else if (option === "maxdeletedid") {
      deleted = idArgument(value);
      if (compareIds(id, deleted) < 0) throw belowDeleted;
    } else {
      throw refusals.syntax;
    }
  }
  const stream = existing(db, key);
  if (stream.size > 0) {
    if (compareIds(id, stream.topId) < 0) throw belowTop;
    if (added !== undefined && added < stream.size) throw belowLength;
  }
  stream.lastId = id;
  if (added !== undefined) stream.entriesAdded = integerReply(added);
  if (compareIds(deleted, MIN_ID) !== 0) stream.maxDeletedId = deleted;
  db.changed(key, "t", "xsetid");
  return OK;
}

function existing(db: Database, key: string): Stream {
  const stream = db.collection(key, Stream);
  if (stream === undefined) throw refusals.noSuchKey;
  return stream;
}

export const writeCommands: readonly CommandSpec[] = [
  { name: "xadd", arity: -5, group: "stream", flags: ["write", "denyoom", "fast"], keys: [1, 1, 1], run: xadd },
  { name: "xtrim", arity: -4, group: "stream", flags: ["write"], keys: [1, 1, 1], run: xtrim },
  { name: "xdel", arity: -3, group: "stream", flags: ["write", "fast"], keys: [1, 1, 1], run: xdel },
  { name: "xlen", arity: 2, group: "stream", flags: ["readonly", "fast"], keys: [1, 1, 1], run: xlen },
  { name: "xsetid", arity: -3, group: "stream", flags: ["write", "denyoom", "fast"], keys: [1, 1, 1], run: xsetid },
];
