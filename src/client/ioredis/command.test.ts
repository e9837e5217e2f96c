import { Cluster, Redis } from "ioredis";
import { Cluster as Cluster5, Redis as Redis5 } from "ioredis5";
import { describe, expect, onTestFinished, test } from "vitest";
import type { IoredisClient } from "./client-shape.ts";
import { portCommandClass } from "./command.ts";
import { portCommand } from "./exchange.ts";
import { ioredisPort } from "./index.ts";

const nodes = [{ host: "127.0.0.1", port: 1 }];
const clients: readonly (readonly [string, () => IoredisClient, unknown])[] = [
  ["ioredis 6", () => new Redis({ lazyConnect: true }), Redis.Command],
  ["ioredis 6, cluster", () => new Cluster(nodes, { lazyConnect: true }), Redis.Command],
  ["ioredis 5", () => new Redis5({ lazyConnect: true }), Redis5.Command],
  ["ioredis 5, cluster", () => new Cluster5(nodes, { lazyConnect: true }), Redis5.Command],
];

describe.each(clients)("%s", (_name, make, Command) => {
  const open = (): IoredisClient => {
    const client = make();
    onTestFinished(() => client.disconnect());
    return client;
  };

  test("commands are those of the client's own copy of ioredis", () => {
    const sent = portCommand(portCommandClass(open()), ["evalsha", "abc", "0"], { resend: "never" });
    expect(sent).toBeInstanceOf(Command);
    expect(sent.written).toBe(false);
    expect(String(sent.toWritable())).toBe("*3\r\n$7\r\nEVALSHA\r\n$3\r\nabc\r\n$1\r\n0\r\n");
    expect(sent.written).toBe(true);
  });

  test("a command that was taken back is written as a PING, which nobody notices", () => {
    const sent = portCommand(portCommandClass(open()), ["INCR", "key"], { resend: "ok" });
    sent.withdraw();
    expect(String(sent.toWritable())).toBe("*1\r\n$4\r\nPING\r\n");
    expect(sent.written).toBe(false);
  });
});

test("a client with a keyPrefix is refused, with what to do instead", () => {
  const single = new Redis({ lazyConnect: true, keyPrefix: "app:" });
  const cluster = new Cluster(nodes, { lazyConnect: true, redisOptions: { keyPrefix: "app:" } });
  for (const client of [single, cluster]) {
    onTestFinished(() => client.disconnect());
    expect(() => ioredisPort(client)).toThrow(
      'This ioredis client has keyPrefix "app:". redlua puts the prefix before keys itself',
    );
  }
  expect(() => ioredisPort(new Redis({ lazyConnect: true }), { prefx: "a" } as object)).toThrow('Did you mean "prefix"?');
});
