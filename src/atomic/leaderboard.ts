import type { RedisPort } from "../client/index.ts";
import { InvalidInputError, integer, number, oneOf, readOptions, refuseUnknown, show, withDefault } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { type RunOptions, run } from "../script/index.ts";
import { momentField } from "./calendar.ts";
import { LeaderboardMismatchError, ScoreRangeError } from "./errors.ts";
import {
  checkMember,
  checkScore,
  type LeaderboardOptions,
  type LeaderboardSettings,
  readLeaderboardOptions,
} from "./leaderboard-options.ts";
import { clearBoard, describeMember, findStanding, readPage, record, removeMembers, tally } from "./scripts.gen.ts";
import type { BoardMoment, LeaderboardPage, MemberStanding, Recorded, ScoreEntry, Standing } from "./standing.ts";
import { decoded, encoded, reading } from "./value.ts";

/** More at a time would hold up everyone else. */
const membersMax = 1_000;

/**
 * Members in the order of their scores. Scores are numbers with their full 53 bits; ties, ranks and periods are as the options say.
 * What writes is atomic, writes once, and is never sent again by itself: after an error whose `applied` is `"maybe"`, adding the
 * same score again does no harm, incrementing again may.
 *
 * @example
 * const board = new Leaderboard(redis, { name: "race", order: "low", ranking: "competition" });
 * await board.addIfBetter("ada", 61.25); // { rank: 1, score: 61.25, previous: null, changed: true }
 * await board.get("ada", { around: 2 }); // { rank, score, total, percentile, above, below, … }
 */
export class Leaderboard<Metadata = string> {
  readonly #redis: RedisPort;
  readonly #settings: LeaderboardSettings<Metadata>;
  readonly #reading: RunOptions;

  /** @throws {InvalidInputError} if an option is unknown, unusable or missing */
  constructor(redis: RedisPort, options: LeaderboardOptions<Metadata>) {
    checkPort("Leaderboard", redis);
    this.#redis = redis;
    this.#settings = readLeaderboardOptions(options);
    this.#reading = reading(this.#settings.codec);
  }

  /** Gives a member a score, whatever it had. */
  async add(id: string, score: number, options: { readonly metadata?: Metadata } = {}): Promise<Recorded> {
    return await this.#recordOne("set", { id, score }, options);
  }

  /** Gives a member a score if it has none, or a worse one: a lower one, or a higher one where `order` is `"low"`. */
  async addIfBetter(id: string, score: number, options: { readonly metadata?: Metadata } = {}): Promise<Recorded> {
    return await this.#recordOne("better", { id, score }, options);
  }

  /**
   * Adds to the score of a member; who has none begins at 0.
   *
   * @throws {ScoreRangeError} the sum has more than 53 bits
   */
  async increment(id: string, by = 1, options: { readonly metadata?: Metadata } = {}): Promise<Recorded> {
    return await this.#recordOne("add", { id, score: by }, options);
  }

  /**
   * Gives up to 1,000 members their scores, all at one moment, and answers in their order. Of equal scores the first is the earliest.
   *
   * @throws {InvalidInputError} a member is given twice, or an entry cannot be used
   */
  async addMany(
    entries: readonly ScoreEntry<Metadata>[],
    options: { readonly only?: "better" } = {},
  ): Promise<readonly Recorded[]> {
    const { only } = readOptions("Leaderboard.addMany", options, { only: oneOf("better") });
    checkList("entries", entries);
    return await this.#record(only ?? "set", entries);
  }

