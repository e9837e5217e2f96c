import { badArgument, fail } from "./arguments.ts";

const INTEGER_BYTES_MAX = 32;
const NATIVE_ALIGNMENT = 8;
const INT_MAX = 2 ** 31 - 1;

/** Walks over a format of the library `struct`: one option at a time, with its size and what has been set before it. */
export class StructFormat {
  readonly #format: string;
  #at = 0;
  #alignment = 1;
  /** Most significant byte first. */
  bigEndian = false;
  /** The option last read. */
  option = "";
  /** Its bytes; 0 for `s`, `c0` and for what only sets something. */
  size = 0;

  constructor(format: string) {
    const nul = format.indexOf("\0");
    this.#format = nul < 0 ? format : format.slice(0, nul);
  }

  /** Goes to the next option; false at the end. */
  next(): boolean {
    if (this.#at >= this.#format.length) return false;
    this.option = this.#format[this.#at++] as string;
    this.size = this.#optionSize();
    return true;
  }

  /** How many bytes must be skipped at a place so that the option is aligned. */
  padding(position: number): number {
    if (this.size === 0 || this.option === "c") return 0;
    const step = Math.min(this.size, this.#alignment);
    return (step - (position & (step - 1))) & (step - 1);
  }

  /** Does what `<`, `>`, `!` and a blank say. */
  control(): void {
    switch (this.option) {
      case " ":
        return;
      case ">":
        this.bigEndian = true;
        return;
      case "<":
        this.bigEndian = false;
        return;
      case "!": {
        const alignment = this.#number(NATIVE_ALIGNMENT);
        if (alignment === 0 || (alignment & (alignment - 1)) !== 0) fail(`alignment ${alignment} is not a power of 2`);
        this.#alignment = alignment;
        return;
      }
      default:
        badArgument(1, `invalid format option '${this.option}'`);
    }
  }

  #optionSize(): number {
    switch (this.option) {
      case "b":
      case "B":
      case "x":
        return 1;
      case "h":
      case "H":
        return 2;
      case "f":
        return 4;
      case "l":
      case "L":
      case "T":
      case "d":
        return 8;
      case "c":
        return this.#number(1);
      case "i":
      case "I": {
        const size = this.#number(4);
        if (size > INTEGER_BYTES_MAX) fail(`integral size ${size} is larger than limit of ${INTEGER_BYTES_MAX}`);
        return size;
      }
      default:
        return 0;
    }
  }

  #number(fallback: number): number {
    let value = -1;
    for (; ; this.#at++) {
      const digit = this.#format.charCodeAt(this.#at) - 48;
      if (!(digit >= 0 && digit <= 9)) return value < 0 ? fallback : value;
      value = Math.max(value, 0) * 10 + digit;
      if (value > INT_MAX) fail("integral size overflow");
    }
  }
}
