import { randomBytes } from "node:crypto";
import type { RedisPort } from "../client/index.ts";
import { type RunOptions, run } from "../script/index.ts";
import type { Change } from "./invalidation-bus.ts";
import { entryKeys, epochKey } from "./keys.ts";
import * as scripts from "./scripts.gen.ts";

/** What a reading found. */
export type Found = scripts.Read["reply"];

/** An entry to be stored, and for how long. */
export interface Stored {
  readonly entry: Uint8Array;
  /** How long its key lives, in ms. */
  readonly px: number;
  /** When it ends however often it is read, in ms from now; 0 if reading does not prolong it. */
  readonly absolute: number;
}

/** How changes are told. */
export interface Teller {
  readonly channel: string;
  message(change: Change, name: string): string;
}

/** Epochs outlive the longest entry that there can be, twice 49 days: its time to live and its time as a stale one. */
const keepMs = 2 * 2 ** 32;

/** The Redis tier: one script for each transition of an entry. */
export class RedisTier {
  readonly #redis: RedisPort;
  readonly #name: string;
  readonly #teller: Teller;
  readonly #leaseMs: number;
  readonly #options: RunOptions;

  constructor(
    redis: RedisPort,
    teller: Teller,
    settings: { readonly prefix: string; readonly leaseMs: number; readonly timeoutMs: number },
  ) {
    this.#redis = redis;
    this.#name = settings.prefix;
    this.#teller = teller;
    this.#leaseMs = settings.leaseMs;
    this.#options = { timeout: settings.timeoutMs };
  }

  /** Reads an entry, and takes the lead of computing it if it is needed. With no token it only looks. */
  read(key: string, token: string | undefined, draw: number, stale: boolean, unfit?: Uint8Array): Promise<Found> {
    const args = { token: token ?? "", leaseMs: token === undefined ? 0 : this.#leaseMs, draw, stale, unfit };
    return run(this.#redis, scripts.read, entryKeys(this.#name, key), args, this.#options);
  }

  /** Stores what was computed. `false` if the lead was taken away meanwhile. */
  async fill(key: string, token: string, stored: Stored): Promise<boolean> {
    const args = { token, ...wordsOf(stored), ...this.#tell("done", key) };
    const { outcome } = await run(this.#redis, scripts.fill, entryKeys(this.#name, key), args, this.#options);
    return outcome === "stored";
  }

  /** Gives up the lead, or pauses for so long. */
  async release(key: string, token: string, pauseMs: number): Promise<void> {
    const { lease } = entryKeys(this.#name, key);
    await run(this.#redis, scripts.release, { lease }, { token, pauseMs, ...this.#tell("done", key) }, this.#options);
  }

  /** Keeps the lead. `false` if it was taken away. */
  renew(key: string, token: string): Promise<boolean> {
    const { lease } = entryKeys(this.#name, key);
    return run(this.#redis, scripts.renew, { lease }, { token, leaseMs: this.#leaseMs }, this.#options);
  }

  /** Stores a value, whoever computes one. */
  async write(key: string, stored: Stored): Promise<void> {
    const args = { ...wordsOf(stored), ...this.#tell("changed", key) };
    await run(this.#redis, scripts.write, entryKeys(this.#name, key), args, this.#options);
  }

  /** Forgets an entry, or lets it live on as a stale one. Answers whether there was one. */
  end(key: string, how: "remove" | "expire"): Promise<boolean> {
    const script = how === "remove" ? scripts.remove : scripts.expire;
    return run(this.#redis, script, entryKeys(this.#name, key), this.#tell("changed", key), this.#options);
  }

  /** The epoch of a tag. */
  epoch(tag: string): Promise<string> {
    return run(this.#redis, scripts.epoch, { tag: epochKey(this.#name, tag) }, { fresh: newEpoch(), keepMs }, this.#options);
  }

  /** Gives a tag a new epoch. */
  async invalidate(tag: string): Promise<void> {
    const args = { fresh: newEpoch(), keepMs, ...this.#tell("tag", tag) };
    await run(this.#redis, scripts.invalidate, { tag: epochKey(this.#name, tag) }, args, this.#options);
  }

  #tell(change: Change, name: string): { readonly channel: string; readonly message: string } {
    return { channel: this.#teller.channel, message: this.#teller.message(change, name) };
  }
}

/** What is sent of an entry: those who make one know more of it. */
function wordsOf({ entry, px, absolute }: Stored): Stored {
  return { entry, px, absolute };
}

/** 48 random bits of this process, and a count: what is drawn at each reading would cost as much as the rest of it. */
let epochsBegin = "";
let epochs = 0;

/** An epoch of 12 characters: no two are alike. */
function newEpoch(): string {
  if (epochs % 36 ** 4 === 0) epochsBegin = randomBytes(6).toString("base64url");
  return epochsBegin + (epochs++ % 36 ** 4).toString(36).padStart(4, "0");
}
