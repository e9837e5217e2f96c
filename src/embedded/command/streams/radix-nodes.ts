import type { StreamId } from "../../store/index.ts";

const keyLength = 16;

/**
 * How many nodes Redis' radix tree takes for the ids of a stream's nodes, which XINFO STREAM tells: a run of bytes without a
 * fork is one node, and so is each fork, and the end of each key.
 */
export function radixNodes(ids: readonly StreamId[]): number {
  return ids.length === 0 ? 1 : nodesBelow(ids.map(keyOf), 0, ids.length, 0);
}

function nodesBelow(keys: readonly string[], start: number, end: number, depth: number): number {
  const first = keys[start] as string;
  if (end - start === 1) return (depth < keyLength ? 1 : 0) + 1;
  const last = keys[end - 1] as string;
  let fork = depth;
  while (first.charCodeAt(fork) === last.charCodeAt(fork)) fork++;
  let nodes = (fork > depth ? 1 : 0) + 1;
  for (let from = start; from < end; ) {
    const byte = (keys[from] as string).charCodeAt(fork);
    let to = from + 1;
    while (to < end && (keys[to] as string).charCodeAt(fork) === byte) to++;
    nodes += nodesBelow(keys, from, to, fork + 1);
    from = to;
  }
  return nodes;
}

/** An id as 128 bits, the highest first. */
function keyOf({ ms, seq }: StreamId): string {
  const bytes = Buffer.alloc(keyLength);
  bytes.writeBigUInt64BE(BigInt(ms), 0);
  bytes.writeBigUInt64BE(BigInt(seq), 8);
  return bytes.toString("latin1");
}