  async #recordOne(
    mode: "set" | "better" | "add",
    entry: ScoreEntry<Metadata>,
    options: { readonly metadata?: Metadata },
  ): Promise<Recorded> {
    refuseUnknown("Leaderboard", options, ["metadata"]);
    const [recorded] = await this.#record(mode, [{ ...entry, ...options }]);
    return recorded as Recorded;
  }

  async #record(mode: "set" | "better" | "add", entries: readonly ScoreEntry<Metadata>[]): Promise<readonly Recorded[]> {
    const { keys, layout, period, ttlMs, max, codec, now } = this.#settings;
    const seen = new Set<string>();
    const entry = entries.map((each) => {
      refuseUnknown("entries", Object(each), ["id", "score", "metadata"]);
      const { id, score, metadata } = Object(each) as ScoreEntry<Metadata>;
      checkMember("id", id);
      checkScore("score", score);
      if (seen.has(id)) throw new InvalidInputError("INPUT_INVALID", "entries", `entries give ${show(id)} a score twice.`);
      seen.add(id);
      return { id, score, metadata: metadata === undefined ? undefined : encoded(codec, "metadata", metadata) };
    });
    if (entry.length === 0) return [];
    const reply = await run(this.#redis, record, keys, { layout, ...period, ttlMs, max, mode, now: now(), entry });
    if (reply.outcome === "out-of-range") throw new ScoreRangeError({ member: entry[0]?.id as string, score: reply.score });
    return this.#matching(reply).standings;
  }

  /**
   * Reads how a member stands, and who stands around it, in one call; `null` if it is not on the board.
   *
   * @param options `around`: how many neighbors on either side, at most 500. Default 0
   */
  async get(id: string, options: { readonly around?: number } & BoardMoment = {}): Promise<MemberStanding<Metadata> | null> {
    const { around, at } = readOptions("Leaderboard.get", options, {
      around: withDefault(integer({ min: 0, max: membersMax / 2 }), 0),
      at: momentField(),
    });
    checkMember("id", id);
    const { keys, layout, period, now } = this.#settings;
    const args = { layout, ...period, id, around, now: at ?? now() };
    const reply = this.#matching(await run(this.#redis, findStanding, keys, args, this.#reading));
    if (reply.outcome === "unknown") return null;
    const page = this.#standings(reply.page);
    const { place, total, worse } = reply;
    const percentile = total === 1 ? 100 : (100 * worse) / (total - 1);
    return {
      ...(page[place] as Standing<Metadata>),
      total,
      percentile,
      above: page.slice(0, place),
      below: page.slice(place + 1),
    };
  }

  /** The best, at most 1,000 of them. */
  async top(count: number, options: BoardMoment = {}): Promise<readonly Standing<Metadata>[]> {
    const { members } = await this.page({ limit: count, ...options });
    return members;
  }

  /**
   * Reads members in their order.
   *
   * @param options `offset`: how many to pass over, default 0; `limit`: how many to read, at most 1,000, default 50
   */
  async page(
    options: { readonly offset?: number; readonly limit?: number } & BoardMoment = {},
  ): Promise<LeaderboardPage<Metadata>> {
    const { offset, limit, at } = readOptions("Leaderboard.page", options, {
      offset: withDefault(integer({ min: 0 }), 0),
      limit: withDefault(integer({ min: 1, max: membersMax }), 50),
      at: momentField(),
    });
    const { keys, layout, period, now } = this.#settings;
    const args = { layout, ...period, from: offset, limit, now: at ?? now() };
    const { total, page } = this.#matching(await run(this.#redis, readPage, keys, args, this.#reading));
    return { total, members: this.#standings(page) };
  }

  /** How many members there are, or how many of them have a score from `min` to `max`. */
  async count(options: { readonly min?: number; readonly max?: number } & BoardMoment = {}): Promise<number> {
    const { min, max, at } = readOptions("Leaderboard.count", options, { min: number(), max: number(), at: momentField() });
    const { keys, high, period, now } = this.#settings;
    const [least, most] = high ? [max && -max, min && -min] : [min, max];
    return await run(this.#redis, tally, { scores: keys.scores }, { ...period, least, most, now: at ?? now() });
  }

  /** Takes members off the board. Answers how many were on it. */
  async remove(ids: string | readonly string[], options: BoardMoment = {}): Promise<number> {
    const { at } = readOptions("Leaderboard.remove", options, { at: momentField() });
    const id = typeof ids === "string" ? [ids] : ids;
    checkList("ids", id);
    for (const each of id) checkMember("id", each);
    const { keys, layout, period, now } = this.#settings;
    const reply = await run(this.#redis, removeMembers, keys, { layout, ...period, now: at ?? now(), id });
    return this.#matching(reply).count;
  }

  /** Keeps something of a member, or nothing any more if it is `null`. Answers whether the member is on the board. */
  async describe(id: string, metadata: Metadata | null, options: BoardMoment = {}): Promise<boolean> {
    const { at } = readOptions("Leaderboard.describe", options, { at: momentField() });
    checkMember("id", id);
    const { keys, layout, period, codec, now } = this.#settings;
    const note = metadata === null ? null : encoded(codec, "metadata", metadata);
    const reply = await run(this.#redis, describeMember, keys, { layout, ...period, id, note, now: at ?? now() });
    return this.#matching(reply).outcome === "described";
  }

  /** Forgets the whole board. Answers whether there was one. */
  async clear(options: BoardMoment = {}): Promise<boolean> {
    const { at } = readOptions("Leaderboard.clear", options, { at: momentField() });
    const { keys, period, now } = this.#settings;
    return await run(this.#redis, clearBoard, keys, { ...period, now: at ?? now() });
  }

  #matching<Reply extends { readonly outcome: string }>(reply: Reply): Exclude<Reply, { readonly outcome: "mismatch" }> {
    if (reply.outcome !== "mismatch") return reply as Exclude<Reply, { readonly outcome: "mismatch" }>;
    const { stored } = reply as unknown as { readonly stored: string };
    throw new LeaderboardMismatchError(this.#settings.name, stored, this.#settings.layout);
  }

  #standings(
    page: readonly (Omit<Standing<unknown>, "metadata"> & { readonly metadata: Uint8Array | string | null })[],
  ): readonly Standing<Metadata>[] {
    return page.map((each) => ({ ...each, metadata: decoded(this.#settings.codec, each.id, each.metadata) }));
  }
}

function checkList(field: string, list: unknown): asserts list is readonly unknown[] {
  if (Array.isArray(list) && list.length <= membersMax) return;
  const given = Array.isArray(list) ? `${list.length}` : show(list);
  throw new InvalidInputError("INPUT_INVALID", field, `${field} must be a list of at most ${membersMax}, not ${given}.`);
}
