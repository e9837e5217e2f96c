import {
  type ConsumerGroup,
  compareIds,
  countUp,
  difference,
  MIN_ID,
  type Stream,
  type StreamId,
  type Uint64,
} from "../../store/index.ts";

// How far a group has read, counted in entries: known exactly while nothing was deleted ahead of it, else not at all.

/** A count that cannot be told. */
export const UNKNOWN = -1;

/** Notes that the group goes on to the entry with this id. */
export function advance(group: ConsumerGroup, stream: Stream, id: StreamId): void {
  if (group.entriesRead !== UNKNOWN && !hasGapFrom(stream, id)) group.entriesRead = countUp(group.entriesRead);
  else if (stream.entriesAdded !== 0) group.entriesRead = distanceTo(stream, id);
  group.lastId = id;
}

/** Entries that the group has yet to read, or `null` if that cannot be told. */
export function lagOf(group: ConsumerGroup, stream: Stream): Uint64 | null {
  if (stream.entriesAdded === 0) return 0;
  if (group.entriesRead !== UNKNOWN && !hasGapFrom(stream, group.lastId))
    return difference(stream.entriesAdded, group.entriesRead);
  const read = distanceTo(stream, group.lastId);
  return read === UNKNOWN ? null : difference(stream.entriesAdded, read);
}

/** Whether entries may have been deleted from this id on. */
function hasGapFrom(stream: Stream, id: StreamId): boolean {
  const deleted = stream.maxDeletedId;
  if (stream.size === 0 || isZero(deleted)) return false;
  return compareIds(stream.firstId, deleted) <= 0 && compareIds(id, deleted) <= 0;
}

/** How many entries there ever were up to this id. */
function distanceTo(stream: Stream, id: StreamId): Uint64 {
  const { entriesAdded, lastId } = stream;
  if (entriesAdded === 0) return 0;
  const toLast = compareIds(id, lastId);
  if (toLast === 0 || (stream.size === 0 && toLast < 0)) return entriesAdded;
  if (toLast > 0) return UNKNOWN;
  const { firstId, maxDeletedId } = stream;
  if (!isZero(maxDeletedId) && compareIds(maxDeletedId, firstId) >= 0) return UNKNOWN;
  const toFirst = compareIds(id, firstId);
  if (toFirst > 0) return UNKNOWN;
  const before = difference(entriesAdded, stream.size);
  return toFirst < 0 ? before : countUp(before);
}

function isZero(id: StreamId): boolean {
  return compareIds(id, MIN_ID) === 0;
}
