import type { RedisPort } from "../../src/port/index.ts";

const asked = (): never => {
  throw new Error("Redis was asked.");
};

/**
 * A Redis of which whatever is asked is an error: bad input is refused before.
 *
 * @public
 */
export const neverAsked = {
  traits: { cluster: false, client: "none", prefix: "" },
  send: asked,
  batch: asked,
  broadcast: asked,
  subscribe: asked,
  block: asked,
} as unknown as RedisPort;
