import { connect } from "redlua";
import { expect, test } from "vitest";
import { findRedis } from "./redis-of-its-own.ts";

test("a Redis of its own is started again when it has died, and only then", async () => {
  const found = await findRedis(undefined);
  try {
    expect(await found.revive()).toBe(false);
    const redis = await connect(found.url, { timeout: "5s" });
    await expect(redis.send(["SHUTDOWN", "NOSAVE"], { resend: "never" })).rejects.toThrow();
    expect(await found.revive()).toBe(true);
    expect(await redis.send(["PING"], { resend: "ok" })).toBe("PONG");
    await redis.close();
  } finally {
    await found.stop();
  }
});

test("a Redis that is given is left alone, and its password is not told", async () => {
  const found = await findRedis("redis://ada:secret@db.example:6380/1");
  expect([found.url, found.what]).toEqual(["redis://ada:secret@db.example:6380/1", "redis://db.example:6380/1"]);
  expect(await found.revive()).toBe(false);
  await found.stop();
});
