import { formatDouble } from "./format-double.ts";

/**
 * What a command answers, before it is known in which protocol it will leave. A string is a bulk string, a number or bigint
 * an integer, `null` a null bulk string (`$-1`), an array an array; the rest has a class.
 */
export type Reply =
  | number
  | bigint
  | string
  | null
  | boolean
  | Status
  | Refusal
  | Double
  | MapReply
  | SetReply
  | Verbatim
  | BigNumber
  | NullArray
  | readonly Reply[];

/** A simple string, such as `+OK`. */
export class Status {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An error reply. Thrown by commands, and a value where errors are values: in the reply of EXEC, or of `redis.pcall`. */
export class Refusal {
  /** The whole text, its code first: `WRONGTYPE Operation against …`. No line breaks. */
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

/** A number with a fraction: a bulk string in RESP2, a double in RESP3. */
export class Double {
  readonly value: number;
  readonly #text: string | undefined;
  /** @param text how it is written, if not as {@link formatDouble} does */
  constructor(value: number, text?: string) {
    this.value = value;
    this.#text = text;
  }
  /** How it is written. */
  get text(): string {
    return this.#text ?? formatDouble(this.value);
  }
}

/** Names and values in turn: a flat array in RESP2, a map in RESP3. */
export class MapReply {
  readonly entries: readonly Reply[];
  constructor(entries: readonly Reply[]) {
    this.entries = entries;
  }
}

/** Members: an array in RESP2, a set in RESP3. */
export class SetReply {
  readonly members: readonly Reply[];
  constructor(members: readonly Reply[]) {
    this.members = members;
  }
}

/** Text for people: a bulk string in RESP2, a verbatim string in RESP3. */
export class Verbatim {
  readonly text: string;
  readonly format: string;
  constructor(text: string, format = "txt") {
    this.text = text;
    this.format = format;
  }
}

/** An integer of any size, as text: a bulk string in RESP2, a big number in RESP3. */
export class BigNumber {
  readonly digits: string;
  constructor(digits: string) {
    this.digits = digits;
  }
}

/** `*-1` in RESP2: what EXEC answers when a watched key changed, and a blocking command whose time is up. */
export class NullArray {
  declare private readonly kind: "null array";
}

export const OK: Status = new Status("OK");
export const QUEUED: Status = new Status("QUEUED");
export const PONG: Status = new Status("PONG");
export const NULL_ARRAY: NullArray = new NullArray();
/** Shared by all commands that answer nothing. */
export const EMPTY: readonly Reply[] = Object.freeze([]);
