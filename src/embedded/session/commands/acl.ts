import { createHash, randomBytes } from "node:crypto";
import type { CommandSpec } from "../../command/index.ts";
import { integerArgument, MapReply, OK, Refusal, type Reply, refusals, refuse, SetReply } from "../../value/index.ts";
import type { Session } from "../session.ts";
import { categories, categoriesOf } from "./command-facts.ts";
import { define, help } from "./define.ts";

const open = "noscript loading stale";
const admin = "admin noscript loading stale";
const bitsMax = 4096;
const badBits = refuse(
  `ACL GENPASS argument must be the number of bits for the output password, a positive number up to ${bitsMax}`,
);
const noFile = refuse(
  "This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.",
);

/** ACL: there is one user, who may do everything. */
export const aclCommands: readonly CommandSpec[] = [
  define("acl|whoami", 2, "server", open, () => "default"),
  define("acl|users", 2, "server", admin, () => ["default"]),
  define("acl|list", 2, "server", admin, (session) => {
    const password = passwordHash(session);
    return [`user default on ${password === undefined ? "nopass" : `#${password}`} ~* &* +@all`];
  }),
  define("acl|getuser", 3, "server", admin, getUser),
  define("acl|cat", -2, "server", open, cat),
  define("acl|genpass", -2, "server", open, (_session, args) => {
    if (args.length > 3) throw wrongCount(args[1]);
    const bits = args[2] === undefined ? 256 : integerArgument(args[2]);
    if (bits <= 0 || bits > bitsMax) throw badBits;
    const digits = Math.ceil(bits / 4);
    return randomBytes(Math.ceil(digits / 2))
      .toString("hex")
      .slice(0, digits);
  }),
  define("acl|log", -2, "server", admin, (_session, args) => {
    if (args.length > 3) throw wrongCount(args[1]);
    if (args[2]?.toLowerCase() === "reset") return OK;
    if (args[2] !== undefined) integerArgument(args[2]);
    return [];
  }),
  define("acl|dryrun", -4, "server", admin, dryRun),
  define("acl|setuser", -3, "server", admin, () => {
    throw refuse("the embedded engine of redlua has one user, who may do everything: connect to a Redis server for others");
  }),
  define("acl|deluser", -3, "server", admin, (_session, args) => {
    if (args.slice(2).includes("default")) throw refuse("The 'default' user cannot be removed");
    return 0;
  }),
  define("acl|load", 2, "server", admin, withoutFile),
  define("acl|save", 2, "server", admin, withoutFile),
  help("acl", "server", [
    ["CAT [<category>]", "Categories of commands, or the commands of one."],
    ["DELUSER <username> [<username> ...]", "There is none to remove."],
    ["DRYRUN <username> <command> [<arg> ...]", "Whether the user may run it."],
    ["GETUSER <username>", "What a user may do."],
    ["GENPASS [<bits>]", "A password by chance."],
    ["LIST", "The one user, in full."],
    ["LOAD", "Not here: there is no file."],
    ["LOG [<count>|RESET]", "Always empty."],
    ["SAVE", "Not here: there is no file."],
    ["SETUSER <username> [<attribute> ...]", "Not here: there is one user."],
    ["USERS", "The name of the one user."],
    ["WHOAMI", "The name of the one user."],
  ]),
];

function withoutFile(): Reply {
  throw noFile;
}

function wrongCount(subcommand: string | undefined): Refusal {
  return refuse(`unknown subcommand or wrong number of arguments for '${subcommand}'. Try ACL HELP.`);
}

function passwordHash({ engine }: Session): string | undefined {
  const password = engine.configuration.get("requirepass");
  return password === "" ? undefined : createHash("sha256").update(password, "latin1").digest("hex");
}

function getUser(session: Session, args: readonly string[]): Reply {
  if (args[2] !== "default") return null;
  const password = passwordHash(session);
  const flags = password === undefined ? ["on", "nopass"] : ["on"];
  const passwords = password === undefined ? [] : [password];
  const rights = ["commands", "+@all", "keys", "~*", "channels", "&*", "selectors", []];
  return new MapReply(["flags", new SetReply(flags), "passwords", passwords, ...rights]);
}

function cat({ engine }: Session, args: readonly string[]): Reply {
  if (args.length > 3) throw wrongCount(args[1]);
  if (args[2] === undefined) return categories;
  const name = args[2].toLowerCase();
  const category = categories.find((each) => each === name);
  if (category === undefined) throw refuse(`Unknown category '${args[2]}'`);
  return engine.table.all.filter((command) => categoriesOf(command).includes(category)).map((command) => command.name);
}

function dryRun(session: Session, args: readonly string[]): Reply {
  if (args[2] !== "default") throw refuse(`User '${args[2]}' not found`);
  const call = args.slice(3);
  const command = session.find(call);
  if (!(command instanceof Refusal)) return OK;
  if (session.engine.table.get(call[0] as string) === undefined) throw refuse(`Command '${call[0]}' not found`);
  throw command.message.startsWith("ERR wrong") ? command : refusals.syntax;
}
