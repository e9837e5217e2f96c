import { LuaError } from "../error.ts";

/**
 * An error that comes out of a library function, raised by what the function called: like C's functions it has no line to give,
 * so the text stays without a position.
 */
export function passedLibrary(error: unknown): unknown {
  if (error instanceof LuaError) error.leave();
  return error;
}
