import { arch, platform, release } from "node:os";
import type { Engine } from "../engine.ts";
import type { Session } from "../session.ts";
import { version } from "./version.ts";

/** Names and values of one section. */
export type Facts = readonly (readonly [name: string, value: string | number])[];

/** What INFO tells, section by section, in Redis' order. What has no meaning in a process without a server is not told. */
export const sections: ReadonlyMap<string, (session: Session) => Facts> = new Map([
  ["Server", server],
  ["Clients", clients],
  ["Memory", memory],
  ["Persistence", persistence],
  ["Stats", stats],
  ["Replication", replication],
  ["CPU", cpu],
  ["Modules", () => []],
  ["Commandstats", commandStats],
  [
    "Errorstats",
    ({ engine }) => [...engine.stats.errors].map(([code, count]) => [`errorstat_${code}`, `count=${count}`] as const),
  ],
  ["Latencystats", () => []],
  ["Cluster", () => [["cluster_enabled", 0]]],
  ["Keyspace", keyspace],
]);

function server({ engine }: Session): Facts {
  const now = engine.keyspace.now;
  const seconds = Math.max(0, Math.floor((now - engine.startedAt) / 1000));
  const hz = engine.configuration.get("hz");
  return [
    ["redis_version", version],
    ["redis_git_sha1", "00000000"],
    ["redis_git_dirty", 0],
    ["redis_build_id", "0000000000000000"],
    ["redis_mode", "standalone"],
    ["redlua_embedded", 1],
    ["os", `${platform()} ${release()} ${arch()}`],
    ["arch_bits", 64],
    ["process_id", process.pid],
    ["process_supervised", "no"],
    ["run_id", engine.runId],
    ["tcp_port", 0],
    ["server_time_usec", Math.floor(now * 1000)],
    ["uptime_in_seconds", seconds],
    ["uptime_in_days", Math.floor(seconds / 86_400)],
    ["hz", hz],
    ["configured_hz", hz],
    ["executable", process.execPath],
    ["config_file", ""],
  ];
}

function clients({ engine }: Session): Facts {
  return [
    ["connected_clients", engine.clients.size],
    ["cluster_connections", 0],
    ["maxclients", engine.configuration.get("maxclients")],
    ["client_recent_max_input_buffer", 0],
    ["client_recent_max_output_buffer", 0],
    ["blocked_clients", engine.parking.size],
    ["tracking_clients", 0],
    ["clients_in_timeout_table", engine.parking.size],
  ];
}

function memory({ engine }: Session): Facts {
  const { keyspace, sandbox } = engine;
  const used = keyspace.usedMemory;
  const { rss, heapUsed } = process.memoryUsage();
  return [
    ["used_memory", used],
    ["used_memory_human", human(used)],
    ["used_memory_rss", rss],
    ["used_memory_rss_human", human(rss)],
    ["used_memory_peak", used],
    ["used_memory_peak_human", human(used)],
    ["used_memory_overhead", 0],
    ["used_memory_startup", 0],
    ["used_memory_dataset", used],
    ["process_heap_used", heapUsed],
    ["number_of_cached_scripts", sandbox.scripts.size],
    ["maxmemory", keyspace.maxMemory],
    ["maxmemory_human", human(keyspace.maxMemory)],
    ["maxmemory_policy", engine.configuration.get("maxmemory-policy")],
    ["mem_fragmentation_ratio", "1.00"],
    ["mem_allocator", "v8"],
    ["active_defrag_running", 0],
    ["lazyfree_pending_objects", 0],
    ["lazyfreed_objects", 0],
  ];
}

