import { randomInt } from "node:crypto";
import type { RedisPort } from "../client/index.ts";
import { boolean, InvalidInputError, integer, readOptions, show, text, withDefault } from "../core/index.ts";
import { checkPort } from "../port/index.ts";
import { type RunOptions, run } from "../script/index.ts";
import { type SessionKeys, sessionKeys, shardOf } from "./keys.ts";
import {
  createSession,
  destroySession,
  destroySessions,
  getSession,
  listSessions,
  rotateSession,
  updateSession,
} from "./scripts.gen.ts";
import { readSessionOptions, type SessionOptions, type SessionSettings } from "./session-options.ts";
import { clearedFields, drawId, type LiveSession, shardOfId, toFields, toSession } from "./session-record.ts";
import { reading } from "./value.ts";

/** What became of an update. */
export type SessionUpdate<Data extends object> =
  | { readonly updated: true; readonly session: LiveSession<Data> }
  | { readonly updated: false; readonly reason: "conflict"; readonly current: LiveSession<Data> }
  | { readonly updated: false; readonly reason: "ended" };

/** A session in the list of its user, without its data. */
export interface SessionSummary {
  readonly id: string;
  readonly createdAt: number;
  readonly touchedAt: number;
  readonly expiresAt: number;
}

/** So many sessions are ended in one script. */
const endedAtOnce = 200;

/**
 * Sessions of users: each has data, lapses when it is idle, ends after a time, and can be ended for good: no write that comes later
 * brings it back. The time is the server's.
 *
 * @example
 * const sessions = new Session<{ cart: string[] }>(redis, { idle: "30m", absolute: "7d" });
 * const { id } = await sessions.create({ user: "ada", data: { cart: [] } });
 * await sessions.update(id, { cart: ["tea"] });
 * const session = await sessions.get(id); // { id, user, data: { cart: ["tea"] }, version: 2, expiresAt, … }
 */
export class Session<Data extends object = Record<string, unknown>> {
  readonly #redis: RedisPort;
  readonly #settings: SessionSettings;
  readonly #reading: RunOptions;

  /** @throws {InvalidInputError} if an option is unknown or unusable */
  constructor(redis: RedisPort, options: SessionOptions = {}) {
    checkPort("Session", redis);
    this.#redis = redis;
    this.#settings = readSessionOptions(options);
    this.#reading = reading(this.#settings.codec);
  }

