import type { CommandSpec } from "../../command/index.ts";
import { MapReply, OK, refusals, refuse } from "../../value/index.ts";
import { define, help } from "./define.ts";

const flags = "admin noscript loading stale";

/** CONFIG and its subcommands. */
export const configCommands: readonly CommandSpec[] = [
  define("config|get", -3, "server", flags, ({ engine }, args) => new MapReply(engine.configuration.matching(args.slice(2)))),
  define("config|set", -4, "server", flags, ({ engine }, args) => {
    if (args.length % 2 !== 0) throw refusals.syntax;
    const refusal = engine.configuration.set(args.slice(2));
    if (refusal !== undefined) throw refusal;
    return OK;
  }),
  define("config|resetstat", 2, "server", flags, ({ engine }) => {
    engine.stats.reset();
    return OK;
  }),
  define("config|rewrite", 2, "server", flags, () => {
    throw refuse("The server is running without a config file");
  }),
  help("config", "server", [
    ["GET <pattern> [<pattern> ...]", "Settings by name, or by glob."],
    ["SET <name> <value> [<name> <value> ...]", "Changes settings: all that are named, or none."],
    ["RESETSTAT", "Counts for INFO from nothing again."],
    ["REWRITE", "Not here: there is no file of settings."],
  ]),
];
