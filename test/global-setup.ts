import { ensureRedisServer } from "redlua/testing";

/** Every test runs against a real Redis: one is found or installed here, or the run fails with what to type. */
export async function setup(): Promise<void> {
  await ensureRedisServer((line) => console.log(line));
}
