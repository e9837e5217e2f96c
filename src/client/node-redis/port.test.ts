import { createClient, createClientPool, createCluster, createSentinel, RESP_TYPES } from "redis";
import { createClient as createClient5, createClientPool as createClientPool5, createSentinel as createSentinel5 } from "redis5";
import { expect, onTestFinished, test, vi } from "vitest";
import { startRedis } from "../../testing/index.ts";
import { connect } from "../index.ts";
import { nodeRedisPort } from "./index.ts";

test("a client with a keyPrefix is refused, with what to do instead", () => {
  const rootNodes = [{ socket: { host: "127.0.0.1", port: 1 } }];
  for (const client of [createClient({ keyPrefix: "app:" }), createCluster({ rootNodes, keyPrefix: "app:" })]) {
    expect(() => nodeRedisPort(client)).toThrow(
      'This node-redis client has keyPrefix "app:". redlua puts the prefix before keys itself',
    );
  }
});

test("however many ports are made over one client, Node warns of no leak", () => {
  const warnings = vi.spyOn(process, "emitWarning");
  onTestFinished(() => warnings.mockRestore());
  const rootNodes = [{ socket: { host: "127.0.0.1", port: 1 } }];
  for (const client of [createClient(), createCluster({ rootNodes })])
    for (let count = 0; count < 11; count++) nodeRedisPort(client as Parameters<typeof nodeRedisPort>[0]);
  expect(warnings).not.toHaveBeenCalled();
});

test("a client that was never connected says so at once", async () => {
  const port = nodeRedisPort(createClient());
  await expect(port.send(["PING"], { resend: "never" })).rejects.toMatchObject({
    code: "CLIENT_CLOSED",
    message: expect.stringContaining("never connected. Call its connect() first."),
    applied: "no",
  });
});

test("what waits for a connection is told when the client is closed instead", async () => {
  const client = createClient({ socket: { path: "/nobody/listens/there", tls: false } });
  const port = nodeRedisPort(client);
  client.connect().catch(() => {});
  const waiting = port.send(["PING"], { resend: "never" });
  client.destroy();
  await expect(waiting).rejects.toMatchObject({ code: "CLIENT_CLOSED", applied: "no" });
});

test("a pool and a Sentinel client are refused, with what to do instead", () => {
  const sentinel = { name: "main", sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }] };
  for (const [client, said] of [
    [createClientPool(), "not a pool. A port needs none"],
    [createSentinel(sentinel), 'not a Sentinel client. With ioredis, connect("redis+sentinel://'],
    [createClientPool5(), "not a pool"],
    [createSentinel5(sentinel), "not a Sentinel client"],
  ] as const)
    expect(() => nodeRedisPort(client as never)).toThrow(said);
});

test.each([
  ["6", createClient],
  ["5", createClient5 as unknown as typeof createClient],
])("a client of node-redis %s that maps types in its own way gives what every other gives", async (_version, create) => {
  await using server = await startRedis();
  const client = create({
    socket: { path: server.socket, tls: false },
    commandOptions: { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.NUMBER]: String } },
  });
  await client.connect();
  onTestFinished(() => client.destroy());
  const port = nodeRedisPort(client as unknown as Parameters<typeof nodeRedisPort>[0]);
  const command = ["EVAL", "return {'text', 7, {double=1.5}}", "0"];
  expect(await port.send(command, { resend: "never" })).toEqual(["text", 7, "1.5"]);
  expect(await port.send(["ECHO", "text"], { resend: "never" })).toBe("text");
  expect(await client.echo("text")).toEqual(Buffer.from("text"));
});

test("an empty command is refused: Redis would not answer it, and every answer after it would be another's", async () => {
  await using server = await startRedis();
  await using redis = await connect(server.url, { client: "node-redis" });
  await expect((async () => redis.send([], { resend: "never" }))()).rejects.toThrow("A command begins with its name");
  expect(await redis.send(["PING"], { resend: "never" })).toBe("PONG");
});
