import { RedluaError, show } from "../core/index.ts";

/** What became of one key of many. */
export type KeyOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly key: string; readonly error: RedluaError };

/** A stored value that its codec cannot read: written by another program, or with another codec. */
export class ValueError extends RedluaError {
  override readonly code = "ATOMIC_VALUE_UNREADABLE";
  readonly key: string;

  constructor(key: string, cause: unknown) {
    super(`The value of ${JSON.stringify(key)} cannot be read by the codec that was given. Read it with the one that wrote it.`, {
      cause,
    });
    this.key = key;
  }
}

/** Some of many keys failed. What became of each, of those that did not fail as well, is in {@link MultipleError.results}. */
export class MultipleError extends RedluaError {
  override readonly code = "ATOMIC_MULTIPLE";
  /** In the order of the keys that were asked for. */
  readonly results: readonly KeyOutcome<unknown>[];

  constructor(results: readonly KeyOutcome<unknown>[], first: { readonly key: string; readonly error: RedluaError }) {
    const failed = results.filter(({ ok }) => !ok).length;
    const why = first.error.message.replace(/\.?$/, ".");
    super(
      `${failed} of ${results.length} keys failed, the first, ${show(first.key)}, because: ${why} What became of each is in results.`,
      {
        cause: first.error,
      },
    );
    this.results = results;
  }
}

/** A score would have left the range in which every whole number is exact. Nothing was changed. */
export class ScoreRangeError extends RedluaError {
  override readonly code = "ATOMIC_SCORE_RANGE";
  readonly member: string;
  /** The score that the member has and keeps. */
  readonly score: number;

  constructor(facts: Pick<ScoreRangeError, "member" | "score">) {
    super(
      `The score of ${JSON.stringify(facts.member)} is ${facts.score}, and would have left ±(2^53 - 1), where digits are lost. It stays as it is.`,
    );
    this.member = facts.member;
    this.score = facts.score;
  }
}

/** A leaderboard that exists was built with other options: its order, its ranking or its rule for ties. */
export class LeaderboardMismatchError extends RedluaError {
  override readonly code = "ATOMIC_LEADERBOARD_MISMATCH";
  /** The options of the board that exists: `high ordinal earliest`. */
  readonly stored: string;

  constructor(name: string, stored: string, given: string) {
    super(
      `The leaderboard ${JSON.stringify(name)} exists as "${stored}", and was asked for as "${given}". Use the same order, ranking and ties everywhere, or clear() it, or give it another name.`,
    );
    this.stored = stored;
  }
}
