import { type Consumer, compareIds, countUp, MIN_ID, Stream, type StreamId, type Uint64 } from "../../store/index.ts";
import { exactIntegerArgument, integerArgument, integerReply, type Reply, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../index.ts";
import { idArgument, readId } from "./ids.ts";
import { consumerFor } from "./read-group.ts";
import { noGroup } from "./replies.ts";

const notIdle = refuse("Invalid min-idle-time argument for XCLAIM");

interface ClaimOptions {
  readonly force: boolean;
  readonly justId: boolean;
  readonly deliveredAt: number;
  /** `undefined` counts up. */
  readonly deliveries: Uint64 | undefined;
  readonly lastId: StreamId;
}

function readClaimOptions(args: readonly string[], first: number, now: number): ClaimOptions {
  let force = false;
  let justId = false;
  let deliveredAt = -1;
  let deliveries: bigint | undefined;
  let lastId = MIN_ID;
  for (let at = first; at < args.length; at++) {
    const word = args[at] as string;
    const option = word.toLowerCase();
    const value = args[at + 1];
    if (option === "force") force = true;
    else if (option === "justid") justId = true;
    else if (value === undefined) throw unknownOption(word);
    else {
      at++;
      if (option === "idle") deliveredAt = now - integerArgument(value, badOption("IDLE"));
      else if (option === "time") deliveredAt = integerArgument(value, badOption("TIME"));
      else if (option === "retrycount") deliveries = exactIntegerArgument(value, badOption("RETRYCOUNT"));
      else if (option === "lastid") lastId = idArgument(value);
      else throw unknownOption(word);
    }
  }
  // Clients compute these from their own clocks: what cannot be is now.
  if (deliveredAt < 0 || deliveredAt > now) deliveredAt = now;
  const counted = deliveries === undefined || deliveries < 0n ? undefined : integerReply(deliveries);
  return { force, justId, deliveredAt, deliveries: counted, lastId };
}

function badOption(name: string): ReturnType<typeof refuse> {
  return refuse(`Invalid ${name} option argument for XCLAIM`);
}

function unknownOption(word: string): ReturnType<typeof refuse> {
  return refuse(`Unrecognized XCLAIM option '${word}'`);
}

function xclaim(context: CommandContext, args: readonly string[]): Reply {
  const { db, keyspace } = context;
  const key = args[1] as string;
  const stream = db.collection(key, Stream);
  const group = stream?.groups.get(args[2] as string);
  if (stream === undefined || group === undefined) throw noGroup(key, args[2] as string);
  const idleMin = integerArgument(args[4], notIdle);
  const now = Math.floor(keyspace.now);
  const ids: StreamId[] = [];
  for (let at = 5; at < args.length; at++) {
    const id = readId(args[at] as string, 0);
    if (id === undefined) break;
    ids.push(id);
  }
  const options = readClaimOptions(args, 5 + ids.length, now);
  if (compareIds(options.lastId, group.lastId) > 0) {
    group.lastId = options.lastId;
    keyspace.dirty++;
  }
  const claimed: Reply[] = [];
  let consumer: Consumer | undefined;
  for (const id of ids) {
    const items = stream.items(id);
    let pending = group.pending.find(id);
    if (items === undefined) {
      if (pending === undefined) continue;
      group.settle(pending);
      keyspace.dirty++;
      continue;
    }
    if (pending === undefined ? !options.force : idleMin > 0 && now - pending.deliveredAt < idleMin) continue;
    consumer ??= consumerFor(db, key, group, args[3] as string, now);
    // A delivery that is made up here counts as one already, and is then counted like any other.
    pending ??= group.add(id, consumer, now, 1);
    group.assign(pending, consumer);
    pending.deliveredAt = options.deliveredAt;
    if (options.deliveries !== undefined) pending.deliveries = options.deliveries;
    else if (!options.justId) pending.deliveries = countUp(pending.deliveries);
    claimed.push(options.justId ? id.toString() : [id.toString(), items]);
    keyspace.dirty++;
  }
  return claimed;
}

export const claimCommands: readonly CommandSpec[] = [
  { name: "xclaim", arity: -6, group: "stream", flags: ["write", "fast"], keys: [1, 1, 1], run: xclaim },
];