function persistence({ engine }: Session): Facts {
  return [
    ["loading", 0],
    ["async_loading", 0],
    ["rdb_changes_since_last_save", engine.keyspace.dirty],
    ["rdb_bgsave_in_progress", 0],
    ["rdb_last_save_time", Math.floor(engine.startedAt / 1000)],
    ["rdb_last_bgsave_status", "ok"],
    ["rdb_last_bgsave_time_sec", -1],
    ["rdb_current_bgsave_time_sec", -1],
    ["aof_enabled", engine.log === undefined ? 0 : 1],
    ["aof_rewrite_in_progress", 0],
    ["aof_rewrite_scheduled", 0],
    ["aof_last_rewrite_time_sec", -1],
    ["aof_last_bgrewrite_status", "ok"],
    ["aof_last_write_status", "ok"],
  ];
}

function stats({ engine }: Session): Facts {
  const { keyspace, channels } = engine;
  return [
    ["total_connections_received", engine.stats.connections],
    ["total_commands_processed", engine.stats.processed],
    ["rejected_connections", 0],
    ["expired_keys", keyspace.expiredKeys],
    ["evicted_keys", keyspace.evictedKeys],
    ["pubsub_channels", channels.channels.size],
    ["pubsub_patterns", channels.patterns.size],
    ["pubsubshard_channels", channels.shardChannels.size],
    ["latest_fork_usec", 0],
    ["total_forks", 0],
    ["unexpected_error_replies", 0],
    ["total_error_replies", engine.stats.refusals],
  ];
}

function replication({ engine }: Session): Facts {
  return [
    ["role", "master"],
    ["connected_slaves", 0],
    ["master_failover_state", "no-failover"],
    ["master_replid", engine.runId],
    ["master_replid2", "0".repeat(40)],
    ["master_repl_offset", 0],
    ["second_repl_offset", -1],
    ["repl_backlog_active", 0],
    ["repl_backlog_size", engine.configuration.get("repl-backlog-size")],
    ["repl_backlog_first_byte_offset", 0],
    ["repl_backlog_histlen", 0],
  ];
}

function cpu(): Facts {
  const { system, user } = process.cpuUsage();
  return [
    ["used_cpu_sys", (system / 1e6).toFixed(6)],
    ["used_cpu_user", (user / 1e6).toFixed(6)],
    ["used_cpu_sys_children", "0.000000"],
    ["used_cpu_user_children", "0.000000"],
  ];
}

/** How often each command ran. What a call took is not measured: looking at the clock would take longer than most. */
function commandStats({ engine }: Session): Facts {
  const { calls, failed, rejected } = engine.stats;
  return engine.table.all
    .filter(({ id }) => (calls[id] ?? 0) + (rejected?.[id] ?? 0) > 0)
    .map(({ id, name }) => {
      const counts = `rejected_calls=${rejected?.[id] ?? 0},failed_calls=${failed?.[id] ?? 0}`;
      return [`cmdstat_${name}`, `calls=${calls[id] ?? 0},usec=0,usec_per_call=0.00,${counts}`] as const;
    });
}

function keyspace({ engine }: Session): Facts {
  return engine.keyspace.databases
    .filter(({ size }) => size > 0)
    .map((database) => [
      `db${database.index}`,
      `keys=${database.size},expires=${database.volatileSize},avg_ttl=${averageTtl(engine, database.index)}`,
    ]);
}

/** Of all keys that expire, in milliseconds. Redis samples a few. */
function averageTtl({ keyspace }: Engine, index: number): number {
  const database = keyspace.databases[index];
  if (database === undefined || database.volatileSize === 0) return 0;
  let sum = 0;
  let count = 0;
  for (const key of database.keys()) {
    const at = database.expiresAt(key);
    if (at === undefined) continue;
    sum += Math.max(0, at - keyspace.now);
    if (++count === 100) break;
  }
  return Math.floor(sum / count);
}

function human(bytes: number): string {
  if (bytes < 1024) return `${bytes}B`;
  let shown = bytes;
  for (const unit of ["K", "M", "G", "T"]) {
    shown /= 1024;
    if (shown < 1024 || unit === "T") return `${shown.toFixed(2)}${unit}`;
  }
  return `${bytes}B`;
}
