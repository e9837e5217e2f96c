import { Status } from "../value/index.ts";
import { bit, type Command } from "./command-table.ts";
import type { Session } from "./session.ts";

/** A command as MONITOR shows it, or `undefined` if it is one that is not shown. */
export function monitorLine(session: Session, command: Command, args: readonly string[]): Status | undefined {
  if ((command.bits & bit.admin) !== 0) return undefined;
  const micros = Math.floor(session.keyspace.now * 1000);
  const time = `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, "0")}`;
  const who = session.script ? "lua" : session.address;
  return new Status(`${time} [${session.db.index} ${who}] ${redacted(command.name, args).map(quoted).join(" ")}`);
}

const hidden = "(redacted)";

/** The arguments without passwords. */
export function redacted(name: string, args: readonly string[]): readonly string[] {
  if (name === "auth") return args.map((arg, at) => (at === 0 ? arg : hidden));
  if (name !== "hello") return args;
  const auth = args.findIndex((arg) => arg.toLowerCase() === "auth");
  return auth === -1 ? args : args.map((arg, at) => (at === auth + 1 || at === auth + 2 ? hidden : arg));
}

const escapes: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x07": "\\a",
  "\b": "\\b",
};

/** A byte string in quotes, all of it in print: what Redis writes where people read. */
function quoted(text: string): string {
  let shown = '"';
  for (const char of text) {
    const code = char.charCodeAt(0);
    shown += escapes[char] ?? (code >= 32 && code < 127 ? char : `\\x${code.toString(16).padStart(2, "0")}`);
  }
  return `${shown}"`;
}
