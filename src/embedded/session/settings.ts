import { type EvictionPolicy, evictionPolicies } from "../store/index.ts";
import { choice, constant, flag, memory, type Setting, text, whole } from "./setting.ts";

const intMax = 2 ** 31 - 1;
const longMax = 2 ** 63;
const size = [0, longMax] as const;
const natural = [0, intMax] as const;

/** Encodings change at the thresholds that Redis has by default. */
const fixedThreshold = "the embedded engine of redlua keeps Redis' default here: connect to a Redis server to change it";
const threshold = (name: string, initial: number): Setting => whole(name, initial, [-intMax, intMax], { fixed: fixedThreshold });
const notStored = "the embedded engine of redlua decides this when it is made";

const policies = [
  ...["lru", "lfu", "random", "ttl"].map((by) => `volatile-${by}`),
  ...["lru", "lfu", "random"].map((by) => `allkeys-${by}`),
  "noeviction",
];

/** What clients and programs ask CONFIG for. Where nothing else is said, a value is kept and changes nothing. */
const settings: readonly Setting[] = [
  memory("maxmemory", 0, size, {
    apply: (engine, value) => void engine.limitMemory(Number(value)),
    show: ({ keyspace }) => String(keyspace.maxMemory),
  }),
  choice("maxmemory-policy", "noeviction", policies, {
    apply: ({ keyspace }, value) => {
      if (!(evictionPolicies as readonly string[]).includes(value))
        return "the embedded engine of redlua has no eviction by frequency";
      keyspace.policy = value as EvictionPolicy;
      return undefined;
    },
  }),
  whole("maxmemory-samples", 5, [1, intMax]),
  whole("maxmemory-eviction-tenacity", 10, [0, 100]),
  text("notify-keyspace-events", "", {
    apply: ({ notifications, keyspace }, value) => {
      if (!notifications.choose(value)) return "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.";
      keyspace.tellsNew = notifications.has("n");
      return undefined;
    },
    show: ({ notifications }) => notifications.toString(),
  }),
  text("requirepass", "", {
    apply: (engine, value) => {
      engine.configuration.guarded = value !== "";
      return undefined;
    },
  }),
  text("save", "", { fixed: notStored }),
  flag("appendonly", "no", { fixed: notStored, show: ({ log }) => (log === undefined ? "no" : "yes") }),
  choice("appendfsync", "everysec", ["everysec", "always", "no"]),
  whole("slowlog-log-slower-than", 10_000, [-1, longMax], {
    apply: ({ slowlog }, value) => {
      slowlog.slowerThan = Number(value);
      return undefined;
    },
  }),
  whole("slowlog-max-len", 128, [0, longMax], {
    apply: ({ slowlog }, value) => {
      slowlog.max = Number(value);
      return undefined;
    },
  }),
  constant("databases", "16", ({ keyspace }) => String(keyspace.databases.length)),
  whole("lua-time-limit", 5000, [0, longMax]),
  whole("busy-reply-threshold", 5000, [0, longMax]),
  memory("proto-max-bulk-len", 512 * 1024 * 1024, [1024 * 1024, longMax]),
  memory("client-query-buffer-limit", 1024 ** 3, [1024 * 1024, longMax]),
  text("client-output-buffer-limit", "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60"),
  threshold("hash-max-listpack-entries", 512),
  threshold("hash-max-ziplist-entries", 512),
  threshold("hash-max-listpack-value", 64),
  threshold("hash-max-ziplist-value", 64),
  threshold("list-max-listpack-size", -2),
  threshold("list-max-ziplist-size", -2),
  threshold("list-compress-depth", 0),
  threshold("set-max-intset-entries", 512),
  threshold("zset-max-listpack-entries", 128),
  threshold("zset-max-ziplist-entries", 128),
  threshold("zset-max-listpack-value", 64),
  threshold("zset-max-ziplist-value", 64),
  threshold("hll-sparse-max-bytes", 3000),
  threshold("stream-node-max-bytes", 4096),
  threshold("stream-node-max-entries", 100),
  whole("timeout", 0, natural),
  whole("tcp-keepalive", 300, natural),
  whole("maxclients", 10_000, [1, intMax]),
  memory("maxmemory-clients", 0, size),
  whole("hz", 10, natural),
  flag("dynamic-hz", "yes"),
  whole("active-expire-effort", 1, [1, 10]),
  flag("activerehashing", "yes"),
  flag("activedefrag", "no"),
  flag("lazyfree-lazy-eviction", "no"),
  flag("lazyfree-lazy-expire", "no"),
  flag("lazyfree-lazy-server-del", "no"),
  flag("lazyfree-lazy-user-del", "no"),
  flag("lazyfree-lazy-user-flush", "no"),
  whole("lfu-log-factor", 10, natural),
  whole("lfu-decay-time", 1, natural),
  whole("latency-monitor-threshold", 0, [0, longMax]),
  flag("latency-tracking", "yes"),
  text("latency-tracking-info-percentiles", "50 99 99.9"),
  whole("tracking-table-max-keys", 1_000_000, size),
  whole("acllog-max-len", 128, size),
  choice("acl-pubsub-default", "resetchannels", ["allchannels", "resetchannels"]),
  choice("loglevel", "notice", ["debug", "verbose", "notice", "warning"]),
  flag("stop-writes-on-bgsave-error", "yes"),
  flag("rdbcompression", "yes"),
  flag("no-appendfsync-on-rewrite", "no"),
  whole("auto-aof-rewrite-percentage", 100, natural),
  memory("auto-aof-rewrite-min-size", 64 * 1024 * 1024, size),
  whole("repl-timeout", 60, [1, intMax]),
  memory("repl-backlog-size", 1024 * 1024, [1, longMax]),
  whole("replica-priority", 100, natural),
  whole("slave-priority", 100, natural),
  flag("replica-read-only", "yes"),
  flag("slave-read-only", "yes"),
  whole("min-replicas-to-write", 0, natural),
  whole("min-slaves-to-write", 0, natural),
  text("masterauth", ""),
  text("masteruser", ""),
  text("bind", "127.0.0.1"),
  flag("protected-mode", "yes"),
  text("dir", "", { fixed: notStored }),
  text("dbfilename", "dump.rdb", { fixed: notStored }),
  constant("port", "0"),
  constant("unixsocket", ""),
  constant("replicaof", ""),
  constant("slaveof", ""),
  constant("daemonize", "no"),
  constant("cluster-enabled", "no"),
  constant("appendfilename", "appendonly.aof"),
  constant("appenddirname", "appendonlydir"),
  constant("enable-debug-command", "yes"),
  constant("enable-module-command", "no"),
  constant("enable-protected-configs", "no"),
  constant("io-threads", "1"),
  constant("logfile", ""),
  constant("pidfile", ""),
  constant("supervised", "no"),
  constant("aclfile", ""),
];

/** By name. */
export const settingsByName: ReadonlyMap<string, Setting> = new Map(settings.map((setting) => [setting.name, setting]));
