import { nearest } from "../../core/index.ts";
import { type Analysis, type CommandCall, choices, follow, type Refuse } from "./analysis.ts";
import { commands, forbidden, insteadOf } from "./commands.ts";
import { asCall, pathOf, walk } from "./lua-syntax.ts";

/** Refuses commands that do not exist, are called with the wrong number of words, have no place in a script, or have no limit. */
export function checkCommands(analysis: Analysis, refuse: Refuse): void {
  const called = new Set(analysis.commandCalls.map(({ node }) => asCall(node)?.base));
  walk(analysis.tree, (node, parents) => {
    const path = node.type === "MemberExpression" ? pathOf(node) : undefined;
    if ((path !== "redis.call" && path !== "redis.pcall") || called.has(node as never) || parents.at(-1) === undefined) return;
    refuse(
      node,
      "command-name",
      `${path} under another name hides its commands from the checks: write ${path}("GET", …) where it is called`,
    );
  });
  for (const call of analysis.commandCalls) {
    if (call.names.length === 0) {
      refuse(
        call.node,
        "command-name",
        'the name of the command is not written out: write it as text, or as a choice such as ok and "ZREM" or "ZADD"',
      );
    }
    for (const name of call.names) checkCommand(analysis, call, name, refuse);
  }
}

function checkCommand(analysis: Analysis, call: CommandCall, name: string, refuse: Refuse): void {
  // Commands of modules have a dot; what they take is theirs to say.
  if (name.includes(".")) return;
  const command = commands.get(name);
  if (forbidden.has(name)) {
    const instead = insteadOf[name];
    const hint = instead === undefined ? "call it from the program" : `a script never waits, so write ${instead}`;
    refuse(call.node, "command-forbidden", `${name} has no place in a script: ${hint}`);
    return;
  }
  if (command === undefined) {
    const near = nearest(name, [...commands.keys()]);
    refuse(call.node, "command-unknown", `Redis has no command ${name}.${near === undefined ? "" : ` Did you mean ${near}?`}`);
    return;
  }
  const words = call.args.length + 1;
  const least = call.open ? words - 1 : words;
  if (least > command.wordsMax || (!call.open && words < command.wordsMin)) {
    const { wordsMin, wordsMax } = command;
    const takes = wordsMax === wordsMin ? `${wordsMin - 1}` : `at least ${wordsMin - 1}`;
    refuse(call.node, "command-arity", `${name} takes ${takes} argument${takes === "1" ? "" : "s"}, not ${call.args.length}`);
    return;
  }
  const unbounded = whyUnbounded(analysis, call, name);
  if (unbounded !== undefined) refuse(call.node, "command-unbounded", unbounded);
}

/** Why a call has no limit, and how to give it one. */
function whyUnbounded(analysis: Analysis, { args, open }: CommandCall, name: string): string | undefined {
  const says = (word: string): boolean =>
    args.some((arg) => choices(follow(analysis, arg))?.some((each) => each.toUpperCase() === word));
  if (name === "KEYS" || name === "SCAN")
    return `${name} reads the whole database: keep the names that you look for in a set or a hash of your own`;
  if ((name === "XREAD" || name === "XREADGROUP") && says("BLOCK"))
    return `${name} with BLOCK waits, which a script never does: leave BLOCK out`;
  const byRange = /^Z(?:REV)?RANGEBY(?:SCORE|LEX)$/.test(name) || (name === "ZRANGE" && (says("BYSCORE") || says("BYLEX")));
  if (byRange && !open && !says("LIMIT")) return `${name} without LIMIT answers as much as there is: add "LIMIT", 0, limit`;
  return undefined;
}

/** Whether a call answers a whole collection, however large it is. */
export function answersAll({ names, args }: CommandCall): boolean {
  const whole = (index: number): boolean => literal(args[index]) === "0" && literal(args[index + 1]) === "-1";
  return names.some((name) => {
    if (/^(?:SMEMBERS|SUNION|SINTER|SDIFF|HKEYS|HVALS|ZUNION|ZINTER|ZDIFF)$/.test(name)) return true;
    return /^(?:LRANGE|ZRANGE|ZREVRANGE)$/.test(name) && whole(1);
  });
}

function literal(node: CommandCall["args"][number] | undefined): string | undefined {
  if (node?.type === "StringLiteral") return node.value;
  if (node?.type === "NumericLiteral") return String(node.value);
  return node?.type === "UnaryExpression" && node.operator === "-" ? `-${literal(node.argument)}` : undefined;
}
