import type { CommandSpec } from "../../command/index.ts";
import { type Reply, refuse } from "../../value/index.ts";
import { define } from "./define.ts";

const disabled = refuse("This instance has cluster support disabled");

const asking = "stale";
const changing = "admin stale no_async_loading";
const inspecting = "admin stale";

const subcommands: readonly (readonly [name: string, arity: number, flags: string])[] = [
  ["addslots", -3, changing],
  ["addslotsrange", -4, changing],
  ["bumpepoch", 2, changing],
  ["count-failure-reports", 3, inspecting],
  ["countkeysinslot", 3, asking],
  ["delslots", -3, changing],
  ["delslotsrange", -4, changing],
  ["failover", -2, changing],
  ["flushslots", 2, changing],
  ["forget", 3, changing],
  ["getkeysinslot", 4, asking],
  ["help", 2, "loading stale"],
  ["info", 2, asking],
  ["keyslot", 3, asking],
  ["links", 2, asking],
  ["meet", -4, changing],
  ["myid", 2, asking],
  ["nodes", 2, asking],
  ["replicas", 3, inspecting],
  ["replicate", 3, changing],
  ["reset", -2, "admin noscript stale"],
  ["saveconfig", 2, changing],
  ["set-config-epoch", 3, changing],
  ["setslot", -4, changing],
  ["shards", 2, asking],
  ["slaves", 3, inspecting],
  ["slots", 2, asking],
];

/** CLUSTER and what else is for nodes of a cluster: all of it refused, as by a Redis that is none. */
export const clusterCommands: readonly CommandSpec[] = [
  ...subcommands.map(([name, arity, flags]) => define(`cluster|${name}`, arity, "server", flags, refused)),
  define("asking", 1, "server", "fast", refused),
  define("readonly", 1, "server", "loading stale fast", refused),
  define("readwrite", 1, "server", "loading stale fast", refused),
];

function refused(): Reply {
  throw disabled;
}
