import { Cluster } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { startCluster } from "./index.ts";

test("a cluster serves every slot, and knows its replicas", async () => {
  const cluster = await startCluster({ primaries: 3, replicas: 1 });
  onTestFinished(() => cluster.stop());
  expect(cluster.nodes.map(({ slots }) => slots)).toEqual([
    [0, 5460],
    [5461, 10922],
    [10923, 16383],
    undefined,
    undefined,
    undefined,
  ]);
  const client = new Cluster(cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port })));
  onTestFinished(() => client.disconnect());
  client.on("error", () => {});
  for (const key of ["a", "b", "c"]) expect(await client.set(key, key)).toBe("OK");
  expect(client.nodes("master")).toHaveLength(3);
  expect(client.nodes("slave")).toHaveLength(3);
  await cluster.stop();
  await cluster.stop();
}, 30_000);
