/**
 * Strings as rows of bits: single bits, counts, searches, operations on whole strings, and integers of any width.
 *
 * @module
 */
import type { CommandSpec } from "../spec.ts";
import { bitfields } from "./bitfield.ts";
import { bitop } from "./bitop.ts";
import { searching } from "./searching.ts";
import { single } from "./single.ts";

export const bitmapCommands: readonly CommandSpec[] = [...single, ...searching, bitop, ...bitfields];
