import { dirname, join } from "node:path";

/**
 * The classes, functions, constants and interfaces that a door exports, directly or through another door, and that have no
 * doc comment, as `src/lock/lock.ts Lock`. Looks at the text: TypeScript 7 has no API for programs yet.
 *
 * @param read gives the text of a file
 */
export function undocumented(door: string, read: (path: string) => string): readonly string[] {
  return exportsOf(read(door)).flatMap(({ name, from }) => {
    if (from === undefined) return lacksComment(read(door), name) ? [`${door} ${name}`] : [];
    return search(join(dirname(door), from), name, read);
  });
}

function search(path: string, name: string, read: (path: string) => string): readonly string[] {
  const text = read(path);
  const passedOn = exportsOf(text).find((each) => each.name === name);
  if (passedOn?.from !== undefined) return search(join(dirname(path), passedOn.from), passedOn.name, read);
  return lacksComment(text, name) ? [`${path} ${name}`] : [];
}

function exportsOf(text: string): readonly { readonly name: string; readonly from: string | undefined }[] {
  return [...text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from "(\.[^"]+)")?/gm)].flatMap(([, list = "", from]) =>
    list
      .split(",")
      .map((each) =>
        each
          .trim()
          .replace(/^type /, "")
          .replace(/ as .*$/, ""),
      )
      .filter((name) => name !== "")
      .map((name) => ({ name, from })),
  );
}

function lacksComment(text: string, name: string): boolean {
  const declared = new RegExp(
    `^(?:export )?(?:declare )?(?:abstract |async )?(?:class|function\\*?|const|interface) ${name}\\b`,
    "m",
  ).exec(text);
  return declared !== null && !/\*\/\s*$/.test(text.slice(0, declared.index));
}
