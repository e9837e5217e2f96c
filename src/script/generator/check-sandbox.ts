import { nearest } from "../../core/index.ts";
import type { Analysis, Refuse } from "./analysis.ts";
import { walk } from "./lua-syntax.ts";
import { libraries, sandbox } from "./sandbox.ts";

/** Refuses globals, members of libraries that do not exist, and the parts of the sandbox that mean trouble. */
export function checkSandbox(analysis: Analysis, refuse: Refuse): void {
  for (const { node, written } of analysis.scopes.globals) {
    if (written)
      refuse(node, "stray-global", `"${node.name}" is a global: write "local ${node.name}" where it first gets a value`);
    else if (!sandbox.has(node.name)) refuse(node, "stray-global", unknownName(analysis, node.name));
  }
  walk(analysis.tree, (node) => {
    if (
      node.type !== "MemberExpression" ||
      node.base.type !== "Identifier" ||
      analysis.scopes.variableOf(node.base) !== undefined
    )
      return;
    const library = node.base.name;
    const member = node.identifier.name;
    if (library === "math" && (member === "random" || member === "randomseed")) {
      refuse(
        node,
        "random",
        `math.${member} repeats itself in Redis: take random text or a random number as an argument from the caller`,
      );
    } else if (library === "redis" && member === "setresp") {
      refuse(
        node,
        "setresp",
        "redis.setresp changes what nulls and numbers are to the code below it: leave it out, replies are typed by the header",
      );
    } else if (libraries[library] !== undefined && !libraries[library].includes(member)) {
      const near = nearest(member, libraries[library]);
      refuse(
        node,
        "stray-global",
        `Redis has no ${library}.${member}.${near === undefined ? "" : ` Did you mean ${library}.${near}?`}`,
      );
    }
  });
}

function unknownName(analysis: Analysis, name: string): string {
  const known = [...new Set([...analysis.scopes.variables.map((variable) => variable.name), ...sandbox])].filter(
    (each) => each !== name,
  );
  const near = name.length < 3 ? undefined : nearest(name, known);
  const hint = near === undefined ? `declare it with "local ${name}"` : `did you mean "${near}"?`;
  return `"${name}" is neither a local here nor part of Redis' sandbox: ${hint}`;
}
