import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { manifest, root } from "../house/project.ts";

/** What a program printed, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs a program to its end. */
export async function run(program: string, args: readonly string[], folder: string): Promise<Ran> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, [...args], { cwd: folder, maxBuffer: 2 ** 26 });
    return { code: 0, output: stdout, errors: stderr };
  } catch (error) {
    const failed = error as { readonly code?: number | string; readonly stdout?: string; readonly stderr?: string };
    return { code: Number(failed.code) || 1, output: failed.stdout ?? "", errors: failed.stderr || String(error) };
  }
}

/** Path of a development tool. */
export const tool = (name: string): string => join(root, "node_modules", ".bin", name);

/** The packed tarball, in a folder of its own. */
export interface Tarball {
  readonly path: string;
  readonly size: number;
  readonly files: readonly string[];
}

/** Packs what `npm run build` built. */
export async function pack(folder: string): Promise<Tarball> {
  const options = ["--json", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder];
  const { code, output, errors } = await run("npm", ["pack", ...options], root);
  if (code !== 0) throw new Error(`npm pack failed: ${errors}${output}`);
  // Newer versions of npm answer by name, older ones with a list.
  const answer = JSON.parse(output);
  const [packed] = Object.values(answer) as { filename: string; size: number; files: { path: string }[] }[];
  if (packed === undefined) throw new Error(`npm pack named no file: ${output}`);
  return { path: join(folder, packed.filename), size: packed.size, files: packed.files.map((file) => file.path).sort() };
}

/** A fresh folder for one test file, removed by its caller. */
export function freshFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "redlua-package-"));
}

/** Removes a folder and all that is in it. */
export function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

/**
 * Lays out a project that uses the tarball, as `npm install` would, with no registry.
 *
 * redlua itself is unpacked and not linked, so it reaches the dependencies that it declares and nothing else.
 *
 * @param further packages that the project has installed beside redlua
 */
export async function install(tarball: Tarball, folder: string, further: readonly string[]): Promise<void> {
  const modules = join(folder, "node_modules");
  await mkdir(join(modules, manifest.name), { recursive: true });
  await writeFile(join(folder, "package.json"), '{ "type": "module", "private": true }\n');
  const unpacked = await run("tar", ["-xzf", tarball.path, "--strip-components=1", "-C", join(modules, manifest.name)], folder);
  if (unpacked.code !== 0) throw new Error(`The tarball cannot be unpacked: ${unpacked.errors}`);
  for (const name of [...Object.keys(manifest.dependencies), ...further]) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, "node_modules", name), join(modules, name), "dir");
  }
}
