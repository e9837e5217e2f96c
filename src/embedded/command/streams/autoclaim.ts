import { type Consumer, countUp, MIN_ID, type Pending, Stream, type StreamId } from "../../store/index.ts";
import { integerArgument, type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../index.ts";
import { rangeStart } from "./ids.ts";
import { consumerFor } from "./read-group.ts";
import { noGroup } from "./replies.ts";

const notIdle = refuse("Invalid min-idle-time argument for XAUTOCLAIM");
const badCount = refuse("COUNT must be > 0");
const countDefault = 100;
/** It looks at so many pending entries for each that it may claim. */
const looksPerClaim = 10;
/** Beyond this Redis could not list the ids of what was deleted. */
const countMax = 2 ** 59;

interface AutoclaimOptions {
  readonly idleMin: number;
  readonly start: StreamId;
  readonly count: number;
  readonly justId: boolean;
}

function readAutoclaimOptions(args: readonly string[]): AutoclaimOptions {
  const idleMin = integerArgument(args[4], notIdle);
  const start = rangeStart(args[5] as string);
  let count = countDefault;
  let justId = false;
  for (let at = 6; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    if (option === "count" && at + 1 < args.length) {
      count = integerArgument(args[++at], badCount);
      if (count < 1 || count > countMax) throw badCount;
    } else if (option === "justid") {
      justId = true;
    } else {
      throw refusals.syntax;
    }
  }
  return { idleMin, start, count, justId };
}

function xautoclaim({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const { idleMin, start, count, justId } = readAutoclaimOptions(args);
  const key = args[1] as string;
  const stream = db.collection(key, Stream);
  const group = stream?.groups.get(args[2] as string);
  if (stream === undefined || group === undefined) throw noGroup(key, args[2] as string);
  const now = Math.floor(keyspace.now);
  const claimed: Reply[] = [];
  const deleted: Pending[] = [];
  let consumer: Consumer | undefined;
  let next = MIN_ID;
  let looks = count * looksPerClaim;
  for (const pending of group.pending.from(start)) {
    if (looks-- === 0 || claimed.length + deleted.length === count) {
      next = pending.id;
      break;
    }
    const items = stream.items(pending.id);
    if (items === undefined) {
      deleted.push(pending);
      continue;
    }
    if (idleMin > 0 && now - pending.deliveredAt < idleMin) continue;
    consumer ??= consumerFor(db, key, group, args[3] as string, now);
    group.assign(pending, consumer);
    pending.deliveredAt = now;
    if (!justId) pending.deliveries = countUp(pending.deliveries);
    claimed.push(justId ? pending.id.toString() : [pending.id.toString(), items]);
  }
  for (const pending of deleted) group.settle(pending);
  keyspace.dirty += claimed.length + deleted.length;
  return [next.toString(), claimed, deleted.map(({ id }) => id.toString())];
}

export const autoclaimCommands: readonly CommandSpec[] = [
  { name: "xautoclaim", arity: -6, group: "stream", flags: ["write", "fast"], keys: [1, 1, 1], run: xautoclaim },
];
