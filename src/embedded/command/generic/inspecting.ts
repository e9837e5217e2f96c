import { sizeOfKey, sizeOfValue, type Value } from "../../store/index.ts";
import { integerArgument, OK, parseInteger, type Reply, refusals, refuse, Status, Verbatim } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";

const embeddedMax = 44;
/** Redis shares the objects of small integers, and tells so by a count that no object reaches. */
const sharedIntegers = 10_000;
const sharedCount = 2_147_483_647;

const noFrequency = refuse(
  "An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.",
);

function encodingOf(value: Value): string {
  if (typeof value !== "string") return value.encoding;
  if (value.length <= 20 && parseInteger(value) !== undefined) return "int";
  return value.length <= embeddedMax ? "embstr" : "raw";
}

function encoding({ db }: CommandContext, args: readonly string[]): Reply {
  const value = db.peek(args[2] as string);
  return value === undefined ? null : encodingOf(value);
}

function references({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const value = db.peek(args[2] as string);
  if (value === undefined) return null;
  const integer = typeof value === "string" ? parseInteger(value) : undefined;
  const shared = typeof integer === "number" && integer >= 0 && integer < sharedIntegers;
  // By last use, each key needs an object of its own.
  return shared && !(keyspace.maxMemory > 0 && keyspace.policy.endsWith("-lru")) ? sharedCount : 1;
}

function idleSeconds({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const key = args[2] as string;
  if (!db.has(key)) return null;
  const usedAt = db.usedAt(key);
  return usedAt === undefined ? 0 : Math.max(0, Math.floor((keyspace.now - usedAt) / 1000));
}

function frequency({ db }: CommandContext, args: readonly string[]): Reply {
  if (!db.has(args[2] as string)) return null;
  throw noFrequency;
}

function usage({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[2] as string;
  for (let at = 3; at < args.length; at += 2) {
    if ((args[at] as string).toLowerCase() !== "samples" || at + 1 >= args.length) throw refusals.syntax;
    if (integerArgument(args[at + 1]) < 0) throw refusals.syntax;
  }
  const value = db.peek(key);
  return value === undefined ? null : sizeOfKey(key) + sizeOfValue(value);
}

function stats({ keyspace }: CommandContext): Reply {
  const entries: Reply[] = ["total.allocated", keyspace.usedMemory, "keys.count", 0];
  for (const database of keyspace.databases) entries[3] = (entries[3] as number) + database.size;
  return entries;
}

function help(lines: readonly string[]): CommandSpec["run"] {
  const reply = lines.map((line) => new Status(line));
  return () => reply;
}

const objectHelp = help([
  "OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "ENCODING <key>",
  "    Return the kind of internal representation used in order to store the value",
  "    associated with a <key>.",
  "FREQ <key>",
  "    Return the access frequency index of the <key>. The returned integer is",
  "    proportional to the logarithm of the recent access frequency of the key.",
  "IDLETIME <key>",
  "    Return the idle time of the <key>, that is the approximated number of",
  "    seconds elapsed since the last access to the key.",
  "REFCOUNT <key>",
  "    Return the number of references of the value associated with the specified",
  "    <key>.",
  "HELP",
  "    Prints this help.",
]);

const memoryHelp = help([
  "MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "DOCTOR",
  "    Return memory problems reports.",
  "MALLOC-STATS",
  "    Return internal statistics report from the memory allocator.",
  "PURGE",
  "    Attempt to purge dirty pages for reclamation by the allocator.",
  "STATS",
  "    Return information about the memory usage of the server.",
  "USAGE <key> [SAMPLES <count>]",
  "    Return memory in bytes used by <key> and its value. Nested values are",
  "    sampled up to <count> times (default: 5, 0 means sample all).",
  "HELP",
  "    Prints this help.",
]);

const doctor = new Verbatim("This instance lives in the process that uses it: its memory is that of the process.");

/** Commands that tell what a key is made of. */
export const inspecting: readonly CommandSpec[] = [
  { name: "object|encoding", arity: 3, group: "generic", flags: ["readonly"], keys: [2, 2, 1], run: encoding },
  { name: "object|refcount", arity: 3, group: "generic", flags: ["readonly"], keys: [2, 2, 1], run: references },
  { name: "object|idletime", arity: 3, group: "generic", flags: ["readonly"], keys: [2, 2, 1], run: idleSeconds },
  { name: "object|freq", arity: 3, group: "generic", flags: ["readonly"], keys: [2, 2, 1], run: frequency },
  { name: "object|help", arity: 2, group: "generic", flags: ["loading", "stale"], run: objectHelp },
  { name: "memory|usage", arity: -3, group: "server", flags: ["readonly"], keys: [2, 2, 1], run: usage },
  { name: "memory|help", arity: 2, group: "server", flags: ["loading", "stale"], run: memoryHelp },
  { name: "memory|doctor", arity: 2, group: "server", flags: [], run: () => doctor },
  { name: "memory|stats", arity: 2, group: "server", flags: [], run: stats },
  { name: "memory|purge", arity: 2, group: "server", flags: [], run: () => OK },
];
