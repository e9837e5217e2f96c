import { messageOf } from "../core/index.ts";

/**
 * Calls a listener. What it throws is its own affair: it neither silences the others nor ends the process, and becomes a warning.
 *
 * @example
 * for (const { message } of listeners) guarded(() => message(text));
 */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    // An Error as a warning would keep its own code.
    const detail = error instanceof Error ? error.stack : undefined;
    process.emitWarning(`A listener threw: ${messageOf(error)}`, {
      code: "REDLUA_LISTENER",
      ...(detail !== undefined && { detail }),
    });
  }
}
