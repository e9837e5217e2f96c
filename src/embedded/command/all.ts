import { scriptingCommands } from "../sandbox/index.ts";
import { bitmapCommands } from "./bitmaps/index.ts";
import { genericCommands } from "./generic/index.ts";
import { geoCommands } from "./geo/index.ts";
import { hashCommands } from "./hashes/index.ts";
import { hyperloglogCommands } from "./hyperloglog/index.ts";
import { listCommands } from "./lists/index.ts";
import { setCommands } from "./sets/index.ts";
import { sortedSetCommands } from "./sorted-sets/index.ts";
import type { CommandSpec } from "./spec.ts";
import { streamCommands } from "./streams/index.ts";
import { stringCommands } from "./strings/index.ts";

const families: readonly (readonly CommandSpec[])[] = [
  stringCommands,
  bitmapCommands,
  hashCommands,
  hyperloglogCommands,
  listCommands,
  setCommands,
  sortedSetCommands,
  streamCommands,
  geoCommands,
  genericCommands,
  scriptingCommands,
];

/**
 * Every command by its name, subcommands as `config|get`, but for those of the session, which every engine has. Built once.
 *
 * @public
 */
export const commands: ReadonlyMap<string, CommandSpec> = new Map(families.flat().map((spec) => [spec.name, spec]));
