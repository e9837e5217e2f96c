import { type Consumer, type ConsumerGroup, MAX_ID, MIN_ID, Stream } from "../../store/index.ts";
import { integerArgument, MapReply, type Reply, refusals } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../index.ts";
import { take } from "./pending.ts";
import { lagOf, UNKNOWN } from "./progress.ts";
import { radixNodes } from "./radix-nodes.ts";
import { entriesReply, help, noGroupIn, subcommandSyntax } from "./replies.ts";

const countDefault = 10;

function streamAt({ db }: CommandContext, args: readonly string[]): Stream {
  const stream = db.collection(args[2] as string, Stream);
  if (stream === undefined) throw refusals.noSuchKey;
  return stream;
}

function streamInfo(context: CommandContext, args: readonly string[]): Reply {
  const stream = streamAt(context, args);
  const count = args.length === 3 ? undefined : fullCount(args);
  const ids = stream.nodeIds();
  const facts: Reply[] = ["length", stream.size, "radix-tree-keys", ids.length, "radix-tree-nodes", radixNodes(ids)];
  facts.push("last-generated-id", stream.lastId.toString(), "max-deleted-entry-id", stream.maxDeletedId.toString());
  facts.push("entries-added", stream.entriesAdded, "recorded-first-entry-id", stream.firstId.toString());
  if (count === undefined) {
    facts.push("groups", stream.groups.size);
    facts.push("first-entry", entriesReply(stream.cursor(MIN_ID, MAX_ID), 1)[0] ?? null);
    facts.push("last-entry", entriesReply(stream.cursor(MIN_ID, MAX_ID, true), 1)[0] ?? null);
  } else {
    facts.push("entries", entriesReply(stream.cursor(MIN_ID, MAX_ID), count));
    facts.push(
      "groups",
      byName(stream.groups).map(([name, group]) => fullGroup(name, group, stream, count)),
    );
  }
  return new MapReply(facts);
}

/** `FULL [COUNT count]`: 0 for all. */
function fullCount(args: readonly string[]): number {
  const isFull = (args[3] as string).toLowerCase() === "full";
  const isCounted = args.length === 6 && (args[4] as string).toLowerCase() === "count";
  if (!isFull || (args.length !== 4 && !isCounted)) throw subcommandSyntax(args);
  if (!isCounted) return countDefault;
  const count = integerArgument(args[5]);
  return count < 0 ? countDefault : count;
}

function fullGroup(name: string, group: ConsumerGroup, stream: Stream, count: number): Reply {
  const pending = take(group.pending, count).map((each) => [
    each.id.toString(),
    each.consumer.name,
    each.deliveredAt,
    each.deliveries,
  ]);
  return new MapReply([
    "name",
    name,
    "last-delivered-id",
    group.lastId.toString(),
    "entries-read",
    group.entriesRead === UNKNOWN ? null : group.entriesRead,
    "lag",
    lagOf(group, stream),
    "pel-count",
    group.pending.size,
    "pending",
    pending,
    "consumers",
    byName(group.consumers).map(([, consumer]) => fullConsumer(consumer, count)),
  ]);
}

function fullConsumer({ name, seenAt, pending }: Consumer, count: number): Reply {
  const listed = take(pending, count).map(({ id, deliveredAt, deliveries }) => [id.toString(), deliveredAt, deliveries]);
  return new MapReply(["name", name, "seen-time", seenAt, "pel-count", pending.size, "pending", listed]);
}

function groupsInfo(context: CommandContext, args: readonly string[]): Reply {
  const stream = streamAt(context, args);
  return byName(stream.groups).map(([name, group]) => {
    const read = group.entriesRead === UNKNOWN ? null : group.entriesRead;
    const facts: Reply[] = ["name", name, "consumers", group.consumers.size, "pending", group.pending.size];
    facts.push("last-delivered-id", group.lastId.toString(), "entries-read", read, "lag", lagOf(group, stream));
    return new MapReply(facts);
  });
}

function consumersInfo(context: CommandContext, args: readonly string[]): Reply {
  const group = streamAt(context, args).groups.get(args[3] as string);
  if (group === undefined) throw noGroupIn(args[3] as string, args[2] as string);
  const now = Math.floor(context.keyspace.now);
  return byName(group.consumers).map(
    ([name, { pending, seenAt }]) => new MapReply(["name", name, "pending", pending.size, "idle", Math.max(0, now - seenAt)]),
  );
}

function byName<T>(named: ReadonlyMap<string, T>): [string, T][] {
  return [...named].sort(([a], [b]) => (a < b ? -1 : 1));
}

function infoHelp(): Reply {
  return help("XINFO", [
    "CONSUMERS <key> <groupname>",
    "    Show consumers of <groupname>.",
    "GROUPS <key>",
    "    Show the stream consumer groups.",
    "STREAM <key> [FULL [COUNT <count>]",
    "    Show information about the stream.",
  ]);
}

const group = "stream";

export const infoCommands: readonly CommandSpec[] = [
  { name: "xinfo|stream", arity: -3, group, flags: ["readonly"], keys: [2, 2, 1], run: streamInfo },
  { name: "xinfo|groups", arity: 3, group, flags: ["readonly"], keys: [2, 2, 1], run: groupsInfo },
  { name: "xinfo|consumers", arity: 4, group, flags: ["readonly"], keys: [2, 2, 1], run: consumersInfo },
  { name: "xinfo|help", arity: 2, group, flags: ["loading", "stale"], run: infoHelp },
];
