import { type Pending, PendingList } from "./pending-list.ts";
import { MIN_ID, type StreamId, type Uint64 } from "./stream-id.ts";

/** One reader of a group. */
export interface Consumer {
  readonly name: string;
  readonly pending: PendingList;
  /** When it last asked for something, in milliseconds since 1970. */
  seenAt: number;
}

/** Readers that share the entries of a stream among them. */
export class ConsumerGroup {
  /** The last entry that was delivered. */
  lastId: StreamId;
  /** How many entries it has read of all that ever were; -1 if that cannot be told. */
  entriesRead: Uint64;
  readonly pending: PendingList = new PendingList();
  readonly consumers: Map<string, Consumer> = new Map();

  constructor(lastId: StreamId, entriesRead: Uint64) {
    this.lastId = lastId;
    this.entriesRead = entriesRead;
  }

  createConsumer(name: string, now: number): Consumer {
    const consumer: Consumer = { name, pending: new PendingList(), seenAt: now };
    this.consumers.set(name, consumer);
    return consumer;
  }

  deleteConsumer(consumer: Consumer): void {
    for (const pending of consumer.pending.from(MIN_ID)) this.pending.remove(pending.id);
    this.consumers.delete(consumer.name);
  }

  /** An entry is delivered to a consumer: for the first time, or anew after the group was set back. */
  deliver(id: StreamId, consumer: Consumer, now: number): void {
    const known = this.pending.find(id);
    if (known === undefined) {
      this.add(id, consumer, now, 1);
      return;
    }
    this.assign(known, consumer);
    known.deliveredAt = now;
    known.deliveries = 1;
  }

  /** Adds a pending entry that is not there yet. */
  add(id: StreamId, consumer: Consumer, deliveredAt: number, deliveries: Uint64): Pending {
    const pending: Pending = { id, consumer, deliveredAt, deliveries };
    this.pending.add(pending);
    consumer.pending.add(pending);
    return pending;
  }

  /** Hands a pending entry to another consumer. */
  assign(pending: Pending, consumer: Consumer): void {
    if (pending.consumer === consumer) return;
    pending.consumer.pending.remove(pending.id);
    pending.consumer = consumer;
    consumer.pending.add(pending);
  }

  /** An entry is pending no more. */
  settle(pending: Pending): void {
    this.pending.remove(pending.id);
    pending.consumer.pending.remove(pending.id);
  }

  copy(): ConsumerGroup {
    const copy = new ConsumerGroup(this.lastId, this.entriesRead);
    for (const { name, seenAt } of this.consumers.values()) copy.createConsumer(name, seenAt);
    for (const { id, consumer, deliveredAt, deliveries } of this.pending.from(MIN_ID)) {
      copy.add(id, copy.consumers.get(consumer.name) as Consumer, deliveredAt, deliveries);
    }
    return copy;
  }
}
