import type { CommandSpec } from "../../command/index.ts";
import { integerArgument, MapReply, OK, refuse, Verbatim } from "../../value/index.ts";
import { define, help } from "./define.ts";

const flags = "admin loading stale";
const latencyFlags = "admin noscript loading stale";
const badCount = refuse("count should be greater than or equal to -1");

/** SLOWLOG; and LATENCY, which has nothing to tell here. */
export const observeCommands: readonly CommandSpec[] = [
  define("slowlog|get", -2, "server", flags, ({ engine }, args) => {
    const count = args[2] === undefined ? 10 : integerArgument(args[2], badCount);
    if (count < -1) throw badCount;
    return engine.slowlog.list(count);
  }),
  define("slowlog|len", 2, "server", flags, ({ engine }) => engine.slowlog.size),
  define("slowlog|reset", 2, "server", flags, ({ engine }) => {
    engine.slowlog.reset();
    return OK;
  }),
  help("slowlog", "server", [
    ["GET [<count>]", "The latest slow commands: id, time, microseconds, arguments, client, its name."],
    ["LEN", "How many are kept."],
    ["RESET", "Forgets them."],
  ]),
  define("latency|latest", 2, "server", latencyFlags, () => []),
  define("latency|history", 3, "server", latencyFlags, () => []),
  define("latency|reset", -2, "server", latencyFlags, () => 0),
  define("latency|graph", 3, "server", latencyFlags, (_session, args) => {
    throw refuse(`No samples available for event '${args[2]}'`);
  }),
  define("latency|histogram", -2, "server", latencyFlags, () => new MapReply([])),
  define(
    "latency|doctor",
    2,
    "server",
    latencyFlags,
    () => new Verbatim("Nothing is measured in the embedded engine of redlua.\n"),
  ),
  help("latency", "server", [
    ["DOCTOR", "Nothing is measured here, so all of LATENCY is empty."],
    ["GRAPH <event>", "Nothing."],
    ["HISTOGRAM [<command> ...]", "Nothing."],
    ["HISTORY <event>", "Nothing."],
    ["LATEST", "Nothing."],
    ["RESET [<event> ...]", "Nothing."],
  ]),
];
