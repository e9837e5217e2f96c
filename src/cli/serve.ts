import { RedluaError } from "../core/index.ts";
import { createEmbedded, type EmbeddedRedis } from "../embedded/index.ts";
import type { Terminal } from "./run-cli.ts";

/** How the embedded engine is served. */
export interface ServeOptions {
  readonly port: number;
  readonly host?: string;
  /** Path of a Unix socket to listen on as well. */
  readonly unixsocket?: string;
  /** Path of an append-only file. */
  readonly aof?: string;
  readonly fsync: "always" | "everysec" | "no";
}

/** Serves the embedded engine until the process is told to end. Answers the exit code. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<number> {
  const { port, host, unixsocket, aof, fsync } = options;
  let redis: EmbeddedRedis | undefined;
  try {
    redis = createEmbedded(aof === undefined ? {} : { aof: { file: aof, fsync } });
    if (unixsocket !== undefined) await redis.listen({ path: unixsocket });
    const server = await redis.listen({ port, ...(host !== undefined && { host }) });
    const kept = aof === undefined ? "Nothing is kept when it ends" : `What is written is kept in ${aof}`;
    terminal.out(`redlua's embedded engine answers as Redis 7.0 does at ${server.url}. ${kept}. Stop it with Ctrl-C.`);
  } catch (error) {
    await redis?.stop();
    if (!(error instanceof RedluaError)) throw error;
    terminal.error(`redlua: ${error.message}`);
    return 1;
  }
  await Promise.race([...endings(), redis.ended]);
  await redis.stop();
  return 0;
}

/** Each resolves when the process is told to end in one way. */
function endings(): readonly Promise<void>[] {
  return (["SIGINT", "SIGTERM"] as const).map((signal) => new Promise((resolve) => process.once(signal, () => resolve())));
}
