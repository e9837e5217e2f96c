import type { LuaValue } from "./value.ts";

/** What the catcher of an error knows about one call site: the line, and how the called function was written there. */
export interface Site {
  readonly line: number;
  /** Name of the function called here, as written: `insert` of `table.insert(…)`. */
  readonly callee: string | undefined;
  /** Called as `object:name()`, so the first argument is the object. */
  readonly method: boolean;
  /** A tail call: the frame is gone by the time the called Lua function runs. */
  readonly tail: boolean;
}

/**
 * A Lua error on its way up. Throwing one is cheap: no stack is recorded.
 *
 * Its text gets its position (`user_script:3: `) while it passes the frame of the Lua function it belongs to, so {@link value} is
 * complete only once `pcall` or the caller of the script has it.
 */
export class LuaError {
  /** The error value: any Lua value. */
  value: LuaValue;
  /** How many frames up the position that the text still lacks is. 0: the text is complete. */
  pending: number;
  /** Chunk of the innermost Lua function that it passed. */
  chunk: string | undefined = undefined;
  /** Line in that chunk. */
  line = -1;
  /** Number of the argument that was wrong, if it is an argument error. */
  argument = 0;
  /** Name of the library function, used where the call site does not say. */
  callee = "?";

  constructor(value: LuaValue, pending = 0) {
    this.value = value;
    this.pending = pending;
  }

  /** An error whose text gets the position of the Lua line that is running, as `luaL_error` does. */
  static at(message: string): LuaError {
    return new LuaError(message, 1);
  }

  /**
   * `bad argument #1 to 'insert' (table expected, got nil)`, with the position of the calling line and the name it called by.
   */
  static argument(position: number, message: string): LuaError {
    const error = new LuaError(message, 1);
    error.argument = position;
    return error;
  }

  /** The error passes the frame of a Lua function that stood at `site`. */
  pass(chunk: string, site: Site): void {
    const first = this.chunk === undefined;
    if (first) {
      this.chunk = chunk;
      this.line = site.line;
    }
    if (this.pending === 0) return;
    const gone = site.tail && !first;
    if (this.argument > 0) this.#nameArgument(first ? site.callee : undefined, first && site.method);
    if (--this.pending > 0) return;
    if (!gone && typeof this.value === "string") this.value = `${chunk}:${site.line}: ${this.value}`;
  }

  /** The error passes a function that is not written in Lua, which has no line. */
  leave(): void {
    if (this.pending === 0) return;
    if (this.argument > 0) this.#nameArgument(undefined, false);
    this.pending--;
  }

  /** The error was raised by a library function that Lua itself called, as a metamethod: no call site names that. */
  calledByLua(): void {
    if (this.argument > 0) this.#nameArgument(undefined, false);
  }

  #nameArgument(callee: string | undefined, method: boolean): void {
    const position = method ? this.argument - 1 : this.argument;
    const name = callee ?? "?";
    this.argument = 0;
    this.value =
      position === 0
        ? `calling '${name}' on bad self (${String(this.value)})`
        : `bad argument #${position} to '${name}' (${String(this.value)})`;
  }
}

/** The step budget of a script is used up. `pcall` does not catch it. */
export class StepLimitError {
  readonly message = "the script used up its step budget";
}

/** Lua's text for a string or table that is too large. */
export const NOT_ENOUGH_MEMORY = "not enough memory";

/**
 * Turns what JavaScript throws into what Lua would: a full stack and a string too long become Lua errors. Everything else, such as
 * a {@link StepLimitError} or a defect of ours, stays what it is.
 */
export function asLuaError(thrown: unknown): unknown {
  if (!(thrown instanceof RangeError)) return thrown;
  return thrown.message.includes("call stack") ? LuaError.at("stack overflow") : new LuaError(NOT_ENOUGH_MEMORY);
}
