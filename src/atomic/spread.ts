import calculateSlot from "cluster-key-slot";
import { type Arg, ClientError, type RedisPort, type Reply, type SendOptions } from "../client/index.ts";
import { checkPort } from "../port/index.ts";
import { prefixed } from "../script/index.ts";

/** What a command for one key answered. */
export type KeyReply = Reply | ClientError;

/** So many commands go in one batch. */
const batchMax = 1_000;
/** So many batches are in flight at once. */
const flightsMax = 32;

/**
 * Sends one command for each key to the node that holds it, and answers in the order of the keys. The keys of a slot go together, in
 * one round trip; what fails fails alone.
 *
 * @param command the words for the key of an index, which is given with its prefix
 */
export async function sendByKey(
  redis: RedisPort,
  keys: readonly string[],
  command: (index: number, key: string) => readonly Arg[],
  options: Pick<SendOptions, "bytes" | "resend">,
): Promise<readonly KeyReply[]> {
  checkPort("Several keys", redis);
  const words = keys.map((key) => prefixed(redis.traits.prefix, key));
  const replies = new Array<KeyReply>(keys.length);
  const batches = batchesOf(redis.traits.cluster, words);
  const travel = async (): Promise<void> => {
    for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
      const commands = batch.map((index) => command(index, words[index] as string));
      const found = await answersOf(redis, commands, { ...options, key: words[batch[0] as number] as string });
      for (const [at, index] of batch.entries()) replies[index] = found[at] ?? null;
    }
  };
  await Promise.all(Array.from({ length: Math.min(flightsMax, batches.length) }, travel));
  return replies;
}

async function answersOf(
  redis: RedisPort,
  commands: readonly (readonly Arg[])[],
  options: SendOptions,
): Promise<readonly KeyReply[]> {
  try {
    return await redis.batch(commands, options);
  } catch (error) {
    if (error instanceof ClientError) return commands.map(() => error);
    throw error;
  }
}

/** Which indexes go together: those of a slot, in parts; without a cluster all of them are of one. */
function batchesOf(cluster: boolean, keys: readonly string[]): number[][] {
  const open = new Map<number, number[]>();
  const batches: number[][] = [];
  for (const [index, key] of keys.entries()) {
    const slot = cluster ? calculateSlot(key) : 0;
    let batch = open.get(slot);
    if (batch === undefined || batch.length === batchMax) {
      batch = [];
      open.set(slot, batch);
      batches.push(batch);
    }
    batch.push(index);
  }
  return batches;
}
