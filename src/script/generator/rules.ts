/** Every rule that a script is held to: its name, as `-- redlua: allow <rule> because <reason>` spells it, and why it is there. */
export const rules = {
  syntax: "Redis runs Lua 5.1, so the file must be Lua 5.1.",
  header: "The header is the schema: what it says must be complete and unambiguous.",
  include: "An include holds comments and pure local functions, and a script that names it uses it.",
  "file-name": "The name of the file becomes the name of the function.",
  allow: "An exception names a rule that would stop the line, and gives its reason.",
  "input-unread": "A key or argument that nobody reads is a mistake in the header or in the code.",
  "input-undeclared": "A key or argument that the header lacks cannot be passed.",
  "input-swapped": "A local named like another key or argument is a swap waiting to be believed.",
  "input-late": "The first lines give KEYS and ARGV their names; the rest of the script uses the names.",
  "stray-global": "Redis refuses globals, at run time and only on the path that reaches them.",
  random: "Redis' random numbers repeat after a restart and are shared by all scripts; random comes from the caller.",
  setresp: "Under RESP3 nulls, maps and numbers mean something else to the same code.",
  "nil-compare": "What is missing in Redis is false in Lua, never nil.",
  "lost-digits": 'Lua writes numbers with 14 digits when it joins them: 1700000000123456 becomes "1.7000000001235e+15".',
  "command-name": "Only a command that is written out can be checked.",
  "command-unknown": "Redis knows no such command.",
  "command-arity": "Redis refuses the call at run time, after what the script wrote before it.",
  "command-forbidden": "Redis does not run this command in a script, or it cannot do there what it is for.",
  "command-unbounded": "A command whose work grows with the data blocks everyone who uses the server.",
  "key-undeclared": "A key that is not in KEYS is in another slot of a cluster sooner or later.",
  "key-kind": "A key is used as what its header says it holds.",
  "read-only-write": "A script that says `@writes none` runs on replicas, where writes are refused.",
  "loop-unbounded": "A loop without a limit blocks the server until it ends.",
  "unpack-all": "Lua's stack takes about 7,900 values; one more is an error.",
  "reply-word": "The caller's types come from the header: a reply that it lacks has no type.",
  "reply-unused": "An outcome that never comes is a branch that the caller writes for nothing.",
  "reply-fields": "A reply carries the fields that its header declares, in their order.",
  "reply-missing": "A script that ends without `return` answers null.",
  "reply-string-keys": "Redis drops every string key of a table that is returned.",
  "reply-nil": "A reply ends at its first nil.",
  "reply-fraction": "Redis cuts a number in a reply to a whole one.",
} as const;

export type Rule = keyof typeof rules;

/** One thing that stops a script, and what to do about it. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly rule: Rule;
  readonly message: string;
}

/** Collects what is wrong with one file. */
export type Report = (line: number, rule: Rule, message: string) => void;

/** A problem as one line that editors can follow: `lock/acquire.lua:12: … (lost-digits)`. */
export function formatProblem(problem: Problem): string {
  return `${problem.file}:${problem.line}: ${problem.message} (${problem.rule})`;
}
