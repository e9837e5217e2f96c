import type { CommandSpec } from "../../command/index.ts";
import { MapReply, matchesGlob, Refusal, type Reply, refusals, refuse, SetReply, Status } from "../../value/index.ts";
import type { Command } from "../command-table.ts";
import type { Session } from "../session.ts";
import { categories, categoriesOf, tipsOf } from "./command-facts.ts";
import { define, help } from "./define.ts";
import { keySpecReply, keySpecsOf, positions } from "./key-specs.ts";

const flags = "loading stale";

/** COMMAND and its subcommands. */
export const commandCommands: readonly CommandSpec[] = [
  define("command", -1, "server", flags, ({ engine }) => [...engine.table.top()].map(infoOf)),
  define("command|count", 2, "server", flags, ({ engine }) => [...engine.table.top()].length),
  define("command|info", -2, "server", flags, ({ engine }, args) => {
    if (args.length === 2) return [...engine.table.top()].map(infoOf);
    return args.slice(2).map((name) => {
      const command = engine.table.full(name);
      return command === undefined ? null : infoOf(command);
    });
  }),
  define("command|docs", -2, "server", flags, ({ engine }, args) => {
    const named = args.slice(2).flatMap((name) => engine.table.full(name) ?? []);
    return docsOf(args.length === 2 ? [...engine.table.top()] : named);
  }),
  define("command|list", -2, "server", flags, list),
  define("command|getkeys", -4, "server", flags, (session, args) => keysOf(session, args).map(({ key }) => key)),
  define("command|getkeysandflags", -4, "server", flags, (session, args) => {
    return keysOf(session, args).map(({ key, flags }) => [key, new SetReply(flags.map((flag) => new Status(flag)))]);
  }),
  help("command", "server", [
    ["(no subcommand)", "INFO of every command."],
    ["COUNT", "How many commands there are."],
    ["LIST [FILTERBY (MODULE <name> | ACLCAT <category> | PATTERN <pattern>)]", "Names of commands."],
    ["INFO [<command> ...]", "Arity, flags, keys, categories, hints and subcommands."],
    ["DOCS [<command> ...]", "Groups of commands. There is no prose here."],
    ["GETKEYS <command> [<arg> ...]", "The keys of a call."],
    ["GETKEYSANDFLAGS <command> [<arg> ...]", "The keys of a call, and what it does to each."],
  ]),
];

function infoOf(command: Command): Reply {
  const { name, arity, spec, subcommands } = command;
  const [first, last, step] = spec.keys ?? [0, 0, 0];
  return [
    name,
    arity,
    new SetReply(spec.flags.filter((flag) => !untold.has(flag)).map((flag) => new Status(flag))),
    first,
    last,
    step,
    new SetReply(categoriesOf(command).map((category) => new Status(`@${category}`))),
    new SetReply(tipsOf(name)),
    new SetReply(keySpecsOf(name).map((each) => asMap(keySpecReply(each)))),
    new SetReply(subcommands === undefined ? [] : [...subcommands.values()].map(infoOf)),
  ];
}

/** Flags that Redis has and does not list. */
const untold: ReadonlySet<string> = new Set(["may_replicate"]);

/** Names and values in turn become a map, those inside too. */
function asMap(reply: Reply): Reply {
  if (!Array.isArray(reply)) return reply;
  const items = reply as readonly Reply[];
  return new MapReply(items.map((item, at) => (at % 2 === 0 ? item : asMap(item))));
}

function docsOf(commands: readonly Command[]): Reply {
  return new MapReply(
    commands.flatMap(({ name, spec, subcommands }) => {
      const facts: Reply[] = ["summary", "", "group", spec.group];
      if (subcommands !== undefined) facts.push("subcommands", docsOf([...subcommands.values()]));
      return [name, new MapReply(facts)];
    }),
  );
}

function list({ engine }: Session, args: readonly string[]): Reply {
  const { all } = engine.table;
  if (args.length === 2) return all.map(({ name }) => name);
  const [, , by, what, value] = args.map((arg) => arg.toLowerCase());
  if (args.length !== 5 || by !== "filterby") throw refusals.syntax;
  if (what === "module") return [];
  if (what === "pattern") return all.filter(({ name }) => matchesGlob(args[4] as string, name, true)).map(({ name }) => name);
  if (what !== "aclcat") throw refusals.syntax;
  const category = categories.find((each) => each === value);
  return all.filter((command) => category !== undefined && categoriesOf(command).includes(category)).map(({ name }) => name);
}

interface Key {
  readonly key: string;
  readonly flags: readonly string[];
}

function keysOf(session: Session, args: readonly string[]): readonly Key[] {
  const call = args.slice(2);
  const command = session.find(call);
  if (command instanceof Refusal) {
    // A subcommand that there is not is no command.
    const known = !command.message.startsWith("ERR unknown ");
    throw refuse(known ? "Invalid number of arguments specified for command" : "Invalid command specified");
  }
  const { name, spec } = command;
  const none = spec.keys === undefined && spec.findKeys === undefined;
  // Channels of shards are where keys would be, and are none.
  if (none || keySpecsOf(name).some((each) => each.flags.includes("not_key"))) throw refuse("The command has no key arguments");
  const found = positionsOf(spec, call);
  if (found.length === 0 && !spec.flags.includes("no_mandatory_keys")) throw refuse("Invalid arguments specified for command");
  return found.map((at) => ({ key: call[at] as string, flags: flagsOf(name, call, at) }));
}

function positionsOf({ findKeys, keys }: CommandSpec, call: readonly string[]): readonly number[] {
  if (findKeys !== undefined) return findKeys(call);
  const [first, last, step] = keys as readonly [number, number, number];
  const end = last < 0 ? call.length + last : last;
  const found: number[] = [];
  for (let at = first; at <= end; at += step) found.push(at);
  return found;
}

/** What a call does to the key at a position. */
function flagsOf(name: string, call: readonly string[], at: number): readonly string[] {
  if (name === "set") {
    const reads = call.slice(3).some((arg) => arg.toLowerCase() === "get");
    return reads ? ["RW", "access", "update"] : ["OW", "update"];
  }
  if (name === "bitfield") {
    const writes = call.slice(2).some((arg) => arg.toLowerCase() === "set" || arg.toLowerCase() === "incrby");
    return writes ? ["RW", "access", "update"] : ["RO", "access"];
  }
  const specs = keySpecsOf(name);
  const spec = specs.find((each) => positions(each, call).includes(at));
  // A key that no place holds is the one that SORT stores to.
  return (spec ?? specs.at(-1))?.flags ?? [];
}
