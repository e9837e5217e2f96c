import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { formatProblem, generate, rules } from "./index.ts";

const fixtures: string = fileURLToPath(new URL("fixtures/", import.meta.url));
const problems: ReadonlyMap<string, readonly string[]> = problemsByFile();

/** Every fixture, and all that is said about it. */
const refused: Readonly<Record<string, readonly string[]>> = {
  "Not_A_Name.lua": [
    '1: "Not_A_Name.lua" becomes no function name: use small letters, digits and dashes, such as "claim-next.lua" (file-name)',
  ],
  "allow-nothing.lua": ['12: nothing on this line breaks "key-kind": take the exception out (allow)'],
  "allow-unknown-rule.lua": ['12: there is no rule "key-knd". Did you mean "key-kind"? (allow)'],
  "allow-without-reason.lua": ['12: an exception gives its reason: "-- redlua: allow <rule> because <reason>" (allow)'],
  "command-arity-few.lua": ["11: SET takes at least 2 arguments, not 1 (command-arity)"],
  "command-arity-many.lua": ["11: GET takes 1 argument, not 2 (command-arity)"],
  "command-forbidden-blocking.lua": [
    "11: BLPOP has no place in a script: a script never waits, so write LPOP (command-forbidden)",
  ],
  "command-forbidden-subscribe.lua": ["12: SUBSCRIBE has no place in a script: call it from the program (command-forbidden)"],
  "command-name-alias.lua": [
    '11: redis.call under another name hides its commands from the checks: write redis.call("GET", …) where it is called (command-name)',
  ],
  "command-name-variable.lua": [
    '11: the name of the command is not written out: write it as text, or as a choice such as ok and "ZREM" or "ZADD" (command-name)',
  ],
  "command-unbounded-block.lua": ["11: XREAD with BLOCK waits, which a script never does: leave BLOCK out (command-unbounded)"],
  "command-unbounded-keys.lua": [
    "11: KEYS reads the whole database: keep the names that you look for in a set or a hash of your own (command-unbounded)",
  ],
  "command-unbounded-range.lua": [
    '11: ZRANGEBYSCORE without LIMIT answers as much as there is: add "LIMIT", 0, limit (command-unbounded)',
  ],
  "command-unbounded-scan.lua": [
    "11: SCAN reads the whole database: keep the names that you look for in a set or a hash of your own (command-unbounded)",
  ],
  "command-unknown.lua": ["11: Redis has no command SETT. Did you mean SET? (command-unknown)"],
  "delete.lua": [
    '1: "delete" cannot be the name of a function in TypeScript: name the file for what it does to what, such as "delete-job.lua" (file-name)',
  ],
  "header-below-code.lua": ['12: "@reply" stands below the header: move it to the comment lines at the top of the file (header)'],
  "header-declared-twice.lua": ['5: "@arg owner" is declared twice (header)'],
  "header-dots-behind.lua": ['4: all further arguments are written "...ids", with the dots first (header)'],
  "header-field-without-type.lua": ['5: the field "token" has no type: write "token: string" (header)'],
  "header-mixed-replies.lua": [
    "6: a script answers with one type, or with outcomes that each start with a word in quotes, not both (header)",
  ],
  "header-no-doc.lua": ['1: the first line says what the script does: "--- Take the lease, or say when it lapses." (header)'],
  "header-no-reply.lua": [
    '1: the header says what comes back: "--- @reply integer", or one "--- @reply "word", field: type" for each outcome (header)',
  ],
  "header-no-writes.lua": [
    '1: the header says how the script writes, "--- @writes" and one of: "none" (it never writes), "idempotent" (running it twice leaves and answers what running it once does), "once" (it writes in any other way, so it is never sent twice) (header)',
  ],
  "header-rest-not-last.lua": [
    '4: "...ids" takes all that is left, so it comes last: move it down, or make it an array, whose length comes first (header)',
  ],
  "header-unknown-kind.lua": ['3: a key holds no "sset". Did you mean "set"? (header)'],
  "header-unknown-tag.lua": ['5: there is no tag "@args". Did you mean "@arg"? (header)'],
  "header-unknown-type.lua": ['4: there is no type "strng". Did you mean "string"? (header)'],
  "header-unknown-writes.lua": [
    '6: "@writes sometimes" is not known, it is one of: "none" (it never writes), "idempotent" (running it twice leaves and answers what running it once does), "once" (it writes in any other way, so it is never sent twice) (header)',
  ],
  "include-inside-block.lua": [
    "12: an include stands at the top level of the file, not inside a block: move it above the block (include)",
  ],
  "include-unknown.lua": ['11: there is no include "nwo". Did you mean "now"? (include)'],
  "include-unused.lua": ['11: nothing here uses what "now" declares (now_ms): take the line out (include)'],
  "input-late.lua": ['12: KEYS[1] is called "lease" since line 8: use that name (input-late)'],
  "input-swapped-number.lua": [
    '10: ARGV[1] is "ttl_ms" in the header, but its name here is "wait_ms", which is another one: swap them here or there (input-swapped)',
    '10: ARGV[2] is "wait_ms" in the header, but its name here is "ttl_ms", which is another one: swap them here or there (input-swapped)',
  ],
  "input-swapped.lua": [
    '9: KEYS[1] is "lease" in the header, but its name here is "fence", which is another one: swap them here or there (input-swapped)',
    '9: KEYS[2] is "fence" in the header, but its name here is "lease", which is another one: swap them here or there (input-swapped)',
  ],
  "input-undeclared-argument.lua": [
    '12: ARGV[2] is read and not declared: add "--- @arg name type" as number 2 to the header (input-undeclared)',
  ],
  "input-undeclared-dynamic.lua": [
    '12: ARGV is as long as the header says, 1, in every call: read it as ARGV[n], or declare "--- @arg ...name type" (input-undeclared)',
  ],
  "input-undeclared-key.lua": [
    '12: KEYS[2] is read and not declared: add "--- @key name kind" as number 2 to the header (input-undeclared)',
  ],
  "input-undeclared-zero.lua": ["12: ARGV[0] does not exist: ARGV begins at 1 (input-undeclared)"],
  "input-unread-argument.lua": [
    "5: ARGV[2] (ttl_ms) is declared and never read: read it, or take the @arg out of the header (input-unread)",
  ],
  "input-unread-before-rest.lua": [
    "4: ARGV[1] (owner) is declared and never read: read it, or take the @arg out of the header (input-unread)",
  ],
  "input-unread-key.lua": [
    "4: KEYS[2] (fence) is declared and never read: read it, or take the @key out of the header (input-unread)",
  ],
  "input-unread-rest.lua": ['5: "ids" is declared and never read: go through it with "for i = 2, #ARGV do" (input-unread)'],
  "key-kind-in-loop.lua": [
    '12: "other" is a zset in the header, and HSET wants a hash: change one of them (key-kind)',
    '12: "ready" is a zset in the header, and HSET wants a hash: change one of them (key-kind)',
  ],
  "key-kind-prefix.lua": [
    '11: "job" is the prefix of keys, and no key itself: complete it, redis.call("HSET", job .. id, …) (key-kind)',
  ],
  "key-kind-rest.lua": ['10: "stock" is a string in the header, and LPUSH wants a list: change one of them (key-kind)'],
  "key-kind-through-table.lua": ['12: "job" is a hash in the header, and ZREM wants a zset: change one of them (key-kind)'],
  "key-kind.lua": ['11: "due" is a zset in the header, and HSET wants a hash: change one of them (key-kind)'],
  "key-undeclared-argument.lua": [
    '12: "owner" is an argument, and DEL uses it as a key: declare it with @key, or declare a prefix "--- @key name* kind" and complete it (key-undeclared)',
    '12: the key "job:" is not in KEYS, so no prefix and no cluster knows of it: declare "--- @key name kind" and use KEYS (key-undeclared)',
  ],
  "key-undeclared-literal.lua": [
    '12: the key "total" is not in KEYS, so no prefix and no cluster knows of it: declare "--- @key name kind" and use KEYS (key-undeclared)',
  ],
  "key-undeclared-parameter.lua": [
    '12: the key "total" is not in KEYS, so no prefix and no cluster knows of it: declare "--- @key name kind" and use KEYS (key-undeclared)',
  ],
  "key-undeclared-prefix.lua": [
    '11: the header declares "lease", not keys that begin with it: declare the prefix, "--- @key lease* kind" (key-undeclared)',
  ],
  "loop-unbounded-both-until.lua": [
    '12: nothing limits this loop: count its turns up to a limit that arrives as an argument, "for _ = 1, limit do … break … end" (loop-unbounded)',
  ],
  "loop-unbounded-call.lua": [
    '11: nothing limits this loop: count its turns up to a limit that arrives as an argument, "for _ = 1, limit do … break … end" (loop-unbounded)',
  ],
  "loop-unbounded-either-while.lua": [
    '12: nothing limits this loop: count its turns up to a limit that arrives as an argument, "for _ = 1, limit do … break … end" (loop-unbounded)',
  ],
  "loop-unbounded-huge.lua": ["11: a loop to math.huge never ends: loop to a limit that arrives as an argument (loop-unbounded)"],
  "loop-unbounded-length.lua": [
    "12: this loop is as long as LRANGE answers, and that has no limit: read a part of it, up to a limit that arrives as an argument (loop-unbounded)",
  ],
  "loop-unbounded-members.lua": [
    "11: this loop is as long as SMEMBERS answers, and that has no limit: read a part of it, up to a limit that arrives as an argument (loop-unbounded)",
  ],
  "loop-unbounded-repeat.lua": [
    '12: nothing limits this loop: count its turns up to a limit that arrives as an argument, "for _ = 1, limit do … break … end" (loop-unbounded)',
  ],
  "loop-unbounded-true.lua": [
    '11: nothing limits this loop: count its turns up to a limit that arrives as an argument, "for _ = 1, limit do … break … end" (loop-unbounded)',
  ],
  "lost-digits-format.lua": ['12: "%s" keeps 14 digits of a number: write "%.17g" in its place (lost-digits)'],
  "lost-digits-include.lua": ['13: a number joined with ".." keeps 14 digits: join string.format("%.0f", number) (lost-digits)'],
  "lost-digits-join.lua": ['12: a number joined with ".." keeps 14 digits: join string.format("%.0f", number) (lost-digits)'],
  "lost-digits-parameter.lua": [
    '12: a number joined with ".." keeps 14 digits: join string.format("%.0f", number) (lost-digits)',
  ],
  "lost-digits-tostring.lua": ['12: tostring keeps 14 digits of a number: write string.format("%.0f", number) (lost-digits)'],
  "lua/circle-b.lua": ["1: includes go in a circle: circle-a.lua → circle-b.lua → circle-a.lua (include)"],
  "lua/impure.lua": [
    '1: an include holds nothing but "local function"s: move this into a function, or into the scripts (include)',
    '4: "rcall" is not a parameter of this function, nor a function of this file: take it as a parameter (include)',
    "4: an include does not know KEYS: take what it needs as a parameter (include)",
    '5: "seen" is a global: write "local seen" (include)',
    '6: a text over several lines cannot be folded onto one: write "\\n" where a line ends (include)',
    '10: "shared" is a global: write "local shared" (include)',
    '10: an include holds nothing but "local function"s: write "local" before this function (include)',
  ],
  "nil-compare-item.lua": [
    '12: what is missing in Redis is false, never nil, so this is always false: write "not value" (nil-compare)',
  ],
  "nil-compare-local.lua": [
    '12: what is missing in Redis is false, never nil, so this is always true: write "value" (nil-compare)',
  ],
  "nil-compare.lua": [
    '11: what is missing in Redis is false, never nil, so this is always false: write "not value" (nil-compare)',
  ],
  "random-seed.lua": [
    "12: math.randomseed repeats itself in Redis: take random text or a random number as an argument from the caller (random)",
  ],
  "random.lua": [
    "12: math.random repeats itself in Redis: take random text or a random number as an argument from the caller (random)",
  ],
  "read-only-write-include.lua": [
    '11: PEXPIRE is a write to Redis, and the header says "@writes none": say "idempotent" or "once" there (read-only-write)',
  ],
  "read-only-write-publish.lua": [
    '11: PUBLISH is a write to Redis, and the header says "@writes none": say "idempotent" or "once" there (read-only-write)',
  ],
  "read-only-write.lua": [
    '11: SET is a write to Redis, and the header says "@writes none": say "idempotent" or "once" there (read-only-write)',
  ],
  "reply-fields-false.lua": [
    '12: the reply is missing here, and it is a string in the header: declare it nullable with "?" (reply-fields)',
  ],
  "reply-fields-few.lua": ['12: "granted" has 1 field (token) in the header and 0 here (reply-fields)'],
  "reply-fields-many.lua": ['12: "granted" has 1 field (token) in the header and 2 here (reply-fields)'],
  "reply-fields-nothing.lua": [
    '11: the reply is missing here, and it is an integer in the header: declare it nullable with "?" (reply-fields)',
  ],
  "reply-fields-record.lua": ["12: an item of the reply has 2 fields (id, score) in the header and 1 here (reply-fields)"],
  "reply-fields-table.lua": [
    "12: the reply is a table here, and it is an integer in the header: leave out the braces (reply-fields)",
  ],
  "reply-fields-text.lua": ["12: the reply is text here, and it is an integer in the header (reply-fields)"],
  "reply-fields-through-function.lua": ['13: "granted" has 1 field (token) in the header and 2 here (reply-fields)'],
  "reply-fraction-branch.lua": [
    '14: the reply can be a fraction, and Redis cuts it to a whole number: return math.floor(number) or math.ceil(number), or declare a number and return string.format("%.17g", number) (reply-fraction)',
  ],
  "reply-fraction-number.lua": [
    '12: rate can be a fraction, and Redis cuts it to a whole number: return string.format("%.17g", number) (reply-fraction)',
  ],
  "reply-fraction-otherwise.lua": [
    '14: the reply can be a fraction, and Redis cuts it to a whole number: return math.floor(number) or math.ceil(number), or declare a number and return string.format("%.17g", number) (reply-fraction)',
  ],
  "reply-fraction-root.lua": [
    '12: waitMs can be a fraction, and Redis cuts it to a whole number: return math.floor(number) or math.ceil(number), or declare a number and return string.format("%.17g", number) (reply-fraction)',
  ],
  "reply-fraction.lua": [
    '12: the reply can be a fraction, and Redis cuts it to a whole number: return math.floor(number) or math.ceil(number), or declare a number and return string.format("%.17g", number) (reply-fraction)',
  ],
  "reply-missing.lua": [
    "11: the script can end here without a reply, and the header promises one: end it with return … (reply-missing)",
  ],
  "reply-nil-choice.lua": [
    "12: a nil ends the reply here, and what follows is lost: write false, which arrives as null (reply-nil)",
  ],
  "reply-nil.lua": ["12: a nil ends the reply here, and what follows is lost: write false, which arrives as null (reply-nil)"],
  "reply-string-keys.lua": [
    '12: Redis drops "granted = …" from a reply: return the values in the order of the header, { … } (reply-string-keys)',
    '12: Redis drops "until_ms = …" from a reply: return the values in the order of the header, { … } (reply-string-keys)',
  ],
  "reply-unused.lua": ['6: the code never returns "held": return it, or take the @reply out of the header (reply-unused)'],
  "reply-word-bare.lua": ['12: an outcome is a table that begins with its word: return { "granted", … } (reply-word)'],
  "reply-word-missing.lua": ['12: an outcome begins with its word, one of "granted" (reply-word)'],
  "reply-word.lua": ['12: "grantd" is returned and not declared: did you mean "granted"? (reply-word)'],
  "setresp.lua": [
    "11: redis.setresp changes what nulls and numbers are to the code below it: leave it out, replies are typed by the header (setresp)",
  ],
  "stray-global-member.lua": ["12: Redis has no math.flor. Did you mean math.floor? (stray-global)"],
  "stray-global-read.lua": [
    `12: "onwer" is neither a local here nor part of Redis' sandbox: did you mean "owner"? (stray-global)`,
  ],
  "stray-global-write.lua": ['12: "total" is a global: write "local total" where it first gets a value (stray-global)'],
  "syntax-shebang.lua": [
    '1: a script has no "#!" line, which Redis 6.2 does not read: "--- @writes none" says what "flags=no-writes" says (syntax)',
  ],
  "syntax.lua": [`13: this is not Lua 5.1: 'end' expected near '<eof>' (syntax)`],
  "unpack-all-from.lua": [
    '13: the caller decides how long ARGV is, and unpack takes about 7,900 values at a time: go through it in parts, "for i = first, #list, 1000 do … unpack(list, i, math.min(i + 999, #list)) … end" (unpack-all)',
  ],
  "unpack-all-reply.lua": [
    '9: nothing limits what SMEMBERS answers, and unpack takes about 7,900 values: go through it in parts, "for i = first, #list, 1000 do … unpack(list, i, math.min(i + 999, #list)) … end" (unpack-all)',
  ],
  "unpack-all.lua": [
    '10: the caller decides how long ARGV is, and unpack takes about 7,900 values: go through it in parts, "for i = first, #list, 1000 do … unpack(list, i, math.min(i + 999, #list)) … end" (unpack-all)',
  ],
};

test.each(Object.entries(refused))("%s is refused for what it does, and for nothing else", (file, expected) => {
  expect(problems.get(file)).toEqual(expected);
});

test("every fixture that should be refused is in the table, and nothing else is", () => {
  const names = readdirSync(`${fixtures}refused`);
  expect([...problems.keys()].sort()).toEqual(Object.keys(refused).sort());
  expect(
    names.filter((name) => refused[name] === undefined && name !== "include-circle.lua" && name !== "include-impure.lua"),
  ).toEqual([]);
});

test("every rule has a fixture that breaks it", () => {
  const broken = Object.values(refused).flat();
  expect(Object.keys(rules).filter((rule) => !broken.some((line) => line.endsWith(` (${rule})`)))).toEqual([]);
});

function problemsByFile(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const problem of generate([`${fixtures}refused`]).problems) {
    const [, file = "", text = ""] = /fixtures\/(?:refused\/)?([\w./-]+\.lua):(.*)$/.exec(formatProblem(problem)) ?? [];
    found.set(file, [...(found.get(file) ?? []), text]);
  }
  return found;
}
