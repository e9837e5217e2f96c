/** A member and its score. */
export interface ScoreEntry<Metadata> {
  readonly id: string;
  readonly score: number;
  /** What else to keep of the member; replaces what was kept before. */
  readonly metadata?: Metadata;
}

/** How a member stands after its score was recorded. */
export interface Recorded {
  /** From 1; `null` if the member is already beyond the board's `max`. */
  readonly rank: number | null;
  readonly score: number;
  /** The score before; `null` if there was none. */
  readonly previous: number | null;
  /** Whether the score is another now. */
  readonly changed: boolean;
}

/** One line of a leaderboard. */
export interface Standing<Metadata> {
  readonly id: string;
  /** From 1. */
  readonly rank: number;
  readonly score: number;
  readonly metadata: Metadata | null;
}

/** How one member stands. */
export interface MemberStanding<Metadata> extends Standing<Metadata> {
  /** How many members there are. */
  readonly total: number;
  /** How many of the others, in percent, have a worse score; 100 for the only member. */
  readonly percentile: number;
  /** Who comes right before it, the best first. */
  readonly above: readonly Standing<Metadata>[];
  /** Who comes right after it. */
  readonly below: readonly Standing<Metadata>[];
}

/** Which board is meant, if there is one for each period. */
export interface BoardMoment {
  /** Any moment of the period. @default now, by the server's clock */
  readonly at?: Date | number;
}

/** A part of a leaderboard. */
export interface LeaderboardPage<Metadata> {
  /** How many members there are. */
  readonly total: number;
  readonly members: readonly Standing<Metadata>[];
}