  /**
   * Begins a session. Its id is unguessable; one without a user is listed nowhere. When an anonymous visitor logs in, create a session
   * for the user with the data of the old one, and destroy that: an id that was known before the login must not be worth more after it.
   */
  async create(options: { readonly user?: string; readonly data?: Data } = {}): Promise<LiveSession<Data>> {
    const { user, data = {} } = readOptions("Session.create", options, { user: text({ max: 512 }), data: plainObject<Data>() });
    const shard = user === undefined ? randomInt(this.#settings.shards) : shardOf(user, this.#settings.shards);
    const args = {
      user,
      idleMs: this.#settings.idleMs,
      absoluteMs: this.#settings.absoluteMs,
      now: this.#settings.now(),
      fields: toFields(data, this.#settings.codec),
    };
    for (;;) {
      const id = drawId(shard);
      const reply = await run(
        this.#redis,
        createSession,
        sessionKeys(this.#settings.name, shard),
        { id, ...args },
        this.#reading,
      );
      // Ended before its creator has heard of it, by a log-out-all while the reply was lost: then it is a new one that is wanted.
      if (reply.outcome === "created") return this.#session(id, reply);
    }
  }

  /**
   * Reads a session and lets it live on; `null` if it has lapsed or ended, or is none.
   *
   * @param options `touch: false` reads without letting it live on
   */
  async get(id: string, options: { readonly touch?: boolean } = {}): Promise<LiveSession<Data> | null> {
    const { touch } = readOptions("Session.get", options, { touch: withDefault(boolean(), true) });
    const keys = this.#keysOf(id);
    if (keys === undefined) return null;
    const args = {
      id,
      idleMs: this.#settings.idleMs,
      touchMs: touch ? this.#settings.touchMs : undefined,
      now: this.#settings.now(),
    };
    const reply = await run(this.#redis, getSession, keys, args, this.#reading);
    return reply.outcome === "live" ? this.#session(reply.id, reply) : null;
  }

  /**
   * Changes fields of a session: those that are given, and no others, so that writers of different fields do not undo each other. What
   * is given as `undefined` is dropped. A session that has ended stays ended. Writes once: it is never sent again by itself.
   *
   * @param options `version`: change nothing unless the session still has it
   * @throws {ScriptError} the call failed; `applied` says whether it may have changed the session
   * @example
   * const update = await sessions.update(id, { cart: ["tea"], note: undefined }, { version: session.version });
   */
  async update(
    id: string,
    changes: { readonly [Field in keyof Data]?: Data[Field] | undefined },
    options: { readonly version?: number } = {},
  ): Promise<SessionUpdate<Data>> {
    const { version } = readOptions("Session.update", options, { version: integer({ min: 1 }) });
    const fields = toFields(changes, this.#settings.codec);
    const keys = this.#keysOf(id);
    if (keys === undefined) return { updated: false, reason: "ended" };
    const args = {
      id,
      version,
      idleMs: this.#settings.idleMs,
      now: this.#settings.now(),
      cleared: clearedFields(changes),
      fields,
    };
    const reply = await run(this.#redis, updateSession, keys, args, this.#reading);
    if (reply.outcome === "ended") return { updated: false, reason: "ended" };
    const session = this.#session(reply.id, reply);
    return reply.outcome === "updated" ? { updated: true, session } : { updated: false, reason: "conflict", current: session };
  }

  /** Ends a session for good. Answers whether there was one, also when asked again while that is remembered. */
  async destroy(id: string): Promise<boolean> {
    const keys = this.#keysOf(id);
    if (keys === undefined) return false;
    return await run(this.#redis, destroySession, keys, { id, keepMs: this.#settings.keepMs, now: this.#settings.now() });
  }

  /**
   * Ends all sessions of a user, or all others than one, 200 at a time. Answers how many. Writes once: after an error, ask again.
   *
   * @example
   * await sessions.destroyAll("ada", { except: session.id }); // after a change of password
   */
  async destroyAll(user: string, options: { readonly except?: string } = {}): Promise<number> {
    const { except = "" } = readOptions("Session.destroyAll", options, { except: text() });
    checkUser(user);
    const keys = sessionKeys(this.#settings.name, shardOf(user, this.#settings.shards));
    const args = { user, except, limit: endedAtOnce, keepMs: this.#settings.keepMs, now: this.#settings.now() };
    for (let total = 0; ; ) {
      const { ended, more } = await run(this.#redis, destroySessions, keys, args);
      total += ended;
      if (!more) return total;
    }
  }

  /** The sessions of a user, those that lapse last first: at most 100, or `limit` up to 1,000. */
  async list(user: string, options: { readonly limit?: number } = {}): Promise<readonly SessionSummary[]> {
    const { limit } = readOptions("Session.list", options, { limit: withDefault(integer({ min: 1, max: 1_000 }), 100) });
    checkUser(user);
    const keys = sessionKeys(this.#settings.name, shardOf(user, this.#settings.shards));
    return await run(this.#redis, listSessions, keys, { user, limit, now: this.#settings.now() });
  }

  /**
   * Gives a session a new id, for when what it may do changes. The old id leads to the session for a moment more (`grace`), and is then
   * worth nothing; two calls at once give it one new id. `null` if the session has lapsed or ended, or is none.
   */
  async rotate(id: string): Promise<LiveSession<Data> | null> {
    const shard = shardOfId(id);
    const keys = this.#keysOf(id);
    if (shard === undefined || keys === undefined) return null;
    const args = {
      id,
      next: drawId(shard),
      graceMs: this.#settings.graceMs,
      keepMs: this.#settings.keepMs,
      now: this.#settings.now(),
    };
    const reply = await run(this.#redis, rotateSession, keys, args, this.#reading);
    return reply.outcome === "live" ? this.#session(reply.id, reply) : null;
  }

  #session(id: string, reply: { readonly session: readonly (Uint8Array | string)[]; readonly nowMs: number }): LiveSession<Data> {
    return toSession(id, reply.session, reply.nowMs, this.#settings.codec);
  }

  #keysOf(id: string): SessionKeys | undefined {
    const shard = shardOfId(id);
    return shard === undefined ? undefined : sessionKeys(this.#settings.name, shard);
  }
}

function plainObject<Data extends object>(): { readonly expects: string; readonly read: (value: unknown) => Data | undefined } {
  return {
    expects: "an object of fields",
    read: (value) => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Data) : undefined),
  };
}

function checkUser(user: unknown): asserts user is string {
  if (typeof user === "string" && user.length > 0 && user.length <= 512) return;
  throw new InvalidInputError("INPUT_INVALID", "user", `user must be text of 1 to 512 characters, not ${show(user)}.`);
}
