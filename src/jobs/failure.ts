import type { JobFailure } from "./job.ts";

/**
 * What is kept of an error. Messages and stacks are cut: an error that quotes its input must not fill Redis.
 *
 * @param attempt which attempt failed, counted from 1
 */
export function failureOf(error: unknown, attempt: number, at: number = Date.now()): JobFailure {
  if (!(error instanceof Error)) return { name: "Error", message: cut(String(error), 1_000), attempt, at };
  const { code } = error as { readonly code?: unknown };
  return {
    name: error.name,
    message: cut(error.message, 1_000),
    ...(typeof code === "string" ? { code: cut(code, 100) } : {}),
    ...(error.stack === undefined ? {} : { stack: cut(error.stack, 4_000) }),
    attempt,
    at,
  };
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
