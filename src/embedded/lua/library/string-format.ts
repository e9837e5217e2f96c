import { type Conversion, formatFloat, pad } from "../../number/index.ts";
import type { LuaValue } from "../value.ts";
import { badArgument, fail, numberArgument, textArgument, toInteger } from "./arguments.ts";

const FLAGS = "-+ #0";

/**
 * `string.format`: C's printf with Lua's `%q`. Texts inserted with a width, a precision or fewer than 100 bytes end at their
 * first NUL, as they do in C.
 */
export function format(args: readonly LuaValue[]): string {
  const template = textArgument(args[0], 1, args.length);
  let result = "";
  let copied = 0;
  let used = 1;
  for (let mark = template.indexOf("%"); mark >= 0; mark = template.indexOf("%", copied)) {
    result += template.slice(copied, mark);
    if (template.charCodeAt(mark + 1) === 37) {
      result += "%";
      copied = mark + 2;
      continue;
    }
    if (++used > args.length) badArgument(used, "no value");
    const end = conversionEnd(template, mark + 1);
    const letter = template[end] ?? "\0";
    copied = end + 1;
    // Nothing between the mark and its letter: the two conversions that nearly all are.
    const value = args[used - 1];
    if (end === mark + 1 && letter === "d" && Number.isSafeInteger(value) && value !== 0) result += String(value);
    else result += convert(letter, value, readConversion(template, mark + 1, end), used, args.length);
  }
  return copied === 0 ? template : result + template.slice(copied);
}

function conversionEnd(template: string, start: number): number {
  let at = start;
  while (at < template.length && FLAGS.includes(template[at] as string)) at++;
  if (at - start >= FLAGS.length + 1) fail("invalid format (repeated flags)");
  at = twoDigits(template, at);
  if (template.charCodeAt(at) === 46) at = twoDigits(template, at + 1);
  if (isDigit(template, at)) fail("invalid format (width or precision too long)");
  return at;
}

function twoDigits(template: string, at: number): number {
  if (!isDigit(template, at)) return at;
  return isDigit(template, at + 1) ? at + 2 : at + 1;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

function readConversion(template: string, start: number, end: number): Conversion {
  let at = start;
  while (at < end && FLAGS.includes(template[at] as string)) at++;
  const flags = template.slice(start, at);
  const point = template.indexOf(".", at);
  const hasPrecision = point >= 0 && point < end;
  return {
    left: flags.includes("-"),
    plus: flags.includes("+"),
    space: flags.includes(" "),
    alternate: flags.includes("#"),
    zero: flags.includes("0"),
    width: Number(template.slice(at, hasPrecision ? point : end)),
    precision: hasPrecision ? Number(template.slice(point + 1, end)) : -1,
  };
}

function convert(letter: string, value: LuaValue, how: Conversion, position: number, count: number): string {
  switch (letter) {
    case "d":
    case "i":
      return signed(numberArgument(value, position, count), how);
    case "u":
      return unsigned(numberArgument(value, position, count), 10, "", how);
    case "o":
      return unsigned(numberArgument(value, position, count), 8, "", how);
    case "x":
      return unsigned(numberArgument(value, position, count), 16, "0x", how);
    case "X":
      return unsigned(numberArgument(value, position, count), 16, "0x", how).toUpperCase();
    case "e":
    case "E":
    case "f":
    case "g":
    case "G":
      return formatFloat(letter, numberArgument(value, position, count), how);
    case "c":
      return character(numberArgument(value, position, count), how);
    case "q":
      return quoted(textArgument(value, position, count));
    case "s":
      return text(textArgument(value, position, count), how);
    default:
      return fail(`invalid option '%${letter === "\0" ? "" : letter}' to 'format'`);
  }
}

function signed(value: number, how: Conversion): string {
  const whole = toInteger(value);
  const digits = Number.isSafeInteger(whole) ? String(Math.abs(whole)) : BigInt(Math.abs(whole)).toString();
  return pad(whole < 0 ? "-" : how.plus ? "+" : how.space ? " " : "", withPrecision(digits, how), withoutZeroFill(how));
}

function unsigned(value: number, base: number, prefix: string, how: Conversion): string {
  // What does not fit: numbers from 2^64 on are 0, those below -2^63 are 2^63.
  const whole = value >= 2 ** 64 ? 0n : BigInt.asUintN(64, BigInt(value >= 2 ** 63 ? value : toInteger(value)));
  let digits = withPrecision(whole.toString(base), how);
  if (how.alternate && base === 8 && digits[0] !== "0") digits = `0${digits}`;
  return pad(how.alternate && whole !== 0n ? prefix : "", digits, withoutZeroFill(how));
}

function withPrecision(digits: string, how: Conversion): string {
  if (how.precision === 0 && digits === "0") return "";
  return digits.padStart(how.precision, "0");
}

function withoutZeroFill(how: Conversion): Conversion {
  return how.precision >= 0 && how.zero ? { ...how, zero: false } : how;
}

function character(value: number, how: Conversion): string {
  const code = value < 2 ** 31 && value > -(2 ** 31) - 1 ? value & 255 : 0;
  const padded = pad("", String.fromCharCode(code), { ...how, zero: false });
  // C hands the result on as a text, which its first NUL ends.
  return upToNul(padded);
}

function text(value: string, how: Conversion): string {
  if (how.precision < 0 && value.length >= 100) return value;
  const shown = upToNul(value);
  return pad("", how.precision >= 0 ? shown.slice(0, how.precision) : shown, how.zero ? { ...how, zero: false } : how);
}

function upToNul(text: string): string {
  const nul = text.indexOf("\0");
  return nul < 0 ? text : text.slice(0, nul);
}

/** A text as Lua source: between quotes, and read back the same. */
function quoted(text: string): string {
  let result = '"';
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34 || code === 92 || code === 10) result += `\\${text[at]}`;
    else if (code === 13) result += "\\r";
    else if (code === 0) result += "\\000";
    else result += text[at];
  }
  return `${result}"`;
}
