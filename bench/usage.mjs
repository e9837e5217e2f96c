/** The command line of a part. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";

/** What was typed cannot be understood. */
export class UsageError extends Error {}

/**
 * Reads `--name value` options.
 *
 * @param {readonly string[]} args
 * @param {Record<string, { fallback?: unknown, read: (text: string, name: string) => unknown }>} fields
 */
export function readArgs(args, fields) {
  const options = Object.fromEntries(Object.keys(fields).map((name) => [name, { type: "string" }]));
  let values;
  try {
    ({ values } = parseArgs({ args, options, strict: true, allowPositionals: false }));
  } catch (error) {
    throw new UsageError(
      `${error.message.split(/[.\n]/)[0]}. There is: ${Object.keys(fields)
        .map((name) => `--${name}`)
        .join(", ")}`,
    );
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, { fallback, read }]) => [
      name,
      values[name] === undefined ? fallback : read(values[name], name),
    ]),
  );
}

/** A whole number within limits. */
export function whole(min, max) {
  return (text, name) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
    return value;
  };
}

/** Some of a list, with commas. `groups` name several at once. */
export function someOf(names, groups = {}) {
  return (text, name) => {
    const given = text.split(",").flatMap((each) => groups[each] ?? [each]);
    const unknown = given.find((each) => !names.includes(each));
    if (unknown !== undefined)
      throw new UsageError(`--${name} knows no "${unknown}". It knows: ${[...names, ...Object.keys(groups)].join(", ")}`);
    return names.filter((each) => given.includes(each));
  };
}

/** A file to write, in a folder that is there. Said before an hour of measuring, not after it. */
export function fileToWrite(text, name) {
  const path = resolve(text);
  if (text === "" || !existsSync(dirname(path))) throw new UsageError(`--${name}: there is no folder ${dirname(path)}`);
  return path;
}
