import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { InvalidInputError, show } from "../core/index.ts";
import { type Codec, decoded, encoded } from "./value.ts";

/** A session that lives. */
export interface LiveSession<Data extends object> {
  /** Unguessable. After {@link Session.rotate} it may be another than the one that was asked for: hand this one to the client. */
  readonly id: string;
  readonly user: string | null;
  readonly data: Data;
  /** Grows with each change of its data. */
  readonly version: number;
  readonly createdAt: number;
  readonly touchedAt: number;
  /** When it lapses if nobody asks for it. */
  readonly expiresAt: number;
  /** When it ends, however often it is asked for. */
  readonly endsAt: number;
  readonly expiresInMs: number;
}

/** A field of the data is `d:` and its name, so that it cannot be mistaken for one of ours. */
const dataField = "d:";
const fieldsMax = 1_000;

/** Writes data as fields of a hash, each by the codec. */
export function toFields(data: object, codec: Codec<unknown>): { readonly [field: string]: Uint8Array | string } {
  if (typeof data !== "object" || data === null || Array.isArray(data)) {
    throw new InvalidInputError("INPUT_INVALID", "data", `data must be an object of fields, not ${show(data)}.`);
  }
  const entries = Object.entries(data).filter(([, value]) => value !== undefined);
  checkCount(entries.length);
  return Object.fromEntries(entries.map(([name, value]) => [dataField + name, encoded(codec, `data.${name}`, value)]));
}

/** The fields that changes drop: those that are given as undefined. */
export function clearedFields(changes: object): readonly string[] {
  const cleared = Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [dataField + name] : []));
  checkCount(cleared.length);
  return cleared;
}

function checkCount(fields: number): void {
  if (fields <= fieldsMax) return;
  throw new InvalidInputError("INPUT_INVALID", "data", `data must have at most ${fieldsMax} fields, not ${fields}.`);
}

/** Reads what HGETALL answers of a session. */
export function toSession<Data extends object>(
  id: string,
  words: readonly (Uint8Array | string)[],
  nowMs: number,
  codec: Codec<unknown>,
): LiveSession<Data> {
  const facts: Record<string, string> = {};
  const data: [string, unknown][] = [];
  for (let index = 0; index < words.length; index += 2) {
    const field = String(Buffer.from(words[index] as string));
    const value = words[index + 1] as Uint8Array | string;
    if (field.startsWith(dataField)) data.push([field.slice(dataField.length), decoded(codec, id, value)]);
    else facts[field] = String(Buffer.from(value as string));
  }
  const expiresAt = Number(facts["expiresAt"]);
  return {
    id,
    user: facts["user"] ?? null,
    data: Object.fromEntries(data) as Data,
    version: Number(facts["version"]),
    createdAt: Number(facts["createdAt"]),
    touchedAt: Number(facts["touchedAt"]),
    expiresAt,
    endsAt: Number(facts["endsAt"]),
    expiresInMs: expiresAt - nowMs,
  };
}

/** 192 bits, after the shard in which the session is. */
export function drawId(shard: number): string {
  return `${shard.toString(36)}.${randomBytes(24).toString("base64url")}`;
}

/** The shard of an id; `undefined` if it is none of ours, as what comes in a cookie may be. */
export function shardOfId(id: unknown): number | undefined {
  const [, shard] = (typeof id === "string" ? /^([0-9a-z]{1,3})\.[\w-]{32}$/.exec(id) : null) ?? [];
  return shard === undefined ? undefined : Number.parseInt(shard, 36);
}
