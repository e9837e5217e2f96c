import { type Expression, isAtom, isMultiple, isSettled } from "../syntax/index.ts";
import type { Frame } from "./frame.ts";

/** JavaScript for all values of a call or of `...`, as a list. */
export function listCode(frame: Frame, expression: Expression): string {
  if (expression.type === "vararg") return "va";
  return `many(${resultCode(frame, expression)})`;
}

/** JavaScript for the result of a call or `...` as functions hand it back: bare or as a list. */
export function resultCode(frame: Frame, expression: Expression): string {
  if (expression.type === "call" || expression.type === "method") return frame.writer.call(frame, expression);
  return expression.type === "vararg" ? "va" : frame.writer.value(frame, expression);
}

/** JavaScript for a list of values, the last one with all it has: `a,b,...many(f())`. */
export function valuesCode(frame: Frame, expressions: readonly Expression[]): string {
  return expressions
    .map((each, at) =>
      at === expressions.length - 1 && isMultiple(each) ? `...${listCode(frame, each)}` : frame.writer.value(frame, each),
    )
    .join(",");
}

/**
 * Code for exactly so many values: nil where there are fewer, evaluated and dropped where there are more.
 *
 * @param isHeld nothing that is assigned afterwards may change them
 */
export function adjusted(
  frame: Frame,
  values: readonly Expression[],
  count: number,
  isHeld = false,
): { readonly before: string; readonly parts: readonly string[]; readonly held: number } {
  const last = values.at(-1);
  const isExact = values.length === count && !(count > 1 && isMultiple(last) && values.length < count);
  if (isExact && !isHeld) return { before: "", parts: values.map((value) => frame.writer.value(frame, value)), held: 0 };
  const before: string[] = [];
  const parts: string[] = [];
  let held = 0;
  const spreads = values.length < count && isMultiple(last);
  for (const value of spreads ? values.slice(0, -1) : values) {
    const code = frame.writer.value(frame, value);
    const isConstant = isAtom(value) && (value.type !== "local" || (!isHeld && isSettled(value)));
    const name = isConstant ? code : frame.take();
    if (name !== code) {
      held++;
      before.push(`${name}=${code}`);
    }
    if (parts.length < count) parts.push(name);
  }
  if (spreads && last !== undefined) {
    const list = listCode(frame, last);
    const name = frame.take();
    held++;
    before.push(`${name}=${list}`);
    for (let at = 0; parts.length < count; at++) parts.push(`${name}[${at}]`);
  }
  while (parts.length < count) parts.push("undefined");
  return { before: before.join(","), parts, held };
}
