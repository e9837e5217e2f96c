import type { CommandGroup } from "../../command/index.ts";
import type { Command } from "../command-table.ts";

/** Hints for clients and proxies, as COMMAND INFO tells them: for each list of hints the commands that have it. */
const tipsTable = `
nondeterministic_output = client|info client|list cluster|bumpepoch cluster|count-failure-reports cluster|getkeysinslot
    cluster|info cluster|links cluster|nodes cluster|replicas cluster|shards cluster|slaves cluster|slots dump
    hrandfield hscan lastsave migrate object|encoding object|freq object|idletime object|refcount pttl spop srandmember
    sscan time ttl xadd xautoclaim xclaim xinfo|consumers xpending xtrim zrandmember zscan
nondeterministic_output_order = command command|docs command|info command|list function|list hgetall hkeys hvals
    module|list sdiff sinter smembers sunion
request_policy:all_nodes, response_policy:all_succeeded = config|set latency|reset script|flush script|load
    slowlog|reset
request_policy:all_shards, response_policy:agg_sum = dbsize
request_policy:multi_shard, response_policy:agg_sum = del exists touch unlink
request_policy:all_shards, response_policy:all_succeeded = flushall flushdb function|delete function|flush function|load
    function|restore memory|purge ping
request_policy:all_shards, response_policy:one_succeeded = function|kill script|kill
nondeterministic_output, request_policy:all_shards, response_policy:special = function|stats info memory|doctor
    memory|malloc-stats memory|stats
request_policy:all_shards, nondeterministic_output_order = keys
nondeterministic_output, request_policy:all_nodes, response_policy:special = latency|doctor latency|graph
    latency|histogram latency|history latency|latest
request_policy:multi_shard = mget
request_policy:multi_shard, response_policy:all_succeeded = mset
request_policy:multi_shard, response_policy:agg_min = msetnx
request_policy:all_shards, nondeterministic_output = randomkey
nondeterministic_output, request_policy:special = scan
request_policy:all_shards, response_policy:agg_logical_and = script|exists
request_policy:all_nodes, nondeterministic_output = slowlog|get
request_policy:all_nodes, response_policy:agg_sum, nondeterministic_output = slowlog|len
request_policy:all_shards, response_policy:agg_min = wait
`;

let tips: Map<string, readonly string[]> | undefined;

/** What a client should know of a command that has an answer of its own kind, or in a cluster. */
export function tipsOf(name: string): readonly string[] {
  if (tips === undefined) {
    tips = new Map();
    for (const line of tipsTable.trim().replaceAll(/\n +/g, " ").split("\n")) {
      const [list = "", names = ""] = line.split(" = ");
      for (const each of names.split(" ")) tips.set(each, list.split(", "));
    }
  }
  return tips.get(name) ?? [];
}

/** Categories of commands, in the order in which ACL CAT and COMMAND INFO list them. */
export const categories = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
] as const;

export type Category = (typeof categories)[number];

const ofGroup: Readonly<Record<CommandGroup, Category | undefined>> = {
  generic: undefined,
  string: "string",
  bitmap: "bitmap",
  hash: "hash",
  list: "list",
  set: "set",
  "sorted-set": "sortedset",
  stream: "stream",
  hyperloglog: "hyperloglog",
  geo: "geo",
  // By its flag.
  pubsub: undefined,
  transactions: "transaction",
  connection: "connection",
  server: undefined,
  scripting: "scripting",
};

/** What neither group nor flags tell. */
const more: Readonly<Record<string, readonly Category[]>> = {
  asking: ["connection"],
  readonly: ["connection"],
  readwrite: ["connection"],
  wait: ["connection"],
  command: ["connection"],
  dbsize: ["keyspace"],
  flushall: ["keyspace", "dangerous"],
  flushdb: ["keyspace", "dangerous"],
  swapdb: ["keyspace", "dangerous"],
  info: ["dangerous"],
  keys: ["keyspace", "dangerous"],
  lastsave: ["admin", "dangerous"],
  role: ["admin", "dangerous"],
  "object|help": ["keyspace"],
  randomkey: ["keyspace"],
  scan: ["keyspace"],
  restore: ["dangerous"],
  sort: ["set", "sortedset", "list", "dangerous"],
  sort_ro: ["set", "sortedset", "list", "dangerous"],
};

/** The categories of a command, as COMMAND INFO lists them. */
export function categoriesOf({ name, spec, container }: Command): readonly Category[] {
  if (container) return ["slow"];
  const { group, flags } = spec;
  const own = new Set<Category | undefined>(more[name]);
  if (name.startsWith("command|")) own.add("connection");
  if (flags.includes("write")) own.add("write");
  if (flags.includes("readonly") && group !== "scripting") own.add("read");
  if (flags.includes("admin")) own.add("admin").add("dangerous");
  if (flags.includes("pubsub")) own.add("pubsub");
  if (flags.includes("blocking")) own.add("blocking");
  own.add(flags.includes("fast") ? "fast" : "slow");
  if (group === "generic" && spec.keys !== undefined && !name.startsWith("sort")) own.add("keyspace");
  own.add(ofGroup[group]);
  return categories.filter((category) => own.has(category));
}
