/**
 * Commands on streams: entries by id, and groups of consumers that share them.
 *
 * @module
 */
import type { CommandSpec } from "../index.ts";
import { autoclaimCommands } from "./autoclaim.ts";
import { claimCommands } from "./claim.ts";
import { groupCommands } from "./groups.ts";
import { infoCommands } from "./info.ts";
import { pendingCommands } from "./pending.ts";
import { rangeCommands } from "./range.ts";
import { readCommands } from "./read.ts";
import { readGroupCommands } from "./read-group.ts";
import { writeCommands } from "./write.ts";

export const streamCommands: readonly CommandSpec[] = [
  ...writeCommands,
  ...rangeCommands,
  ...readCommands,
  ...readGroupCommands,
  ...groupCommands,
  ...pendingCommands,
  ...claimCommands,
  ...autoclaimCommands,
  ...infoCommands,
];
