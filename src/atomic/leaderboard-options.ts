import {
  callable,
  type Duration,
  duration,
  InvalidInputError,
  integer,
  oneOf,
  readOptions,
  show,
  text,
  withDefault,
} from "../core/index.ts";
import { offsetField, type Period, periodField } from "./calendar.ts";
import { checkName, type LeaderboardKeys, leaderboardKeys } from "./keys.ts";
import { codecField } from "./options.ts";
import type { Codec } from "./value.ts";

/** Options of a {@link Leaderboard}. Everyone who uses a board must give the same order, ranking and ties. */
export interface LeaderboardOptions<Metadata> {
  /** Which board; part of every key. */
  readonly name: string;
  /** Which scores come first. @default "high" */
  readonly order?: "high" | "low";
  /**
   * Ranks of equal scores: `ordinal` 1 2 3 4, nobody has the rank of another; `competition` 1 2 2 4; `dense` 1 2 2 3.
   * @default "ordinal"
   */
  readonly ranking?: "ordinal" | "competition" | "dense";
  /**
   * Who comes first among equal scores: `earliest` who reached the score first, `latest` who reached it last, `lexicographic` by id,
   * byte by byte, which costs least. @default "earliest"
   */
  readonly ties?: "earliest" | "latest" | "lexicographic";
  /** A board of its own for each period of the calendar, by the server's clock. @default one board for all time */
  readonly each?: Period;
  /** How far the calendar is ahead of UTC, `"+02:00"`. It does not follow daylight saving time. @default "Z" */
  readonly offset?: string;
  /** How long a board is kept: from the end of its period or, without periods, from the last write. @default "30d" */
  readonly ttl?: Duration;
  /** So many members are kept; who is worse is dropped. @default no limit */
  readonly max?: number;
  /** How the metadata of members become bytes and back. @default text */
  readonly codec?: Codec<Metadata>;
  /** Instead of the server's clock, in tests: milliseconds since 1970. */
  readonly now?: () => number;
}

/** Options of a leaderboard, read. */
export interface LeaderboardSettings<Metadata> {
  readonly name: string;
  readonly keys: LeaderboardKeys;
  readonly high: boolean;
  /** What every script is told. */
  readonly layout: string;
  readonly period: { readonly each: string; readonly offsetMs: number };
  readonly ttlMs: number;
  /** 0 for no limit. */
  readonly max: number;
  readonly codec: Codec<Metadata>;
  readonly now: () => number | undefined;
}

/** @throws {InvalidInputError} if an option is unknown, unusable or missing */
export function readLeaderboardOptions<Metadata>(options: LeaderboardOptions<Metadata>): LeaderboardSettings<Metadata> {
  const read = readOptions("Leaderboard", options, {
    name: { ...text({ max: 512 }), required: true },
    order: withDefault(oneOf("high", "low"), "high"),
    ranking: withDefault(oneOf("ordinal", "competition", "dense"), "ordinal"),
    ties: withDefault(oneOf("earliest", "latest", "lexicographic"), "earliest"),
    each: periodField(),
    offset: offsetField(),
    ttl: withDefault(duration({ min: 1, max: 100 * 366 * 86_400_000 }), "30d"),
    max: withDefault(integer({ min: 1 }), undefined),
    codec: codecField<Metadata>(),
    now: callable<() => number>(),
  });
  checkName("Leaderboard.name", read.name);
  return {
    name: read.name,
    keys: leaderboardKeys(read.name),
    high: read.order === "high",
    layout: `${read.order} ${read.ranking} ${read.ties}`,
    period: { each: read.each ?? "", offsetMs: read.offset },
    ttlMs: read.ttl,
    max: (read.max as number | undefined) ?? 0,
    codec: read.codec,
    now: read.now ?? (() => undefined),
  };
}

/** @throws {InvalidInputError} `INPUT_INVALID` if it cannot be the id of a member */
export function checkMember(field: string, id: unknown): asserts id is string {
  if (typeof id === "string" && id.length > 0 && id.length <= 1_000) return;
  throw new InvalidInputError("INPUT_INVALID", field, `${field} must be text of 1 to 1000 characters, not ${show(id)}.`);
}

/** @throws {InvalidInputError} `INPUT_INVALID` if it is no score, or lies where whole numbers are no longer exact */
export function checkScore(field: string, score: unknown): asserts score is number {
  if (typeof score === "number" && Math.abs(score) <= Number.MAX_SAFE_INTEGER) return;
  const message = `${field} must be a number from -(2^53 - 1) to 2^53 - 1, not ${show(score)}.`;
  throw new InvalidInputError("INPUT_INVALID", field, message);
}
