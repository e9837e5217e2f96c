import { LuaTable, type LuaValue } from "../lua/index.ts";
import { BigNumber, Double, MapReply, type Reply, refuse, SetReply, Status, Verbatim } from "../value/index.ts";
import { refusalOfTable } from "./error-table.ts";
import { oneLine } from "./flags.ts";

/**
 * How deep tables may nest in a reply. Redis goes to 7,995, where the stack of Lua ends; ours is smaller, so that nobody who
 * walks the reply runs out of stack.
 */
const slotsMax = 1000;

const smallest = -(2n ** 63n);

/**
 * The reply that a script's result stands for, as Redis converts it: numbers lose their fraction, a list ends at the first nil,
 * false is null, and tables with one of the fields `err`, `ok`, `double`, `big_number`, `verbatim_string`, `map` or `set` are that.
 */
export class ReplyWriter {
  /** The protocol that the script asked for by `redis.setresp`: in RESP3 booleans stay booleans. */
  readonly #script: 2 | 3;
  /** The protocol of the client that waits for the reply. */
  readonly #client: 2 | 3;
  readonly #tick: () => void;

  /** @param tick called for each element, so that a table that holds itself cannot make a reply without end */
  constructor(script: 2 | 3, client: 2 | 3, tick: () => void) {
    this.#script = script;
    this.#client = client;
    this.#tick = tick;
  }

  /** @param slot how much of Lua's stack Redis would have used to get here */
  write(value: LuaValue, slot = 1): Reply {
    if (slot > slotsMax) return refuse("reached lua stack limit");
    if (typeof value === "string") return value;
    if (typeof value === "number") return truncated(value);
    if (value instanceof LuaTable) return this.#table(value, slot);
    if (typeof value === "boolean") return this.#boolean(value);
    return null;
  }

  #boolean(value: boolean): Reply {
    if (this.#script === 2) return value ? 1 : null;
    return this.#client === 3 ? value : Number(value);
  }

  #table(table: LuaTable, slot: number): Reply {
    this.#tick();
    // A table without a hash part has none of the fields that are looked for, and most have none.
    if (table.keys.length !== 0) {
      const special = this.#special(table, slot);
      if (special !== undefined) return special;
    }
    const items: Reply[] = [];
    for (let index = 1; ; index++) {
      const item = table.getInt(index);
      if (item === undefined) return items;
      items.push(typeof item === "string" ? item : this.write(item, slot + 1));
    }
  }

  #special(table: LuaTable, slot: number): Reply | undefined {
    const refusal = refusalOfTable(table);
    if (refusal !== undefined) return refusal;
    const ok = table.getText("ok");
    if (typeof ok === "string") return new Status(oneLine(ok));
    const double = table.getText("double");
    // Redis writes "-nan" where JavaScript knows one NaN only.
    if (typeof double === "number") return Number.isNaN(double) && this.#client === 2 ? "-nan" : new Double(double);
    const digits = table.getText("big_number");
    if (typeof digits === "string") return new BigNumber(digits.replaceAll("\r", " ").replaceAll("\n", " "));
    const verbatim = table.getText("verbatim_string");
    if (verbatim instanceof LuaTable) {
      const text = verbatim.getText("string");
      const format = verbatim.getText("format");
      if (typeof text === "string" && typeof format === "string") return new Verbatim(text, formatName(format));
    }
    const map = table.getText("map");
    if (map instanceof LuaTable) return this.#map(map, slot);
    const set = table.getText("set");
    return set instanceof LuaTable ? this.#set(set, slot) : undefined;
  }

  #map(map: LuaTable, slot: number): MapReply {
    const entries: Reply[] = [];
    for (let place = map.placeFrom(0); place >= 0; place = map.placeFrom(place + 1)) {
      entries.push(this.write(map.keyAt(place), slot + 4), this.write(map.valueAt(place), slot + 3));
    }
    return new MapReply(entries);
  }

  #set(set: LuaTable, slot: number): SetReply {
    const members: Reply[] = [];
    for (let place = set.placeFrom(0); place >= 0; place = set.placeFrom(place + 1)) {
      members.push(this.write(set.keyAt(place), slot + 3));
    }
    return new SetReply(members);
  }
}

/** What C makes of a double that is cast to a 64-bit integer: toward zero, and -2^63 for what does not fit. */
function truncated(value: number): number | bigint {
  const whole = Math.trunc(value);
  if (Number.isSafeInteger(whole)) return whole === 0 ? 0 : whole;
  return whole >= -(2 ** 63) && whole < 2 ** 63 ? BigInt(whole) : smallest;
}

/** The three letters of a verbatim string's format. */
function formatName(format: string): string {
  const end = format.indexOf("\0");
  return (end === -1 ? format : format.slice(0, end)).slice(0, 3).padEnd(3);
}
