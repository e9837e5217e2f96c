import { LuaTable, type LuaValue } from "../lua/index.ts";
import { Refusal } from "../value/index.ts";
import { oneLine } from "./flags.ts";

/** The table that a script gets for an error reply: `{err = "WRONGTYPE …", ignore_error_stats_update = true}`. */
export function refusalTable(refusal: Refusal): LuaTable {
  const table = new LuaTable();
  table.set("err", coded(refusal.message));
  table.set("ignore_error_stats_update", true);
  return table;
}

/** The table that functions of `redis.*` raise: `{err = "ERR …"}`. */
export function errorTable(message: string): LuaTable {
  const table = new LuaTable();
  table.set("err", `ERR ${message}`);
  return table;
}

/** What `redis.error_reply` makes of its text: a first word is the code; without one, and for a single word, the code is ERR. */
export function errorReplyTable(text: string): LuaTable {
  const end = text.indexOf("\0");
  const shown = (end === -1 ? text : text.slice(0, end)).replace(/^-/, "");
  const table = new LuaTable();
  table.set("err", coded(shown.replace(/[\r\n]+$/, "")));
  return table;
}

function coded(message: string): string {
  return message.includes(" ") ? message : `ERR ${message}`;
}

/** The refusal that a table with a text in `err` stands for; `undefined` if it has none. */
export function refusalOfTable(table: LuaTable): Refusal | undefined {
  const message = table.getText("err");
  if (typeof message !== "string") return undefined;
  return new Refusal(oneLine(message.replace(/[\r\n]+$/, "")));
}

/** Where a script stood when it raised an error. */
export interface Place {
  /** What Redis calls the script: its SHA1, or the name of the function. */
  readonly script: string;
  /** As Lua names the source of a chunk: `@user_script`. */
  readonly source: string;
  readonly line: number;
}

/** The reply to a script that ended in an error which nobody caught. */
export function uncaughtReply(value: LuaValue, text: (value: LuaValue) => string, place: Place): Refusal {
  if (!(value instanceof LuaTable)) return placed(`ERR ${text(value)}`, place);
  // Redis' error handler writes these into the table of the script, and whoever kept it sees them.
  if (!value.readonly) {
    value.set("source", place.source);
    value.set("line", place.line);
  }
  const message = value.getText("err");
  if (typeof message === "string" || typeof message === "number") return placed(text(message), place);
  // Redis 7.0.15 ends with a segmentation fault here.
  return placed("ERR unknown error", place);
}

function placed(message: string, { script, source, line }: Place): Refusal {
  return new Refusal(oneLine(`${cut(message)} script: ${script}, on ${cut(source)}:${line}.`));
}

function cut(text: string): string {
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}
