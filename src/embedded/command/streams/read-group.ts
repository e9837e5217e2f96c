import {
  type Consumer,
  type ConsumerGroup,
  compareIds,
  countUp,
  type Database,
  MAX_ID,
  nextId,
  Stream,
  type StreamId,
} from "../../store/index.ts";
import { NULL_ARRAY, Refusal, type Reply, refuse } from "../../value/index.ts";
import { Blocked, type CommandContext, type CommandSpec } from "../index.ts";
import { idArgument } from "./ids.ts";
import { advance } from "./progress.ts";
import { byStream, countAfterWait } from "./read.ts";
import { keysOfRead, type ReadOptions, readReadOptions } from "./read-options.ts";
import { noGroup } from "./replies.ts";

const lastIsMeaningless = refuse(
  "The $ ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying a proper ID, " +
    "or use the > ID to get new messages. The $ ID would just return an empty result set.",
);
const keyIsGone = new Refusal("UNBLOCKED the stream key no longer exists");
const groupIsGone = new Refusal("NOGROUP the consumer group this client was blocked on no longer exists");

function xreadgroup(context: CommandContext, args: readonly string[]): Reply | Blocked {
  const options = readReadOptions(context, args, true);
  const { keysAt, streams } = options;
  if (context.resumed === true) return resume(context, args, options);
  const groups: ConsumerGroup[] = [];
  const afters: StreamId[] = [];
  for (let index = 0; index < streams; index++) {
    const key = args[keysAt + index] as string;
    const group = context.db.collection(key, Stream)?.groups.get(options.group);
    if (group === undefined) throw noGroup(key, options.group, " in XREADGROUP with GROUP option");
    groups.push(group);
    afters.push(readAfter(args[keysAt + streams + index] as string));
  }
  const found: Reply[] = [];
  for (let index = 0; index < streams; index++) {
    const key = args[keysAt + index] as string;
    const stream = context.db.collection(key, Stream) as Stream;
    const group = groups[index] as ConsumerGroup;
    const after = afters[index] as StreamId;
    if (after === MAX_ID) {
      if (compareIds(stream.topId, group.lastId) <= 0) continue;
      const consumer = consumerFor(context.db, key, group, options.consumer, context.keyspace.now);
      found.push(key, deliver(context, stream, group, consumer, options.count, options.noAcknowledge));
    } else {
      const consumer = consumerFor(context.db, key, group, options.consumer, context.keyspace.now);
      found.push(key, history(stream, consumer, after, options.count, context.keyspace.now));
    }
    context.keyspace.dirty++;
  }
  if (found.length > 0) return byStream(context, found);
  if (options.blockMs === undefined) return NULL_ARRAY;
  return new Blocked(args.slice(keysAt, keysAt + streams), options.blockMs, NULL_ARRAY, inOrder(args, options));
}

/** The command with its options in a fixed order, so that whoever looks for its keys is not misled by a group named `streams`. */
function inOrder(args: readonly string[], { group, consumer, count, noAcknowledge, blockMs = 0, keysAt }: ReadOptions): string[] {
  const options = noAcknowledge ? ["NOACK"] : [];
  options.push("COUNT", String(count), "BLOCK", String(blockMs), "STREAMS");
  return [args[0] as string, "GROUP", group, consumer, ...options, ...args.slice(keysAt)];
}

/** The id after which to read the consumer's own history; the last of all ids stands for `>`, as it does in Redis. */
function readAfter(given: string): StreamId {
  if (given === ">") return MAX_ID;
  if (given === "$") throw lastIsMeaningless;
  const id = idArgument(given);
  return compareIds(id, MAX_ID) === 0 ? MAX_ID : id;
}

/** One of the keys was changed for which the client waits. */
function resume(context: CommandContext, args: readonly string[], options: ReadOptions): Reply | Blocked {
  const { keysAt, streams, noAcknowledge } = options;
  const { db, keyspace } = context;
  for (let index = 0; index < streams; index++) {
    const key = args[keysAt + index] as string;
    const stream = db.get(key);
    if (!(stream instanceof Stream)) throw keyIsGone;
    const group = stream.groups.get(options.group);
    if (group === undefined) throw groupIsGone;
    if (compareIds(stream.lastId, group.lastId) <= 0) continue;
    const count = options.count || countAfterWait;
    const consumer = consumerFor(db, key, group, options.consumer, keyspace.now);
    const entries = deliver(context, stream, group, consumer, count, noAcknowledge);
    keyspace.dirty++;
    recordServed(context, args[0] as string, key, options, count, entries.length);
    return byStream(context, [key, entries]);
  }
  return new Blocked(args.slice(keysAt, keysAt + streams), options.blockMs ?? 0, NULL_ARRAY, args);
}

/** Run again by itself, the command would look at other keys as well, and read without a limit. */
function recordServed(
  context: CommandContext,
  name: string,
  key: string,
  options: ReadOptions,
  count: number,
  served: number,
): void {
  const { group, consumer } = options;
  if (served === 0) context.record(["XGROUP", "CREATECONSUMER", key, group, consumer]);
  else {
    const noAcknowledge = options.noAcknowledge ? ["NOACK"] : [];
    context.record([name, "GROUP", group, consumer, "COUNT", String(count), ...noAcknowledge, "STREAMS", key, ">"]);
  }
}

/** The consumer of that name, who is there from now on. Tells of it if he is new. */
export function consumerFor(db: Database, key: string, group: ConsumerGroup, name: string, now: number): Consumer {
  const consumer = group.consumers.get(name);
  if (consumer === undefined) {
    const created = group.createConsumer(name, Math.floor(now));
    db.changed(key, "t", "xgroup-createconsumer");
    return created;
  }
  consumer.seenAt = Math.floor(now);
  return consumer;
}

function deliver(
  { keyspace }: CommandContext,
  stream: Stream,
  group: ConsumerGroup,
  consumer: Consumer,
  count: number,
  noAcknowledge: boolean,
): Reply[] {
  const now = Math.floor(keyspace.now);
  const entries: Reply[] = [];
  const cursor = stream.cursor(nextId(group.lastId) as StreamId, MAX_ID);
  while (cursor.next()) {
    advance(group, stream, cursor.id);
    if (!noAcknowledge) group.deliver(cursor.id, consumer, now);
    entries.push([cursor.id.toString(), cursor.items]);
    if (entries.length === count) break;
  }
  return entries;
}

/** What was delivered to the consumer and not acknowledged, once more; what was deleted since without its content. */
function history(stream: Stream, consumer: Consumer, after: StreamId, count: number, now: number): Reply[] {
  const entries: Reply[] = [];
  for (const pending of consumer.pending.from(nextId(after) as StreamId)) {
    const items = stream.items(pending.id);
    entries.push([pending.id.toString(), items ?? NULL_ARRAY]);
    if (items !== undefined) {
      pending.deliveredAt = Math.floor(now);
      pending.deliveries = countUp(pending.deliveries);
    }
    if (entries.length === count) break;
  }
  return entries;
}

export const readGroupCommands: readonly CommandSpec[] = [
  {
    name: "xreadgroup",
    arity: -7,
    group: "stream",
    flags: ["write", "blocking", "movablekeys"],
    findKeys: keysOfRead,
    run: xreadgroup,
  },
];
