import { ClientError, type RedisPort } from "../client/index.ts";
import { checkPort } from "../port/index.ts";
import { checkScript } from "./call.ts";
import type { Script } from "./define.ts";
import { scriptErrorOf } from "./errors.ts";
import { type Outcome, type RunOptions, run, tryRun } from "./run.ts";
import type { Contract } from "./schema.ts";

/** A script that every primary has been given, bound to its connection. */
export interface PreparedScript<C extends Contract> {
  readonly script: Script<C>;
  /** As {@link run}, without the first two arguments. */
  run(keys: C["keys"], args: C["args"], options?: RunOptions): Promise<C["reply"]>;
  /** As {@link tryRun}, without the first two arguments. */
  tryRun(keys: C["keys"], args: C["args"], options?: RunOptions): Promise<Outcome<C["reply"]>>;
}

/**
 * Loads a script on every primary ahead of its first call, so that not even that one pays for loading. A server that
 * forgets it later (a restart, a failover, SCRIPT FLUSH) is given it again by the call that finds out.
 *
 * @throws {ScriptError} no primary could be reached, or the source does not compile
 * @example
 * const prepared = await prepare(redis, swap);
 * await prepared.run({ stock: "stock:789" }, { expect: "100", value: "99" });
 */
export async function prepare<C extends Contract>(redis: RedisPort, script: Script<C>): Promise<PreparedScript<C>> {
  checkPort("prepare", redis);
  checkScript(script);
  try {
    await redis.broadcast(["SCRIPT", "LOAD", script.lua], { resend: "ok" });
  } catch (error) {
    throw error instanceof ClientError ? scriptErrorOf(script.name, true, error) : error;
  }
  return {
    script,
    run: (keys, args, options) => run(redis, script, keys, args, options),
    tryRun: (keys, args, options) => tryRun(redis, script, keys, args, options),
  };
}
