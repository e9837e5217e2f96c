import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { ioredisPort } from "./index.ts";

test("all ports over one client share its listeners, which stay", () => {
  const client = new Redis({ lazyConnect: true });
  onTestFinished(() => client.disconnect());
  for (let count = 0; count < 11; count++) ioredisPort(client);
  expect(["error", "ready", "end"].map((event) => client.listenerCount(event))).toEqual([1, 1, 1]);
});
