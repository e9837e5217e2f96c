import { type Database, GrowingBytes } from "../../store/index.ts";
import { OK, Refusal, type Reply, refuse, Status } from "../../value/index.ts";
import type { CommandContext } from "../spec.ts";
import { registerCount } from "./estimate.ts";
import { dropCount, isDense, isSketch, keepCount, keptCount } from "./header.ts";
import { countOf, Sketch } from "./sketch.ts";
import { describeSparse } from "./sparse.ts";

const notSketch = new Refusal("WRONGTYPE Key is not a valid HyperLogLog string value.");
const noSuchKey = refuse("The specified key does not exist");
const notSparse = refuse("HLL encoding is not sparse");

export function pfadd({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const found = sketchAt(db, key);
  const sketch = found ?? Sketch.empty();
  let changed = found === undefined;
  for (let at = 2; at < args.length; at++) if (sketch.add(args[at] as string)) changed = true;
  if (!changed) return 0;
  dropCount(sketch.own());
  store(db, key, sketch);
  db.changed(key, "$", "pfadd");
  return 1;
}

export function pfcount({ db }: CommandContext, args: readonly string[]): Reply {
  if (args.length > 2) return countOf(mergedRegisters(db, args).registers);
  const key = args[1] as string;
  const sketch = sketchAt(db, key);
  if (sketch === undefined) return 0;
  const kept = keptCount(sketch.bytes);
  if (kept !== undefined) return kept;
  const registers = new Uint8Array(registerCount);
  sketch.mergeInto(registers);
  const count = countOf(registers);
  keepCount(sketch.own(), count);
  store(db, key, sketch);
  // The value is another one now, so a WATCH on it fails; but there is no event of that.
  db.changed(key, "$", "");
  return count;
}

export function pfmerge({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  const { registers, dense } = mergedRegisters(db, args);
  const sketch = sketchAt(db, key) ?? Sketch.empty();
  if (dense) sketch.makeDense();
  for (let index = 0; index < registerCount; index++) {
    const value = registers[index] as number;
    if (value !== 0) sketch.raise(index, value);
  }
  dropCount(sketch.own());
  store(db, key, sketch);
  db.changed(key, "$", "pfadd");
  return OK;
}

/** Redis tests its registers here. Ours are tested against those of Redis. */
export function pfselftest(): Reply {
  return OK;
}

export function pfdebug({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[2] as string;
  const sketch = sketchAt(db, key);
  if (sketch === undefined) throw noSuchKey;
  switch ((args[1] as string).toLowerCase()) {
    case "getreg": {
      const registers = new Uint8Array(registerCount);
      sketch.mergeInto(registers);
      makeDense(db, key, sketch);
      return [...registers];
    }
    case "decode":
      if (isDense(sketch.bytes)) throw notSparse;
      return describeSparse(sketch.bytes);
    case "encoding":
      return new Status(isDense(sketch.bytes) ? "dense" : "sparse");
    case "todense":
      return makeDense(db, key, sketch) ? 1 : 0;
    default:
      throw refuse(`Unknown PFDEBUG subcommand '${args[1]}'`);
  }
}

function makeDense(db: Database, key: string, sketch: Sketch): boolean {
  if (isDense(sketch.bytes)) return false;
  sketch.makeDense();
  store(db, key, sketch);
  db.changed(key, "$", "");
  return true;
}

function mergedRegisters(db: Database, args: readonly string[]): { registers: Uint8Array; dense: boolean } {
  const registers = new Uint8Array(registerCount);
  let dense = false;
  for (let at = 1; at < args.length; at++) {
    const sketch = sketchAt(db, args[at] as string);
    if (sketch === undefined) continue;
    if (isDense(sketch.bytes)) dense = true;
    sketch.mergeInto(registers);
  }
  return { registers, dense };
}

/** @throws {Refusal} WRONGTYPE if the key holds anything else */
function sketchAt(db: Database, key: string): Sketch | undefined {
  const value = db.bytesAt(key);
  if (value === undefined) return undefined;
  const bytes = typeof value === "string" ? Buffer.from(value, "latin1") : value.bytes;
  if (!isSketch(bytes)) throw notSketch;
  return new Sketch(bytes);
}

/** Stores a sketch that was changed, in the place of what it was read from if that grows. */
function store(db: Database, key: string, { bytes }: Sketch): void {
  const value = db.bytesAt(key);
  if (value !== undefined && typeof value !== "string" && value.length <= bytes.length) {
    value.writable(bytes.length).set(bytes);
    return;
  }
  db.set(key, new GrowingBytes(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")), true);
}
