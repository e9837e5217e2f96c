import type { CommandContext, CommandFlag, CommandSpec } from "../command/index.ts";
import { MapReply, matchesGlob, OK, Refusal, type Reply, refuse, SetReply, Status } from "../value/index.ts";
import { flagNames, oneLine } from "./flags.ts";
import type { RestorePolicy } from "./function-store.ts";
import { help } from "./help.ts";
import type { ScriptingContext } from "./host.ts";
import type { Library } from "./library.ts";
import { isFlushMode } from "./script-commands.ts";

const notBusy: Refusal = new Refusal("NOTBUSY No scripts in execution right now.");

const helpText = `
LOAD [REPLACE] <FUNCTION CODE>
    Create a new library with the given library name and code.
DELETE <LIBRARY NAME>
    Delete the given library.
LIST [LIBRARYNAME PATTERN] [WITHCODE]
    Return general information on all the libraries:
    * Library name
    * The engine used to run the Library
    * Library description
    * Functions list
    * Library code (if WITHCODE is given)
    It also possible to get only function that matches a pattern using LIBRARYNAME argument.
STATS
    Return information about the current function running:
    * Function name
    * Command used to run the function
    * Duration in MS that the function is running
    If no function is running, return nil
    In addition, returns a list of available engines.
KILL
    Kill the current running function.
FLUSH [ASYNC|SYNC]
    Delete all the libraries.
    When called without the optional mode argument, the behavior is determined by the
    lazyfree-lazy-user-flush configuration directive. Valid modes are:
    * ASYNC: Asynchronously flush the libraries.
    * SYNC: Synchronously flush the libraries.
DUMP
    Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command
RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]
    Restore the libraries represented by the given payload, it is possible to give a restore policy to
    control how to handle existing libraries (default APPEND):
    * FLUSH: delete all existing libraries.
    * APPEND: appends the restored libraries to the existing libraries. On collision, abort.
    * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old
      libraries with the new libraries (notice that even on this option there is a chance of failure
      in case of functions name collision with another library).`;

/** FUNCTION and its subcommands. */
export const functionCommands: readonly CommandSpec[] = [
  subcommand("load", -3, ["write", "denyoom", "noscript"], load),
  subcommand("delete", 3, ["write", "noscript"], ({ sandbox, keyspace }, args) => {
    if (!sandbox.functions.delete(args[2] as string)) throw refuse("Library not found");
    keyspace.dirty++;
    return OK;
  }),
  subcommand("flush", -2, ["write", "noscript"], ({ sandbox, keyspace }, args) => {
    if (args.length > 3) throw wrongCount(args);
    if (args.length === 3 && !isFlushMode(args[2] as string)) throw refuse("FUNCTION FLUSH only supports SYNC|ASYNC option");
    sandbox.functions.clear();
    keyspace.dirty++;
    return OK;
  }),
  subcommand("list", -2, ["noscript"], list),
  subcommand("stats", 2, ["noscript", "allow_busy"], ({ sandbox: { functions } }) => {
    const counts = new MapReply(["libraries_count", functions.libraries.size, "functions_count", functions.size]);
    return new MapReply(["running_script", null, "engines", new MapReply(["LUA", counts])]);
  }),
  subcommand("dump", 2, ["noscript"], ({ sandbox }) => sandbox.functions.dump()),
  subcommand("restore", -3, ["write", "denyoom", "noscript"], restore),
  subcommand("kill", 2, ["noscript", "allow_busy"], () => {
    throw notBusy;
  }),
  { name: "function|help", arity: 2, group: "scripting", flags: ["loading", "stale"], run: help("FUNCTION", helpText) },
];

function subcommand(
  name: string,
  arity: number,
  flags: readonly CommandFlag[],
  run: (context: ScriptingContext, args: readonly string[]) => Reply,
): CommandSpec {
  return {
    name: `function|${name}`,
    arity,
    group: "scripting",
    flags,
    run: (context: CommandContext, args) => run(context as ScriptingContext, args),
  };
}

function load({ sandbox, keyspace }: ScriptingContext, args: readonly string[]): Reply {
  const last = args.length - 1;
  for (let at = 2; at < last; at++) {
    const option = args[at] as string;
    if (option.toLowerCase() !== "replace") throw refuse(oneLine(`Unknown option given: ${option}`));
  }
  const name = sandbox.functions.load(args[last] as string, last > 2);
  keyspace.dirty++;
  return name;
}

function list({ sandbox }: ScriptingContext, args: readonly string[]): Reply {
  let pattern: string | undefined;
  let withCode = false;
  for (let at = 2; at < args.length; at++) {
    const word = (args[at] as string).toLowerCase();
    if (word === "withcode" && !withCode) withCode = true;
    else if (word === "libraryname" && pattern === undefined) {
      pattern = args[++at];
      if (pattern === undefined) throw refuse("library name argument was not given");
    } else throw refuse(oneLine(`Unknown argument ${args[at]}`));
  }
  const libraries = [...sandbox.functions.libraries.values()];
  const asked = pattern;
  const shown = asked === undefined ? libraries : libraries.filter(({ name }) => matchesGlob(asked, name, true));
  return shown.map((library) => describe(library, withCode));
}

function describe({ name, code, functions }: Library, withCode: boolean): Reply {
  const described = [...functions.values()].map(({ name, description, flags }) => {
    const flagList = new SetReply(flagNames(flags).map((flag) => new Status(flag)));
    return new MapReply(["name", name, "description", description, "flags", flagList]);
  });
  const entries = ["library_name", name, "engine", "LUA", "functions", described];
  return new MapReply(withCode ? [...entries, "library_code", code] : entries);
}

function restore({ sandbox, keyspace }: ScriptingContext, args: readonly string[]): Reply {
  if (args.length > 4) throw wrongCount(args);
  const policy = (args[3] ?? "append").toLowerCase();
  if (policy !== "append" && policy !== "replace" && policy !== "flush") {
    throw refuse("Wrong restore policy given, value should be either FLUSH, APPEND or REPLACE.");
  }
  sandbox.functions.restore(args[2] as string, policy satisfies RestorePolicy);
  keyspace.dirty++;
  return OK;
}

function wrongCount(args: readonly string[]): Refusal {
  return refuse(oneLine(`unknown subcommand or wrong number of arguments for '${args[1]}'. Try FUNCTION HELP.`));
}
