import { show } from "../core/index.ts";
import type { JobFailure } from "./job.ts";

/**
 * What is kept of an error. Messages and stacks are cut: an error that quotes its input must not fill Redis.
 *
 * @param attempt which attempt failed, counted from 1
 */
export function failureOf(error: unknown, attempt: number, at: number = Date.now()): JobFailure {
  try {
    return { ...factsOf(error), attempt, at };
  } catch {
    // Anything may be thrown, also what cannot be made text of.
    return { name: "Error", message: `What was thrown cannot be read: ${show(error)}.`, attempt, at };
  }
}

function factsOf(error: unknown): Pick<JobFailure, "name" | "message" | "code" | "stack"> {
  if (!(error instanceof Error)) return { name: "Error", message: cut(String(error), 1_000) };
  // Whatever their types say: a message that was taken from another's answer is often `undefined`.
  const { name, message = "", code, stack } = error as { readonly [field in "name" | "message" | "code" | "stack"]?: unknown };
  return {
    name: typeof name === "string" ? cut(name, 100) : "Error",
    message: cut(String(message), 1_000),
    ...(typeof code === "string" ? { code: cut(code, 100) } : {}),
    ...(typeof stack === "string" ? { stack: cut(stack, 4_000) } : {}),
  };
}

function cut(text: string, max: number): string {
  return text.length > max ? `${text.slice(0, max - 1)}…` : text;
}
