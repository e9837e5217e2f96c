import { GrowingBytes } from "../../store/index.ts";
import { type Reply, refusals, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";

const operations = ["and", "or", "xor", "not"] as const;

function operate({ db }: CommandContext, args: readonly string[]): Reply {
  const name = (args[1] as string).toLowerCase();
  const operation = operations.find((known) => known === name);
  const target = args[2] as string;
  if (operation === undefined) throw refusals.syntax;
  if (operation === "not" && args.length !== 4) throw refuse("BITOP NOT must be called with a single source key.");
  const sources: Buffer[] = [];
  let length = 0;
  for (let at = 3; at < args.length; at++) {
    const value = db.bytesAt(args[at] as string) ?? "";
    sources.push(typeof value === "string" ? Buffer.from(value, "latin1") : value.bytes);
    length = Math.max(length, value.length);
  }
  if (length === 0) {
    if (db.remove(target)) db.changed(target, "g", "del");
    return 0;
  }
  const result = new GrowingBytes("");
  combine(operation, sources, result.writable(length), length);
  db.set(target, result);
  db.changed(target, "$", "set");
  return length;
}

/** A source that is shorter counts as followed by zeros. */
function combine(operation: (typeof operations)[number], sources: readonly Buffer[], into: Buffer, length: number): void {
  const [first, ...others] = sources as [Buffer, ...Buffer[]];
  for (let at = 0; at < length; at++) {
    let byte = first[at] ?? 0;
    if (operation === "not") byte = ~byte;
    for (const other of others) {
      const operand = other[at] ?? 0;
      if (operation === "and") byte &= operand;
      else if (operation === "or") byte |= operand;
      else byte ^= operand;
    }
    into[at] = byte;
  }
}

/** BITOP: bits of several strings, combined. */
export const bitop: CommandSpec = {
  name: "bitop",
  arity: -4,
  group: "bitmap",
  flags: ["write", "denyoom"],
  keys: [2, -1, 1],
  run: operate,
};
