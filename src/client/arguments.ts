import calculateSlot from "cluster-key-slot";
import { InvalidInputError } from "../core/index.ts";
import type { Arg } from "../port/index.ts";

/** The slot of a key: 0 to 16383. */
export function slotOf(key: Arg): number {
  return calculateSlot(typeof key === "string" ? key : asBuffer(key));
}

/** The same bytes as a Buffer, which is what clients tell from text. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A command as clients take it: text and Buffers. The array is new. */
export function asArguments(command: readonly Arg[], from: 0 | 1): (string | Buffer)[] {
  const args = command.slice(from);
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] as Arg;
    if (typeof arg !== "string") args[index] = asBuffer(arg);
  }
  return args as (string | Buffer)[];
}

/**
 * Text of an argument that names something: a command.
 *
 * @throws {InvalidInputError} `INPUT_INVALID` if there is none. Redis does not answer an empty command, so every answer after it would
 *   be taken for that of the command before.
 */
export function argText(arg: Arg | undefined): string {
  if (typeof arg === "string") return arg;
  if (arg === undefined)
    throw new InvalidInputError("INPUT_INVALID", "command", "A command begins with its name; this one is empty.");
  return asBuffer(arg).toString("utf8");
}
