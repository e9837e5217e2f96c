import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { integer, readOptions, withDefault } from "../core/index.ts";
import { ask } from "./ask.ts";
import { RedisServerError, requireRedisServer } from "./find-redis-server.ts";
import { freePorts } from "./free-port.ts";
import { ServerProcess } from "./server-process.ts";
import { freshFolder } from "./watchdog.ts";

/** How a cluster for tests is started. */
export interface RedisClusterOptions {
  /** How many nodes own slots. @default 3 */
  readonly primaries?: number;
  /** How many replicas each of them has. @default 0 */
  readonly replicas?: number;
}

/** One node of a running cluster. */
export interface RedisClusterNode {
  readonly port: number;
  /** First and last slot of a primary; a replica has none. */
  readonly slots: readonly [first: number, last: number] | undefined;
  /** Ends the node at once, as a crash does. */
  kill(): Promise<void>;
  /** Stops it without closing its connections (SIGSTOP). */
  pause(): void;
  resume(): void;
}

/** A running cluster. */
export interface RedisCluster extends AsyncDisposable {
  /** For `connect`: `redis+cluster://127.0.0.1:…,…` */
  readonly url: string;
  /** Primaries first. */
  readonly nodes: readonly RedisClusterNode[];
  /** Ends it and removes what it stored. May be called twice. */
  stop(): Promise<void>;
}

interface Member {
  readonly id: string;
  readonly port: number;
  readonly primary: string | undefined;
  readonly slots: readonly [number, number] | undefined;
}

/** How far above its port a node listens for the other nodes. */
const busOffset = 10_000;
const slotCount = 16_384;
/** A cluster is ready in about 2 s: that is how long a primary waits, by rule, before it takes writes. */
const readyMsMax = 30_000;

/**
 * Starts a real Redis Cluster on free ports of 127.0.0.1. Resolves when every slot is served, which takes about two seconds.
 * Real whatever `REDLUA_TEST_ENGINE` says: the embedded engine has no cluster.
 *
 * It ends with the process that started it, however that ends.
 *
 * @throws {RedisServerError} `REDIS_SERVER_MISSING` if there is no server on this machine, `REDIS_SERVER_FAILED` if it does not start
 * @example
 * await using cluster = await startCluster({ primaries: 3 });
 * const redis = await connect(cluster.url);
 */
export async function startCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const { primaries, replicas } = readOptions("startCluster", options, {
    primaries: withDefault(integer({ min: 1, max: 20 }), 3),
    replicas: withDefault(integer({ min: 0, max: 3 }), 0),
  });
  const program = requireRedisServer("startCluster starts real servers: the embedded engine has no cluster.");
  const members = plan(await freePorts(primaries * (1 + replicas), busOffset), primaries);
  const servers = await Promise.all(members.map((member) => prepare(program, member, members)));
  const stop = async (): Promise<void> => void (await Promise.all(servers.map((server) => server.remove())));
  try {
    await Promise.all(servers.map((server) => server.start()));
    await covered(members);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `redis+cluster://${members
      .slice(0, primaries)
      .map(({ port }) => `127.0.0.1:${port}`)
      .join(",")}`,
    nodes: members.map(({ port, slots }, index) => {
      const server = servers[index] as ServerProcess;
      return {
        port,
        slots,
        kill: () => server.end("SIGKILL"),
        pause: () => server.signal("SIGSTOP"),
        resume: () => server.signal("SIGCONT"),
      };
    }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function plan(ports: readonly number[], primaries: number): readonly Member[] {
  const ids = ports.map(() => randomBytes(20).toString("hex"));
  return ports.map((port, index) => {
    const share = (part: number): number => Math.round((part * slotCount) / primaries);
    const isPrimary = index < primaries;
    return {
      id: ids[index] as string,
      port,
      primary: isPrimary ? undefined : ids[index % primaries],
      slots: isPrimary ? ([share(index), share(index + 1) - 1] as const) : undefined,
    };
  });
}

/**
 * The nodes know each other from the start: their configuration is written as they would write it. Introducing them with
 * CLUSTER MEET works too, and takes seconds of gossip.
 */
async function prepare(program: string, member: Member, members: readonly Member[]): Promise<ServerProcess> {
  const folder = await freshFolder();
  const lines = members.map(({ id, port, primary, slots }, index) => {
    const flags = `${id === member.id ? "myself," : ""}${primary === undefined ? "master" : "slave"}`;
    const range = slots === undefined ? "" : ` ${slots[0]}-${slots[1]}`;
    return `${id} 127.0.0.1:${port}@${port + busOffset} ${flags} ${primary ?? "-"} 0 0 ${index + 1} connected${range}`;
  });
  await writeFile(join(folder, "nodes.conf"), [...lines, `vars currentEpoch ${members.length} lastVoteEpoch 0`, ""].join("\n"));
  const { port } = member;
  const listening = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--protected-mode",
    "no",
    "--cluster-announce-ip",
    "127.0.0.1",
  ];
  const cluster = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", "2000"];
  // A primary shows a replica to clients once that has acknowledged a ping, every 10 s by default.
  const quiet = ["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
  return new ServerProcess([program, "--dir", folder, ...listening, ...cluster, ...quiet], folder, { host: "127.0.0.1", port });
}

async function covered(members: readonly Member[]): Promise<void> {
  const deadline = Date.now() + readyMsMax;
  const replicas = members.filter(({ primary }) => primary !== undefined);
  for (const { port, primary } of members) {
    const node = { host: "127.0.0.1", port };
    const ready = async (): Promise<boolean> => {
      if (primary !== undefined) return (await ask(node, "INFO replication")).includes("master_link_status:up");
      if (!(await ask(node, "CLUSTER INFO")).includes("cluster_state:ok")) return false;
      // Clients learn of replicas here, and a primary shows a replica only once it has heard from it.
      const map = await ask(node, "CLUSTER SLOTS");
      return replicas.every((replica) => map.includes(`:${replica.port}\r\n`));
    };
    // A node tells nobody that it has become ready, so it is asked.
    while (!(await ready().catch(() => false))) {
      if (Date.now() > deadline)
        throw new RedisServerError("REDIS_SERVER_FAILED", `Node 127.0.0.1:${port} of the cluster did not become ready.`);
      await wait(20);
    }
  }
}
