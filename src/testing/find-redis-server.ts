import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { RedluaError } from "../core/index.ts";

/** There is no Redis server on this machine, or it did not start. The message says what to do. */
export class RedisServerError extends RedluaError {
  override readonly code: "REDIS_SERVER_MISSING" | "REDIS_SERVER_FAILED";

  constructor(code: RedisServerError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

const names = ["redis-server", "valkey-server"];

// Where package managers put servers when PATH does not say so: Debian, Homebrew on Intel and on Apple silicon, MacPorts.
const usualFolders = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin", "/snap/bin"];

let found: { readonly environment: string; readonly path: string } | undefined;

/**
 * The path of a Redis (or Valkey) server on this machine, or `undefined`.
 *
 * Looks at `REDIS_SERVER`, then along `PATH`, then in the usual places, then at what {@link installRedisServer} unpacked.
 * Remembers what it found.
 *
 * @throws {RedisServerError} `REDIS_SERVER_MISSING` if `REDIS_SERVER` is set to something that cannot be run
 */
export function findRedisServer(): string | undefined {
  const named = process.env["REDIS_SERVER"];
  const environment = `${named ?? ""}\n${process.env["PATH"] ?? ""}`;
  if (found?.environment === environment) return found.path;
  if (named !== undefined && named !== "" && !runnable(named)) {
    throw new RedisServerError("REDIS_SERVER_MISSING", `REDIS_SERVER is ${named}, which is not a program that can be run.`);
  }
  const path = named || search();
  if (path !== undefined) found = { environment, path };
  return path;
}

/**
 * The server on this machine, or an error that says how to get one.
 *
 * @param asker what asks for it, and why the embedded engine does not do
 */
export function requireRedisServer(asker: string): string {
  const program = findRedisServer();
  if (program === undefined) throw new RedisServerError("REDIS_SERVER_MISSING", `${asker} ${howToGetOne()}`);
  return program;
}

/** The one line to type. */
export function howToGetOne(): string {
  const command = process.platform === "darwin" ? "brew install redis" : "sudo apt-get install redis-server";
  return `No redis-server was found on this machine. Type: ${command} (or set REDIS_SERVER to the path of one)`;
}

/** Where an installation without root keeps its programs. */
export function unpackedFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "redlua", "redis-server");
}

function search(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter).filter(Boolean), ...usualFolders, unpackedFolder()];
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(runnable);
}

function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
