import { type RedisServer, startRedis } from "redlua/testing";
import { afterAll, beforeAll } from "vitest";
import { clients } from "./clients.ts";
import { describeRedisPort } from "./redis-port.ts";

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis({ engine: "redis-server" });
});

afterAll(() => server.stop());

for (const [name, make] of Object.entries(clients)) {
  describeRedisPort(`${name}, single server`, async () => ({
    open: (where) => make({ path: where === "dead" ? `${server.socket}.nobody` : server.socket }),
    pause: () => server.pause(),
    resume: () => server.resume(),
  }));
}
