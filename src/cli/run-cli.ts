import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { InvalidInputError, nearest } from "../core/index.ts";
import { formatProblem, type Generated, generate, writeGenerated } from "../script/generator/index.ts";
import { type CoverageOptions, coverage } from "./coverage.ts";
import { type ServeOptions, serve } from "./serve.ts";

const usage = `Usage: redlua gen <folder...> [--check] [--import <module>] [--ignore <folder>...]
       redlua lint <folder...> [--ignore <folder>...]
       redlua coverage <folder...> --counts <folder> [--lcov <file>] [--min <percent>] [--ignore <folder>...]
       redlua serve [--port <number>] [--host <address>] [--unixsocket <path>] [--aof <file>] [--fsync <when>]

Typed Lua for Redis: the header of a .lua file is its schema.

  gen       Check every .lua file below the folders and write each folder's scripts.gen.ts
  lint      Check them and write nothing
  coverage  Tell which lines of them ran while REDLUA_COVERAGE=<folder> was set
  serve     Answer as Redis does, from the memory of this process, for development and tests

  --check              Write nothing; fail if a scripts.gen.ts is not what gen would write
  --import <module>    Where generated files import defineScript from (default: redlua/script)
  --ignore <folder>    Pass over a folder; may be given more than once
  --counts <folder>    The folder that REDLUA_COVERAGE named
  --lcov <file>        Write the lines there too, in the form that editors, genhtml and Codecov read
  --min <percent>      Fail if a smaller share of the lines ran
  --port <number>      Where to listen (default: 6379; 0 takes a free one)
  --host <address>     Where to listen (default: 127.0.0.1). There is no password: only this machine should reach it
  --unixsocket <path>  Listen there as well
  --aof <file>         Keep what is written in a file, and begin with what it holds
  --fsync <when>       When what was kept is safe: always, everysec (default) or no
  --help, --version`;

/** Where the command line writes its lines. */
export interface Terminal {
  readonly out: (line: string) => unknown;
  readonly error: (line: string) => unknown;
}

/** A command that is not understood. */
class UsageError extends Error {}

/**
 * Runs one command line and answers the exit code: 0 done, 1 problems in the scripts, a file that cannot be read or written, or a
 * server that cannot start, 2 a command that is not understood. `serve` answers when it was told to end.
 */
export function runCli(args: readonly string[], terminal: Terminal): number | Promise<number> {
  try {
    const { values, command, folders } = readCommand(args);
    if (values.version) terminal.out(readVersion());
    else if (values.help) terminal.out(usage);
    else if (command === "serve") return serve(readServe(values), terminal);
    else if (command === "coverage") {
      const reading = readCoverageOptions(values, folders);
      const generated = generate(folders, { ignore: values.ignore });
      // Of a folder with a problem nothing would be counted, and what is left would look better than it is.
      return generated.problems.length > 0 ? refuse(generated, terminal) : coverage(reading, terminal);
    } else if (command === "lint") return lint(generate(folders, { ignore: values.ignore }), terminal);
    else {
      const generated = generate(folders, {
        ignore: values.ignore,
        ...(values.import !== undefined && { importFrom: values.import }),
      });
      return values.check ? check(generated, terminal) : write(generated, terminal);
    }
    return 0;
  } catch (error) {
    if (isOfSystem(error)) {
      terminal.error(`redlua: ${error.message}`);
      return 1;
    }
    if (!(error instanceof UsageError || error instanceof InvalidInputError)) throw error;
    terminal.error(`redlua: ${error.message}\n\n${usage}`);
    return 2;
  }
}

/** Whether a file could not be used: "EACCES: permission denied, open 'src/scripts.gen.ts'" says all. */
function isOfSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}

interface Command {
  readonly values: {
    readonly check: boolean;
    readonly import: string | undefined;
    readonly ignore: readonly string[];
    readonly help: boolean;
    readonly version: boolean;
    readonly server: Readonly<Partial<Record<(typeof serving)[number], string>>>;
    readonly report: Readonly<Partial<Record<(typeof reporting)[number], string>>>;
  };
  readonly command: string | undefined;
  readonly folders: readonly string[];
}

const verbs = ["gen", "lint", "coverage", "serve"] as const;
/** Options that only `serve` has. */
const serving = ["port", "host", "unixsocket", "aof", "fsync"] as const;
/** Options that only `coverage` has. */
const reporting = ["counts", "lcov", "min"] as const;

