import { type Expression, isMultiple, type TableItem } from "../syntax/index.ts";
import type { Frame } from "./frame.ts";
import { listCode, valuesCode } from "./lists.ts";
import { literal } from "./names.ts";

/** JavaScript for a table: a list and a record are made whole, a mixture item by item. */
export function tableCode(frame: Frame, expression: Extract<Expression, { type: "table" }>): string {
  const { items } = expression;
  if (items.length === 0) return "(new LuaTable())";
  if (items.every((item) => item.key === undefined)) {
    const values = items.map((item) => item.value);
    return `(new LuaTable([${valuesCode(frame, values)}]))`;
  }
  const names = distinctNames(items);
  if (names !== undefined) {
    const values = items.map((item) => frame.writer.value(frame, item.value));
    return `LuaTable.record([${names.map(literal).join(",")}],[${values.join(",")}])`;
  }
  return mixedCode(frame, expression);
}

/** The keys, if all are texts written out and no two the same. */
function distinctNames(items: readonly TableItem[]): readonly string[] | undefined {
  const names = new Set<string>();
  for (const { key } of items) {
    if (key?.type !== "string") return undefined;
    names.add(key.value);
  }
  return names.size === items.length ? [...names] : undefined;
}

/** Item by item: a computed key that is nil stops it half way. What stands in the list is stored last, as in Lua. */
function mixedCode(frame: Frame, expression: Extract<Expression, { type: "table" }>): string {
  const { items } = expression;
  const table = frame.take();
  const list = frame.take();
  const named = items.filter((item) => item.key !== undefined).length;
  const mayBeNumbers = items.some(({ key }) => key !== undefined && key.type !== "string");
  const parts = [`${table}=new LuaTable().reserve(${named},${mayBeNumbers})`, `${list}=[]`];
  items.forEach(({ key, value, line }, at) => {
    if (key === undefined) {
      const spreads = at === items.length - 1 && isMultiple(value);
      parts.push(`${list}.push(${spreads ? `...${listCode(frame, value)}` : frame.writer.value(frame, value)})`);
    } else if (key.type === "string") parts.push(`${table}.set(${literal(key.value)},${frame.writer.value(frame, value)})`);
    else parts.push(...computedCode(frame, table, key, value, line));
  });
  parts.push(named === items.length ? table : `joined(${table},${list},${named},${mayBeNumbers})`);
  frame.release(2);
  return `(${parts.join(",")})`;
}

function computedCode(frame: Frame, table: string, key: Expression, value: Expression, line: number): readonly string[] {
  const keyCode = frame.writer.value(frame, key);
  const keyName = frame.take();
  const valueText = frame.writer.value(frame, value);
  const valueName = frame.take();
  frame.release(2);
  return [`${keyName}=${keyCode}`, `${valueName}=${valueText}`, `${frame.at(line)}${table}.set(${keyName},${valueName})`];
}
