/**
 * Commands of geo sets, which are sorted sets whose scores are places.
 *
 * @module
 */
import type { CommandFlag, CommandSpec } from "../spec.ts";
import { geoadd, geodist, geohash, geopos } from "./places.ts";
import { georadius, georadiusbymember, georadiusbymemberRo, georadiusRo, geosearch, geosearchstore } from "./search.ts";

const read = ["readonly"] as const;
const write = ["write", "denyoom"] as const;

function spec(
  name: string,
  arity: number,
  flags: readonly CommandFlag[],
  run: CommandSpec["run"],
  keys: CommandSpec["keys"] & {} = [1, 1, 1],
): CommandSpec {
  return { name, arity, group: "geo", flags, keys, run };
}

/** A command whose options may name a key to store into, from the argument at `optionsAt` on. */
function storing(name: string, arity: number, optionsAt: number, run: CommandSpec["run"]): CommandSpec {
  const findKeys = (args: readonly string[]): readonly number[] => {
    let target = 0;
    for (let at = optionsAt; at < args.length - 1; at++) {
      const option = (args[at] as string).toLowerCase();
      // The last one counts.
      if (option === "store" || option === "storedist") target = ++at;
    }
    return target === 0 ? [1] : [1, target];
  };
  return { ...spec(name, arity, [...write, "movablekeys"], run), findKeys };
}

/** All of them. */
export const geoCommands: readonly CommandSpec[] = [
  spec("geoadd", -5, write, geoadd),
  spec("geodist", -4, read, geodist),
  spec("geohash", -2, read, geohash),
  spec("geopos", -2, read, geopos),
  spec("geosearch", -7, read, geosearch),
  spec("geosearchstore", -8, write, geosearchstore, [1, 2, 1]),
  storing("georadius", -6, 6, georadius),
  spec("georadius_ro", -6, read, georadiusRo),
  storing("georadiusbymember", -5, 5, georadiusbymember),
  spec("georadiusbymember_ro", -5, read, georadiusbymemberRo),
];
