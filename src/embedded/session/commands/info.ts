import type { CommandSpec } from "../../command/index.ts";
import { Verbatim } from "../../value/index.ts";
import { define } from "./define.ts";
import { type Facts, sections } from "./info-sections.ts";

/** Sections that are told only if they are asked for by name, or by `all` and `everything`. */
const extra: ReadonlySet<string> = new Set(["commandstats", "latencystats"]);

/** INFO. */
export const infoCommands: readonly CommandSpec[] = [
  define("info", -1, "server", "loading stale", (session, args) => {
    const asked = new Set(args.slice(1).map((arg) => arg.toLowerCase()));
    const all = asked.has("all") || asked.has("everything");
    const usual = args.length === 1 || asked.has("default");
    const chosen = [...sections].filter(
      ([name]) => all || asked.has(name.toLowerCase()) || (usual && !extra.has(name.toLowerCase())),
    );
    return new Verbatim(chosen.map(([name, tell]) => section(name, tell(session))).join("\r\n"));
  }),
];

function section(name: string, facts: Facts): string {
  return `# ${name}\r\n${facts.map(([fact, value]) => `${fact}:${value}\r\n`).join("")}`;
}
