import { typeOf } from "../../store/index.ts";
import { literalOf, matchesGlob, type Reply } from "../../value/index.ts";
import { cursorArgument, scanOptions } from "../scan-options.ts";
import type { CommandContext, CommandSpec } from "../spec.ts";

function keys({ db }: CommandContext, args: readonly string[]): Reply {
  const pattern = args[1] as string;
  const literal = literalOf(pattern);
  if (literal !== undefined) return db.has(literal) ? [literal] : [];
  const found: string[] = [];
  for (const key of db.keys()) if (matchesGlob(pattern, key) && !db.isLapsed(key)) found.push(key);
  return found;
}

function scan({ db }: CommandContext, args: readonly string[]): Reply {
  const cursor = cursorArgument(args[1] as string);
  const { count, pattern, type } = scanOptions(args, 2, true);
  const order = db.order();
  const found: string[] = [];
  let index = order.indexBefore(cursor);
  for (let left = count; left > 0 && index >= 0; left--, index--) {
    const key = order.at(index);
    if (pattern !== undefined && !matchesGlob(pattern, key)) continue;
    const value = db.peek(key);
    if (value !== undefined && (type === undefined || typeOf(value) === type)) found.push(key);
  }
  // A key that went and came back has two entries; Redis tells it twice at most from call to call.
  return [String(order.cursorAt(index + 1)), order.length === db.size ? found : [...new Set(found)]];
}

/** Commands that look for keys. */
export const browsing: readonly CommandSpec[] = [
  { name: "keys", arity: 2, group: "generic", flags: ["readonly"], run: keys },
  { name: "scan", arity: -2, group: "generic", flags: ["readonly"], run: scan },
  { name: "randomkey", arity: 1, group: "generic", flags: ["readonly"], run: ({ db }) => db.randomKey() ?? null },
];
