import type { CommandSpec } from "../../command/index.ts";
import { matchesGlob, type Reply, refuse } from "../../value/index.ts";
import type { Way } from "../channels.ts";
import { NO_REPLY, type Session } from "../session.ts";
import { define, help, type Run } from "./define.ts";

const flags = "pubsub noscript loading stale";
const asking = "pubsub loading stale";

/** SUBSCRIBE and its kin, PUBLISH and PUBSUB. */
export const pubsubCommands: readonly CommandSpec[] = [
  define("subscribe", -2, "pubsub", flags, subscribe("channels")),
  define("unsubscribe", -1, "pubsub", flags, unsubscribe("channels")),
  define("psubscribe", -2, "pubsub", flags, subscribe("patterns")),
  define("punsubscribe", -1, "pubsub", flags, unsubscribe("patterns")),
  { ...define("ssubscribe", -2, "pubsub", flags, subscribe("shardChannels")), keys: [1, -1, 1] },
  { ...define("sunsubscribe", -1, "pubsub", flags, unsubscribe("shardChannels")), keys: [1, -1, 1] },
  define("publish", 3, "pubsub", "pubsub loading stale fast", ({ engine }, args) => {
    return engine.channels.publish(args[1] as string, args[2] as string);
  }),
  {
    ...define("spublish", 3, "pubsub", "pubsub loading stale fast", ({ engine }, args) => {
      return engine.channels.publishToShard(args[1] as string, args[2] as string);
    }),
    keys: [1, 1, 1],
  },
  define("pubsub|channels", -2, "pubsub", asking, ({ engine }, args) => names(engine.channels.channels, args)),
  define("pubsub|numsub", -2, "pubsub", asking, ({ engine }, args) => counts(engine.channels.channels, args)),
  define("pubsub|numpat", 2, "pubsub", asking, ({ engine }) => engine.channels.patterns.size),
  define("pubsub|shardchannels", -2, "pubsub", asking, ({ engine }, args) => names(engine.channels.shardChannels, args)),
  define("pubsub|shardnumsub", -2, "pubsub", asking, ({ engine }, args) => counts(engine.channels.shardChannels, args)),
  help("pubsub", "pubsub", [
    ["CHANNELS [<pattern>]", "Channels that somebody listens to."],
    ["NUMPAT", "How many patterns somebody listens to."],
    ["NUMSUB [<channel> ...]", "How many listen to each channel."],
    ["SHARDCHANNELS [<pattern>]", "Shard channels that somebody listens to."],
    ["SHARDNUMSUB [<shardchannel> ...]", "How many listen to each shard channel."],
  ]),
];

function subscribe(way: Way): Run {
  return (session, args) => {
    for (let at = 1; at < args.length; at++) session.engine.channels.subscribe(session, way, args[at] as string);
    return NO_REPLY;
  };
}

function unsubscribe(way: Way): Run {
  return (session, args) => {
    if (args.length === 1) session.engine.channels.unsubscribe(session, way, undefined);
    for (let at = 1; at < args.length; at++) session.engine.channels.unsubscribe(session, way, args[at] as string);
    return NO_REPLY;
  };
}

function names(channels: ReadonlyMap<string, unknown>, args: readonly string[]): Reply {
  if (args.length > 3) throw refuse(`unknown subcommand or wrong number of arguments for '${args[1]}'. Try PUBSUB HELP.`);
  const pattern = args[2];
  const all = [...channels.keys()];
  return pattern === undefined ? all : all.filter((name) => matchesGlob(pattern, name));
}

function counts(channels: ReadonlyMap<string, ReadonlySet<Session>>, args: readonly string[]): Reply {
  return args.slice(2).flatMap((name) => [name, channels.get(name)?.size ?? 0]);
}
