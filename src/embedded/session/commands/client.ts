import type { CommandSpec } from "../../command/index.ts";
import { integerArgument, MapReply, OK, Refusal, type Reply, refusals, refuse, SetReply, Verbatim } from "../../value/index.ts";
import { Pause } from "../pause.ts";
import type { Session } from "../session.ts";
import { clientKill } from "./client-kill.ts";
import { clientLine, clientsOfType } from "./client-line.ts";
import { badName, isName } from "./connection.ts";
import { define, help } from "./define.ts";

const flags = "noscript loading stale";
const adminFlags = "admin noscript loading stale";
const unblocked = new Refusal("UNBLOCKED client unblocked via CLIENT UNBLOCK");
const noTracking = refuse(
  "CLIENT TRACKING ON: the embedded engine of redlua keeps no track of what clients cache; connect to a Redis server for it",
);

const trackingOptions = new Set(["bcast", "optin", "optout", "noloop"]);

/** CLIENT and its subcommands. */
export const clientCommands: readonly CommandSpec[] = [
  define("client|id", 2, "connection", flags, ({ id }) => id),
  define("client|info", 2, "connection", flags, (session) => new Verbatim(`${clientLine(session)}\n`)),
  define("client|list", -2, "connection", adminFlags, clientList),
  define("client|setname", 3, "connection", flags, (session, args) => {
    const name = args[2] as string;
    if (!isName(name)) throw badName;
    session.name = name;
    return OK;
  }),
  define("client|getname", 2, "connection", flags, ({ name }) => (name === "" ? null : name)),
  define("client|reply", 3, "connection", flags, clientReply),
  define("client|kill", -3, "connection", adminFlags, clientKill),
  define("client|pause", -3, "connection", adminFlags, clientPause),
  define("client|unpause", 2, "connection", adminFlags, ({ engine }) => {
    engine.pause?.end();
    return OK;
  }),
  define("client|unblock", -3, "connection", adminFlags, clientUnblock),
  define("client|no-evict", 3, "connection", adminFlags, (session, args) => {
    session.noEvict = onOrOff(args[2] as string);
    return OK;
  }),
  define("client|tracking", -3, "connection", flags, (_session, args) => {
    // Whom to tell and of what is read, and of no account.
    for (let at = 3; at < args.length; at++) {
      const option = (args[at] as string).toLowerCase();
      const isNamed = option === "redirect" || option === "prefix";
      if (!(isNamed && ++at < args.length) && !trackingOptions.has(option)) throw refusals.syntax;
    }
    if (onOrOff(args[2] as string)) throw noTracking;
    return OK;
  }),
  define("client|trackinginfo", 2, "connection", flags, () => {
    return new MapReply(["flags", new SetReply(["off"]), "redirect", -1, "prefixes", []]);
  }),
  define("client|getredir", 2, "connection", flags, () => -1),
  define("client|caching", 3, "connection", flags, () => {
    throw refuse("CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled");
  }),
  help("client", "connection", [
    ["CACHING (YES|NO)", "Nothing is tracked here."],
    ["GETNAME", "The name of this client."],
    ["GETREDIR", "-1: nothing is tracked here."],
    ["ID", "The number of this client."],
    ["INFO", "What LIST tells of this client."],
    ["KILL <ip:port> | (ID|TYPE|USER|ADDR|LADDR|SKIPME <value>) ...", "Lets clients go."],
    ["LIST [TYPE (NORMAL|MASTER|REPLICA|PUBSUB)] [ID <id> ...]", "The clients, one a line."],
    ["NO-EVICT (ON|OFF)", "Spares this client when memory is short."],
    ["PAUSE <ms> [WRITE|ALL]", "Lets calls wait for so long."],
    ["REPLY (ON|OFF|SKIP)", "Holds replies back."],
    ["SETNAME <name>", "Gives this client a name."],
    ["TRACKING (ON|OFF) ...", "Only OFF, here."],
    ["TRACKINGINFO", "Nothing is tracked here."],
    ["UNBLOCK <id> [TIMEOUT|ERROR]", "Ends the wait of a client."],
    ["UNPAUSE", "Ends PAUSE."],
  ]),
];

function onOrOff(text: string): boolean {
  const read = text.toLowerCase();
  if (read !== "on" && read !== "off") throw refusals.syntax;
  return read === "on";
}

function clientList(session: Session, args: readonly string[]): Reply {
  const option = args[2]?.toLowerCase();
  const all = [...session.engine.clients.values()];
  let chosen: readonly Session[] = all;
  if (option === "type" && args.length === 4) chosen = clientsOfType(all, args[3] as string);
  else if (option === "id" && args.length > 3) {
    const ids = args.slice(3).map((id) => integerArgument(id, refuse("Invalid client ID")));
    chosen = ids.flatMap((id) => session.engine.clients.get(id) ?? []);
  } else if (option !== undefined) throw refusals.syntax;
  return new Verbatim(chosen.map((each) => `${clientLine(each)}\n`).join(""));
}

function clientReply(session: Session, args: readonly string[]): Reply {
  switch (args[2]?.toLowerCase()) {
    case "on":
      session.silence = 0;
      break;
    case "off":
      session.silence = -1;
      break;
    case "skip":
      // Its own reply, and the next.
      if (session.silence >= 0) session.silence = 2;
      break;
    default:
      throw refusals.syntax;
  }
  return OK;
}

function clientPause({ engine }: Session, args: readonly string[]): Reply {
  const how = args[3]?.toLowerCase() ?? "all";
  if (args.length > 4) throw refuse("syntax error");
  if (how !== "write" && how !== "all") throw refuse("CLIENT PAUSE mode must be WRITE or ALL");
  const ms = integerArgument(args[2], refuse("timeout is not an integer or out of range"));
  if (ms < 0) throw refuse("timeout is negative");
  engine.pause ??= new Pause(engine);
  engine.pause.begin(ms, how === "all");
  return OK;
}

function clientUnblock({ engine }: Session, args: readonly string[]): Reply {
  const how = args[3]?.toLowerCase() ?? "timeout";
  if (args.length > 4) throw refuse(`unknown subcommand or wrong number of arguments for '${args[1]}'. Try CLIENT HELP.`);
  if (how !== "timeout" && how !== "error") throw refuse("CLIENT UNBLOCK reason should be TIMEOUT or ERROR");
  const target = engine.clients.get(integerArgument(args[2]));
  if (target?.parked === undefined) return 0;
  target.unpark(how === "error" ? unblocked : target.parked.expired);
  return 1;
}
