import { Blocked, type CommandSpec } from "../../command/index.ts";
import {
  BigNumber,
  Double,
  integerArgument,
  MapReply,
  OK,
  parseDouble,
  Refusal,
  type Reply,
  refusals,
  refuse,
  SetReply,
  Status,
  Verbatim,
} from "../../value/index.ts";
import type { Session } from "../session.ts";
import { define } from "./define.ts";

/** Longer than anybody waits on purpose. */
const sleepMsMax = 3_600_000;

/** The parts of DEBUG that tests of clients use. */
export const debugCommands: readonly CommandSpec[] = [define("debug", -2, "server", "admin noscript loading stale", debug)];

function debug(session: Session, args: readonly string[]): Reply | Blocked {
  switch (args[1]?.toLowerCase()) {
    case "sleep": {
      if (args.length !== 3) break;
      // Only this client sleeps: a process that stands still would hang its event loop, and could not be told to stop.
      const ms = Math.min(Math.max((parseDouble(args[2] as string) ?? 0) * 1000, 0), sleepMsMax);
      return ms === 0 ? OK : new Blocked([], ms, OK);
    }
    case "set-active-expire":
      if (args.length !== 3) break;
      session.keyspace.removesLapsed = integerArgument(args[2]) !== 0;
      return OK;
    case "object":
      if (args.length < 3) break;
      return describe(session, args[2] as string);
    case "protocol":
      if (args.length !== 3) break;
      return example(session, args[2] as string);
    case "error":
      if (args.length !== 3) break;
      return new Refusal(args[2] as string);
    case "jmap":
      throw refuse("DEBUG JMAP is for a Redis that runs on the JVM: the embedded engine of redlua runs on Node");
    case "reload":
      // Everything is in memory, so there is nothing to read again.
      return OK;
    case "help":
      return usage;
  }
  throw refuse(`unknown subcommand or wrong number of arguments for '${args[1]}'. Try DEBUG HELP.`);
}

const usage: Reply = [
  "DEBUG <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
  "ERROR <text>",
  "    Answers that error.",
  "OBJECT <key>",
  "    How a value is kept.",
  "PROTOCOL <type>",
  "    Answers a value of a type: string, integer, double, null, array, set, map, verbatim, true, false, bignum.",
  "RELOAD",
  "    Nothing: all is in memory.",
  "SET-ACTIVE-EXPIRE <0|1>",
  "    Whether keys are removed once their time is up, or only when they are next met.",
  "SLEEP <seconds>",
  "    Lets this client wait.",
  "HELP",
  "    Prints this.",
].map((line) => new Status(line));

/** Asks the commands that know. */
function describe(session: Session, key: string): Reply {
  if (!session.db.has(key)) throw refusals.noSuchKey;
  const encoding = ask(session, ["OBJECT", "ENCODING", key]);
  const dump = ask(session, ["DUMP", key]);
  // Without its type, its version and its checksum.
  const length = typeof dump === "string" ? dump.length - 11 : 0;
  return new Status(`Value at:0x0 refcount:1 encoding:${encoding} serializedlength:${length} lru:0 lru_seconds_idle:0`);
}

function ask(session: Session, args: readonly string[]): Reply | Blocked {
  const command = session.find(args);
  return command instanceof Refusal ? command : session.run(command, args);
}

function example(session: Session, type: string): Reply {
  switch (type.toLowerCase()) {
    case "string":
      return "Hello World";
    case "integer":
      return 12_345;
    case "double":
      // biome-ignore lint/suspicious/noApproximativeNumericConstant: what Redis answers.
      return new Double(3.141);
    case "null":
      return null;
    case "array":
      return [0, 1, 2];
    case "set":
      return new SetReply([0, 1, 2]);
    case "map":
      return new MapReply(session.resp === 2 ? [0, 0, 1, 1, 2, 0] : [0, false, 1, true, 2, false]);
    case "verbatim":
      return new Verbatim("This is a verbatim\nstring");
    case "true":
      return session.resp === 2 ? 1 : true;
    case "false":
      return session.resp === 2 ? 0 : false;
    case "bignum":
      return new BigNumber("1234567999999999999999999999999999999");
    case "push":
      session.push(["server-cpu-usage", 42]);
      return "Some real reply following the push reply";
    default:
      throw refuse(
        "Wrong protocol type name. Please use one of the following: string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false",
      );
  }
}
