import { basename } from "node:path";
import { connect } from "redlua";
import { startRedis } from "redlua/testing";
import { expect, inject, test } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** What the tests of this project run on, by the word of `vitest.config.ts`. */
    readonly engine: "embedded" | "redis-server";
  }
}

test("a test that asks for no engine gets that of its project, by the word of the server itself", async () => {
  await using server = await startRedis();
  const redis = await connect(server.url);
  const info = String(await redis.send(["INFO", "server"], { resend: "ok" }));
  await redis.close();
  const fact = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1];
  const isReal = ["redis-server", "valkey-server"].includes(basename(fact("executable") ?? ""));
  const isHere = fact("process_id") === String(process.pid);
  expect({ isReal, isHere }).toEqual(
    {
      "redis-server": { isReal: true, isHere: false },
      embedded: { isReal: false, isHere: true },
    }[inject("engine")],
  );
});
