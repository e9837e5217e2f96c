import { spawn } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedisServer, howToGetOne, RedisServerError, unpackedFolder } from "./find-redis-server.ts";

const aptInstall = ["install", "-y", "--no-install-recommends"];

/**
 * The path of a Redis server, installed if there is none and if that may be done here: by root or with `sudo` through apt, through
 * Homebrew, or else unpacked from apt's packages into `~/.cache/redlua`.
 *
 * @param report hears what is being done, line by line
 * @throws {RedisServerError} `REDIS_SERVER_MISSING` with the one line to type, if nothing works
 */
export async function ensureRedisServer(report: (line: string) => void = () => {}): Promise<string> {
  return findRedisServer() ?? (await installRedisServer(report));
}

/** Installs a Redis server where that may be done. See {@link ensureRedisServer}. */
export async function installRedisServer(report: (line: string) => void = () => {}): Promise<string> {
  for (const [what, way] of await ways()) {
    report(`No redis-server was found. ${what}`);
    if (await way()) {
      const path = findRedisServer();
      if (path !== undefined) return path;
    }
  }
  throw new RedisServerError("REDIS_SERVER_MISSING", howToGetOne());
}

type Way = readonly [what: string, run: () => Promise<boolean>];

async function ways(): Promise<readonly Way[]> {
  const [apt, sudo, brew] = await Promise.all([
    works("apt-get", ["--version"]),
    works("sudo", ["-n", "true"]),
    works("brew", ["--version"]),
  ]);
  const list: Way[] = [];
  if (apt && process.getuid?.() === 0) list.push(["Installing it: apt-get install redis-server", () => throughApt([])]);
  else if (apt && sudo) list.push(["Installing it: sudo apt-get install redis-server", () => throughApt(["sudo", "-n"])]);
  if (brew) list.push(["Installing it: brew install redis", () => works("brew", ["install", "redis"])]);
  if (apt && process.getuid?.() !== 0) list.push([`Unpacking apt's packages of it into ${unpackedFolder()}`, unpackAptPackages]);
  return list;
}

async function throughApt(before: readonly string[]): Promise<boolean> {
  const apt = (...args: readonly string[]): Promise<boolean> => {
    const [program = "apt-get", ...rest] = [...before, "apt-get", "-q", ...args];
    return works(program, rest);
  };
  // A fresh machine has no lists of packages, and one that was set up long ago has old ones.
  return (await apt(...aptInstall, "redis-server")) || ((await apt("update")) && (await apt(...aptInstall, "redis-server")));
}

/** What apt would install, downloaded and unpacked without installing it: that needs no rights. */
async function unpackAptPackages(): Promise<boolean> {
  const plan = await output("apt-get", ["-s", ...aptInstall, "redis-server"]);
  const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name as string);
  if (packages.length === 0) return false;
  const downloads = await mkdtemp(join(tmpdir(), "redlua-apt-"));
  try {
    if (!(await works("apt-get", ["-q", "download", ...packages], downloads))) return false;
    const root = join(unpackedFolder(), "root");
    await mkdir(root, { recursive: true });
    for (const file of await readdir(downloads)) {
      if (file.endsWith(".deb") && !(await works("dpkg", ["-x", join(downloads, file), root]))) return false;
    }
    return await writeProgram(root);
  } finally {
    await rm(downloads, { recursive: true, force: true });
  }
}

/** A program that starts the server with the libraries that were unpacked beside it. */
async function writeProgram(root: string): Promise<boolean> {
  const libraries = await output("sh", ["-c", 'find "$1" -name "*.so*" -exec dirname {} + | sort -u | tr "\\n" ":"', "sh", root]);
  const path = join(unpackedFolder(), "redis-server");
  const lines = [
    "#!/bin/sh",
    `LD_LIBRARY_PATH="${libraries.trim()}$LD_LIBRARY_PATH" exec "${join(root, "usr/bin/redis-server")}" "$@"`,
    "",
  ];
  await writeFile(path, lines.join("\n"));
  await chmod(path, 0o755);
  return (await works(path, ["--version"])) || (await rm(path).then(() => false));
}

async function works(program: string, args: readonly string[], folder?: string): Promise<boolean> {
  return (await run(program, args, folder)).code === 0;
}

async function output(program: string, args: readonly string[]): Promise<string> {
  return (await run(program, args)).text;
}

function run(
  program: string,
  args: readonly string[],
  folder?: string,
): Promise<{ readonly code: number | null; readonly text: string }> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: folder,
      stdio: ["ignore", "pipe", "ignore"],
      // Debian's packages ask questions otherwise.
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.on("error", () => resolve({ code: null, text }));
    child.on("close", (code) => resolve({ code, text }));
  });
}
