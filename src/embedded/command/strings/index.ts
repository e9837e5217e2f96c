/**
 * Strings: SET and GET in all their forms, numbers that count, parts of a string, and what two strings have in common.
 *
 * @module
 */
import type { CommandSpec } from "../spec.ts";
import { counting } from "./counting.ts";
import { lcs } from "./lcs.ts";
import { parts } from "./parts.ts";
import { reading } from "./reading.ts";
import { writing } from "./writing.ts";

export const stringCommands: readonly CommandSpec[] = [...writing, ...reading, ...counting, ...parts, lcs];
