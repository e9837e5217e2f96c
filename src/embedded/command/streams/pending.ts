import { type ConsumerGroup, compareIds, MIN_ID, type Pending, Stream, type StreamId } from "../../store/index.ts";
import { EMPTY, integerArgument, NULL_ARRAY, type Reply, refusals } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../index.ts";
import { idArguments, rangeEnd, rangeStart } from "./ids.ts";
import { noGroup } from "./replies.ts";

function xack({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const group = db.collection(args[1] as string, Stream)?.groups.get(args[2] as string);
  if (group === undefined) return 0;
  let settled = 0;
  for (const id of idArguments(args, 3)) {
    const pending = group.pending.find(id);
    if (pending === undefined) continue;
    group.settle(pending);
    settled++;
  }
  // Redis tells nobody of this, WATCH included.
  keyspace.dirty += settled;
  return settled;
}

interface PendingRange {
  readonly idle: number;
  readonly count: number;
  readonly from: StreamId;
  readonly to: StreamId;
  readonly consumer: string | undefined;
}

function readRange(args: readonly string[]): PendingRange {
  let idle = 0;
  let at = 3;
  if ((args[3] as string).toLowerCase() === "idle") {
    idle = integerArgument(args[4]);
    if (args.length < 8) throw refusals.syntax;
    at = 5;
  }
  const count = Math.max(0, integerArgument(args[at + 2]));
  const from = rangeStart(args[at] as string);
  const to = rangeEnd(args[at + 1] as string);
  return { idle, count, from, to, consumer: args[at + 3] };
}

function xpending({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  if (args.length !== 3 && (args.length < 6 || args.length > 9)) throw refusals.syntax;
  const range = args.length === 3 ? undefined : readRange(args);
  const key = args[1] as string;
  const group = db.collection(key, Stream)?.groups.get(args[2] as string);
  if (group === undefined) throw noGroup(key, args[2] as string);
  return range === undefined ? summary(group) : listed(group, range, Math.floor(keyspace.now));
}

function summary({ pending, consumers }: ConsumerGroup): Reply {
  const { first, last } = pending;
  if (first === undefined || last === undefined) return [0, null, null, NULL_ARRAY];
  const holders: Reply[] = [];
  for (const name of [...consumers.keys()].sort()) {
    const size = consumers.get(name)?.pending.size ?? 0;
    if (size > 0) holders.push([name, String(size)]);
  }
  return [pending.size, first.id.toString(), last.id.toString(), holders];
}

function listed(group: ConsumerGroup, range: PendingRange, now: number): Reply {
  const consumer = range.consumer === undefined ? undefined : group.consumers.get(range.consumer);
  if (range.consumer !== undefined && consumer === undefined) return EMPTY;
  const found: Reply[] = [];
  if (range.count === 0) return found;
  for (const pending of (consumer ?? group).pending.from(range.from)) {
    if (compareIds(pending.id, range.to) > 0) break;
    if (range.idle !== 0 && now - pending.deliveredAt < range.idle) continue;
    found.push([pending.id.toString(), pending.consumer.name, Math.max(0, now - pending.deliveredAt), pending.deliveries]);
    if (found.length === range.count) break;
  }
  return found;
}

/** All that is pending of a list, at most so many; 0 for all. */
export function take(pending: { from(id: StreamId): Iterable<Pending> }, count: number): Pending[] {
  const taken: Pending[] = [];
  for (const each of pending.from(MIN_ID)) {
    taken.push(each);
    if (taken.length === count) break;
  }
  return taken;
}

export const pendingCommands: readonly CommandSpec[] = [
  { name: "xack", arity: -4, group: "stream", flags: ["write", "fast"], keys: [1, 1, 1], run: xack },
  { name: "xpending", arity: -3, group: "stream", flags: ["readonly"], keys: [1, 1, 1], run: xpending },
];