function readCommand(args: readonly string[]): Command {
  const { values: given, positionals } = parse(args);
  const empty = Object.entries(given).find(([, value]) => [value].flat().includes(""));
  if (empty !== undefined) throw new UsageError(`--${empty[0]} is empty.`);
  const { check = false, help = false, version = false, ignore = [] } = given;
  const server = Object.fromEntries(serving.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
  const report = Object.fromEntries(reporting.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
  const values = { check, help, version, ignore, import: given.import, server, report };
  const [command, ...folders] = positionals;
  if (help || version) return { values, command, folders };
  if (command === undefined) throw new UsageError("say what to do: gen, lint, coverage or serve.");
  if (!verbs.some((verb) => verb === command)) {
    const near = nearest(command, verbs);
    throw new UsageError(`there is no command "${command}".${near === undefined ? "" : ` Did you mean "${near}"?`}`);
  }
  const [ofReport] = Object.keys(report);
  if (command !== "coverage" && ofReport !== undefined) throw new UsageError(`--${ofReport} is an option of coverage.`);
  if (command === "serve") {
    if (folders.length > 0 || check || ignore.length > 0 || values.import !== undefined)
      throw new UsageError(`serve takes no folders, and of the options only ${serving.map((name) => `--${name}`).join(", ")}.`);
    return { values, command, folders };
  }
  const [strange] = Object.keys(server);
  if (strange !== undefined) throw new UsageError(`--${strange} is an option of serve.`);
  if (folders.length === 0) throw new UsageError(`say which folders, for example: redlua ${command} src`);
  if (command !== "gen" && (check || values.import !== undefined))
    throw new UsageError(`${command} writes no scripts, so it has no --check and no --import.`);
  return { values, command, folders };
}

const options = {
  check: { type: "boolean" },
  import: { type: "string" },
  ignore: { type: "string", multiple: true },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "v" },
  port: { type: "string" },
  host: { type: "string" },
  unixsocket: { type: "string" },
  aof: { type: "string" },
  fsync: { type: "string" },
  counts: { type: "string" },
  lcov: { type: "string" },
  min: { type: "string" },
} as const;

function readCoverageOptions({ ignore, report }: Command["values"], folders: readonly string[]): CoverageOptions {
  const { counts, lcov, min = "0" } = report;
  if (counts === undefined) throw new UsageError("--counts says where the counts are: the folder that REDLUA_COVERAGE named.");
  if (!/^(?:100|\d{1,2}(?:\.\d+)?)$/.test(min)) throw new UsageError(`--min is a percentage from 0 to 100, not "${min}".`);
  return { folders, ignore, counts, lcov, min: Number(min) };
}

function readServe({ server: { port = "6379", fsync = "everysec", ...rest } }: Command["values"]): ServeOptions {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`"${port}" is not a port: 0 to 65535.`);
  if (fsync !== "always" && fsync !== "everysec" && fsync !== "no")
    throw new UsageError(`--fsync is always, everysec or no, not "${fsync}".`);
  return { ...rest, port: Number(port), fsync };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const unknown = /^Unknown option '(-+)?([^']*)'/.exec((error as Error).message)?.[2];
    if (unknown === undefined) throw new UsageError(`${(error as Error).message}.`);
    const near = nearest(unknown, Object.keys(options));
    throw new UsageError(`there is no option "${unknown}".${near === undefined ? "" : ` Did you mean "--${near}"?`}`);
  }
}

function write(generated: Generated, terminal: Terminal): number {
  const written = writeGenerated(generated.files);
  for (const { path, text, scripts } of written) {
    terminal.out(
      text === undefined ? `removed ${path}: no script is left beside it` : `wrote ${path}: ${count(scripts, "script")}`,
    );
  }
  if (generated.problems.length > 0) return refuse(generated, terminal);
  const holding = generated.files.filter(({ scripts }) => scripts > 0);
  const total = holding.reduce((sum, { scripts }) => sum + scripts, 0);
  const rest = written.length === 0 ? ", nothing to write" : "";
  terminal.out(`${count(total, "script")} in ${count(holding.length, "folder")}${rest}`);
  return 0;
}

function check(generated: Generated, terminal: Terminal): number {
  const stale = generated.files.filter(({ current }) => !current);
  for (const { path } of stale) terminal.error(`${path} is stale: run "redlua gen"`);
  return generated.problems.length > 0 ? refuse(generated, terminal) : stale.length > 0 ? 1 : 0;
}

function lint(generated: Generated, terminal: Terminal): number {
  if (generated.problems.length > 0) return refuse(generated, terminal);
  terminal.out(`${count(generated.read, "file")}, no problems`);
  return 0;
}

function refuse({ problems }: Generated, terminal: Terminal): number {
  for (const problem of problems) terminal.error(formatProblem(problem));
  terminal.error(`${count(problems.length, "problem")} in ${count(new Set(problems.map(({ file }) => file)).size, "file")}`);
  return 1;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return manifest.version;
}
