import { createEmbedded } from "redlua/embedded";
import { startRedis } from "redlua/testing";

/** How long something may take for which there is no event. */
export const patience = { interval: 2, timeout: 10_000 } as const;

/** A server on a port of this machine, for programs that know nothing of redlua. */
export interface Listening extends AsyncDisposable {
  readonly port: number;
}

/** The two that must do the same: a real server, and the embedded engine behind a port. */
export const servers: readonly (readonly [name: string, start: () => Promise<Listening>])[] = [
  [
    "redis-server",
    async () => {
      const server = await startRedis({ tcp: true, engine: "redis-server" });
      return { port: server.port as number, [Symbol.asyncDispose]: () => server.stop() };
    },
  ],
  [
    "the embedded engine",
    async () => {
      const redis = createEmbedded();
      const { port } = await redis.listen();
      return { port: port as number, [Symbol.asyncDispose]: () => redis.stop() };
    },
  ],
];
