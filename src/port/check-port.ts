import { InvalidInputError, show } from "../core/index.ts";
import type { RedisPort } from "./port.ts";

type Given = Readonly<Record<string, unknown>>;

/** What is handed over in place of something else, by what it has. */
const others: readonly Other[] = [
  { is: ({ then: each }) => typeof each === "function", what: "a promise", remedy: "await it: await connect(url)" },
  { is: isEmbedded, what: "an embedded engine", remedy: "take its connect()" },
  { is: isIoredis, what: "a client of ioredis", remedy: 'make it ioredisPort(client), of "redlua/client/ioredis"' },
  { is: isNodeRedis, what: "a client of node-redis", remedy: 'make it nodeRedisPort(client), of "redlua/client/node-redis"' },
  { is: isPort, what: "a port of redlua" },
];

interface Other {
  readonly is: (given: Given) => boolean;
  readonly what: string;
  /** How a port is made of it, unless it is one. */
  readonly remedy?: string;
}

/**
 * Throws unless it is a port. A client as it comes from its library would fail later, and not say why.
 *
 * @param owner what needs one: `Queue`
 * @throws {InvalidInputError} `INPUT_INVALID`, with how a port is made of what was given
 * @example
 * checkPort("Queue", redis);
 */
export function checkPort(owner: string, redis: unknown): asserts redis is RedisPort {
  if (isObject(redis) && isPort(redis)) return;
  const { what = show(redis), remedy = "await connect(url) answers one" } = otherOf(redis) ?? {};
  throw new InvalidInputError("INPUT_INVALID", "redis", `${owner} needs a port of redlua, not ${what}: ${remedy}.`);
}

/** The error of an adapter that was given what is no client of its library. */
export function notClient(owner: string, wanted: string, given: unknown): InvalidInputError {
  const what = otherOf(given)?.what ?? show(given);
  return new InvalidInputError("INPUT_INVALID", "client", `${owner} takes a client of ${wanted}, not ${what}.`);
}

/** Whether it looks like a client of ioredis, or of a fork of it. */
export function isIoredis(given: unknown): boolean {
  return isObject(given) && typeof given["sendCommand"] === "function" && typeof given["status"] === "string";
}

/** Whether it looks like a client of node-redis. */
export function isNodeRedis(given: unknown): boolean {
  return isObject(given) && typeof given["sendCommand"] === "function" && typeof given["isOpen"] === "boolean";
}

function otherOf(given: unknown): Other | undefined {
  return isObject(given) ? others.find(({ is }) => is(given)) : undefined;
}

function isPort({ send, traits }: Given): boolean {
  return typeof send === "function" && isObject(traits);
}

function isEmbedded({ execute, listen }: Given): boolean {
  return typeof execute === "function" && typeof listen === "function";
}

function isObject(given: unknown): given is Given {
  return typeof given === "object" && given !== null;
}
