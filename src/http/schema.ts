import type { StandardSchemaV1 } from "@standard-schema/spec";
import { problem } from "./problem.ts";

/** More than these are not told: who sends a thousand wrong rows needs the first ones. */
const errorsMax = 100;

/**
 * Checks a body with any schema that speaks Standard Schema: zod, valibot, arktype …
 *
 * @returns what the schema makes of it
 * @throws {ProblemError} `body-invalid`, with `errors: [{ pointer, detail }]`
 */
export async function validate(schema: StandardSchemaV1, value: unknown): Promise<unknown> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return result.value;
  const errors = result.issues.slice(0, errorsMax).map(({ path, message }) => ({ pointer: pointerOf(path), detail: message }));
  const count = result.issues.length;
  const detail = count === 1 ? "There is 1 error in it." : `There are ${count} errors in it.`;
  throw problem("body-invalid", detail, { members: { errors } });
}

/** A JSON Pointer (RFC 6901) as a fragment, as RFC 9457 writes it: `#/rows/3/name`. */
function pointerOf(path: StandardSchemaV1.Issue["path"]): string {
  const segments = (path ?? []).map((each) => String(typeof each === "object" ? each.key : each));
  return `#${segments.map((each) => `/${encodeURIComponent(each.replace(/~/g, "~0").replace(/\//g, "~1"))}`).join("")}`;
}
