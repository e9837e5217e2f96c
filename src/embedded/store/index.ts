/**
 * The keyspace: databases of keys, what they hold, when they expire, and who hears of a change. No commands.
 *
 * @module
 */
export type { Clock } from "./clock.ts";
export { type Consumer, ConsumerGroup } from "./consumer-group.ts";
export { Database, type EventClass } from "./database.ts";
export { type EvictionPolicy, evictionPolicies } from "./eviction.ts";
export { GrowingBytes } from "./growing-bytes.ts";
export { Hash } from "./hash.ts";
export { type ChangeListener, Keyspace, type Snapshot } from "./keyspace.ts";
export { List } from "./list.ts";
export { MemberSet } from "./member-set.ts";
export { sizeOfKey, sizeOfValue } from "./memory-size.ts";
export { type Pending, PendingList } from "./pending-list.ts";
export { draw, drawWithRepeats } from "./sampling.ts";
export { SortedSet } from "./sorted-set.ts";
export { Stream, type StreamCursor, type Trim } from "./stream.ts";
export {
  compareIds,
  countUp,
  difference,
  MAX_ID,
  MIN_ID,
  narrow,
  nextId,
  oneMore,
  parseUint64,
  previousId,
  StreamId,
  type Uint64,
} from "./stream-id.ts";
export { StreamNode } from "./stream-node.ts";
export { copyOf, typeOf, type Value, type ValueType } from "./value.ts";
