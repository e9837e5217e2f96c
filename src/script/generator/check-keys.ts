import type { Analysis, CommandCall, Refuse } from "./analysis.ts";
import { commands, keyPositions } from "./commands.ts";
import type { Header } from "./header.ts";
import { KeyOrigins, type Origin } from "./key-origin.ts";

/** Refuses keys that the header does not declare, and keys used as something other than it says. */
export function checkKeys(analysis: Analysis, header: Header, refuse: Refuse): void {
  const origins = new KeyOrigins(analysis, header);
  for (const call of analysis.commandCalls) {
    for (const name of call.names) {
      const command = commands.get(name);
      if (command === undefined) continue;
      for (const position of keyPositions(command, call.args.length)) {
        const word = call.args[position];
        // What `unpack` gives is many words; where they come from is not followed.
        if (word === undefined || (call.open && position === call.args.length - 1)) continue;
        for (const origin of origins.of(word)) judge(origin, call, { name, kind: command.kind }, refuse);
      }
    }
  }
}

function judge(
  origin: Origin,
  call: CommandCall,
  command: { readonly name: string; readonly kind: string },
  refuse: Refuse,
): void {
  const { name } = command;
  if (origin.from === "literal") {
    refuse(
      call.node,
      "key-undeclared",
      `the key "${origin.text}" is not in KEYS, so no prefix and no cluster knows of it: declare "--- @key name kind" and use KEYS`,
    );
  } else if (origin.from === "argument") {
    refuse(
      call.node,
      "key-undeclared",
      `"${origin.name}" is an argument, and ${name} uses it as a key: declare it with @key, or declare a prefix "--- @key name* kind" and complete it`,
    );
  } else if (origin.key.form === "prefix" && !origin.completed) {
    const key = origin.key.name;
    refuse(
      call.node,
      "key-kind",
      `"${key}" is the prefix of keys, and no key itself: complete it, redis.call("${name}", ${key} .. id, …)`,
    );
  } else if (origin.key.form !== "prefix" && origin.completed) {
    const key = origin.key.name;
    refuse(
      call.node,
      "key-undeclared",
      `the header declares "${key}", not keys that begin with it: declare the prefix, "--- @key ${key}* kind"`,
    );
  } else if (command.kind !== "any" && origin.key.kind !== "any" && origin.key.kind !== command.kind) {
    refuse(
      call.node,
      "key-kind",
      `"${origin.key.name}" is a ${origin.key.kind} in the header, and ${name} wants a ${command.kind}: change one of them`,
    );
  }
}

/** Refuses writes in a script that says it has none. */
export function checkWrites(analysis: Analysis, header: Header, refuse: Refuse): void {
  if (header.writes !== "none") return;
  for (const call of analysis.commandCalls) {
    for (const name of call.names.filter((each) => commands.get(each)?.writes)) {
      refuse(
        call.node,
        "read-only-write",
        `${name} is a write to Redis, and the header says "@writes none": say "idempotent" or "once" there`,
      );
    }
  }
}
