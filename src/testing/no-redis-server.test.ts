import { connect } from "redlua";
import { expect, onTestFinished, test, vi } from "vitest";
import { startCluster, startRedis } from "./index.ts";

// A machine on which no program of any name can be run. What runs is found without asking, so all else goes on.
vi.mock("node:fs", async (original) => ({
  ...(await original<typeof import("node:fs")>()),
  accessSync: (path: string): never => {
    throw new Error(`ENOENT: no such file or directory, access '${path}'`);
  },
}));

const missing = (before: string): object => ({
  code: "REDIS_SERVER_MISSING",
  message: expect.stringMatching(
    new RegExp(`^${before}.* No redis-server was found on this machine\\. Type: (?:sudo apt-get|brew) install redis`),
  ),
});

test("on a machine without a redis-server, tests run", async () => {
  vi.stubEnv("REDLUA_TEST_ENGINE", undefined);
  onTestFinished(() => void vi.unstubAllEnvs());
  await using server = await startRedis();
  const redis = await connect(server.url);
  expect(await redis.send(["PING"], { resend: "ok" })).toBe("PONG");
  await redis.close();
});

test("on a machine without a redis-server, who asks for one hears what to type, and who asked", async () => {
  const engine = "redis-server";
  await expect(startRedis({ engine })).rejects.toMatchObject(
    missing('engine: "redis-server" asks for a real server; without it'),
  );
  vi.stubEnv("REDLUA_TEST_ENGINE", engine);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(startRedis()).rejects.toMatchObject(missing("REDLUA_TEST_ENGINE=redis-server asks for a real server; without it"));
  await expect(startCluster()).rejects.toMatchObject(
    missing("startCluster starts real servers: the embedded engine has no cluster"),
  );
});
