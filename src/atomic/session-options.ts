import { callable, type Duration, duration, InvalidInputError, integer, readOptions, text, withDefault } from "../core/index.ts";
import { checkName } from "./keys.ts";
import { codecField } from "./options.ts";
import { type Codec, json } from "./value.ts";

/** Options of {@link Session}. */
export interface SessionOptions {
  /** Which sessions; part of every key. @default "session" */
  readonly name?: string;
  /** A session lapses when nobody has asked for it for so long. @default "30m" */
  readonly idle?: Duration;
  /** A session ends after so long, however often it is asked for. @default "7d" */
  readonly absolute?: Duration;
  /** A read prolongs a session only if the last to do so was so long ago: the others write nothing. @default "1m", at most half of `idle` */
  readonly touchEvery?: Duration;
  /** How long the old id of a session is honored after `rotate`, for requests that are under way. @default "30s" */
  readonly grace?: Duration;
  /** How long it is remembered that a session was ended, so that whatever comes late for it is refused. @default "5m" */
  readonly tombstone?: Duration;
  /**
   * Sessions are spread over so many slots of a cluster. After a change, `list` and `destroyAll` miss sessions that users whose slot has moved
   * began before. @default 64
   */
  readonly shards?: number;
  /** How the fields of the data become bytes and back. @default json() */
  readonly codec?: Codec<unknown>;
  /** Instead of the server's clock, in tests: milliseconds since 1970. */
  readonly now?: () => number;
}

/** Options of sessions, read. */
export interface SessionSettings {
  readonly name: string;
  readonly idleMs: number;
  readonly absoluteMs: number;
  readonly touchMs: number;
  readonly graceMs: number;
  readonly keepMs: number;
  readonly shards: number;
  readonly codec: Codec<unknown>;
  readonly now: () => number | undefined;
}

const century = 100 * 366 * 86_400_000;

/** @throws {InvalidInputError} if an option is unknown or unusable */
export function readSessionOptions(options: SessionOptions): SessionSettings {
  const { name, idle, absolute, touchEvery, grace, tombstone, shards, codec, now } = readOptions("Session", options, {
    name: withDefault(text({ max: 512 }), "session"),
    idle: withDefault(duration({ min: 1, max: century }), "30m"),
    absolute: withDefault(duration({ min: 1, max: century }), "7d"),
    touchEvery: duration({ max: century }),
    grace: withDefault(duration({ max: century }), "30s"),
    tombstone: withDefault(duration({ min: 1, max: century }), "5m"),
    shards: withDefault(integer({ min: 1, max: 16_384 }), 64),
    codec: { ...codecField<unknown>(), fallback: json() },
    now: callable<() => number>(),
  });
  checkName("Session.name", name);
  if (touchEvery !== undefined && touchEvery >= idle) {
    const message = `Session.touchEvery (${touchEvery} ms) must be less than idle (${idle} ms): sessions in use would lapse.`;
    throw new InvalidInputError("OPTION_INVALID", "Session.touchEvery", message);
  }
  return {
    name,
    idleMs: idle,
    absoluteMs: absolute,
    touchMs: touchEvery ?? Math.min(60_000, Math.floor(idle / 2)),
    graceMs: grace,
    keepMs: tombstone,
    shards,
    codec,
    now: now ?? (() => undefined),
  };
}
