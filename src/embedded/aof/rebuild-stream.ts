import {
  type ConsumerGroup,
  compareIds,
  MAX_ID,
  MIN_ID,
  type Pending,
  type PendingList,
  type Stream,
  type StreamId,
} from "../store/index.ts";
import type { Rebuilding } from "./rebuild.ts";

/** Ids that one command names at most. */
const idsMax = 512;

/**
 * The commands that make a stream what it is: its entries, then its groups with what is pending, then its counters. An entry that
 * is pending and was deleted is added and deleted again, because only what is there can be claimed.
 */
export function* rebuildStream(key: string, stream: Stream): Generator<Rebuilding> {
  const ghosts = ghostsOf(stream);
  if (stream.size === 0 && ghosts.length === 0) yield* rebuildEmpty(key, stream);
  yield* rebuildEntries(key, stream, ghosts);
  for (const [name, group] of stream.groups) yield* rebuildGroup(key, name, group);
  const { maxDeletedId, lastId } = stream;
  const nothingDeleted = compareIds(maxDeletedId, MIN_ID) === 0;
  if (ghosts.length > 0) {
    // XTRIM leaves no trace; XDEL leaves the largest id, which is put right below.
    if (!nothingDeleted) yield { command: ["XDEL", key, ...ghosts.map(String)] };
    else if (stream.size === 0) yield { command: ["XTRIM", key, "MAXLEN", "0"] };
    else yield { command: ["XTRIM", key, "MINID", String(stream.firstId)] };
  }
  const highest = compareIds(maxDeletedId, lastId) > 0 ? maxDeletedId : lastId;
  const deleted = nothingDeleted ? [] : ["MAXDELETEDID", String(maxDeletedId)];
  yield { command: ["XSETID", key, String(highest), "ENTRIESADDED", String(stream.entriesAdded), ...deleted] };
  // XSETID refuses a last id before a deleted one, if both are told at once.
  if (highest !== lastId) yield { command: ["XSETID", key, String(lastId)] };
}

/** Ids that are pending in some group and whose entries are gone, in order. */
function ghostsOf(stream: Stream): StreamId[] {
  const ghosts = new Map<string, StreamId>();
  for (const group of stream.groups.values()) {
    for (const { id } of group.pending.from(MIN_ID)) if (!stream.has(id)) ghosts.set(id.toString(), id);
  }
  return [...ghosts.values()].sort(compareIds);
}

/** A stream of nothing: a group brings it into being. */
function* rebuildEmpty(key: string, stream: Stream): Generator<Rebuilding> {
  if (stream.groups.size > 0) return;
  yield { command: ["XGROUP", "CREATE", key, "", "0", "MKSTREAM"] };
  yield { command: ["XGROUP", "DESTROY", key, ""] };
}

function* rebuildEntries(key: string, stream: Stream, ghosts: readonly StreamId[]): Generator<Rebuilding> {
  let ghost = 0;
  const cursor = stream.cursor(MIN_ID, MAX_ID);
  while (cursor.next()) {
    for (; ghost < ghosts.length && compareIds(ghosts[ghost] as StreamId, cursor.id) < 0; ghost++)
      yield ghostEntry(key, ghosts[ghost] as StreamId);
    yield { command: ["XADD", key, cursor.id.toString(), ...cursor.items] };
  }
  for (; ghost < ghosts.length; ghost++) yield ghostEntry(key, ghosts[ghost] as StreamId);
}

function ghostEntry(key: string, id: StreamId): Rebuilding {
  return { command: ["XADD", key, id.toString(), "", ""] };
}

function* rebuildGroup(key: string, name: string, group: ConsumerGroup): Generator<Rebuilding> {
  const read = ["ENTRIESREAD", String(group.entriesRead)];
  yield { command: ["XGROUP", "CREATE", key, name, String(group.lastId), "MKSTREAM", ...read] };
  // A consumer was last seen when a command of his ran, so his commands run at that time again.
  for (const consumer of group.consumers.values()) {
    const at = consumer.seenAt;
    yield { command: ["XGROUP", "CREATECONSUMER", key, name, consumer.name], at };
    for (const { ids, facts } of alike(consumer.pending)) {
      yield { command: ["XCLAIM", key, name, consumer.name, "0", ...ids, ...facts, "FORCE", "JUSTID"], at };
    }
  }
}

/** What was delivered together can be claimed together. */
function* alike(pending: PendingList): Generator<{ readonly ids: readonly string[]; readonly facts: readonly string[] }> {
  let ids: string[] = [];
  let first: Pending | undefined;
  for (const each of pending.from(MIN_ID)) {
    const same = each.deliveredAt === first?.deliveredAt && each.deliveries === first?.deliveries;
    if (first !== undefined && (!same || ids.length === idsMax)) {
      yield { ids, facts: factsOf(first) };
      ids = [];
    }
    first = each;
    ids.push(String(each.id));
  }
  if (first !== undefined) yield { ids, facts: factsOf(first) };
}

function factsOf({ deliveredAt, deliveries }: Pending): readonly string[] {
  return ["TIME", String(deliveredAt), "RETRYCOUNT", String(deliveries)];
}
