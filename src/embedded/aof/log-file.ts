import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { AofError } from "./errors.ts";
import { signature } from "./record.ts";

/** The file itself: opened to be read once and then only to be added to; replaced in one step. */
export class LogFile {
  /** Its real path. */
  readonly path: string;
  #descriptor: number;
  /** Bytes it has, as far as we wrote them. */
  #size: number;
  /** Closed once the sync has ended that runs on it. */
  #retired: number | undefined;
  #syncing = false;

  constructor(path: string) {
    const folder = dirname(resolve(path));
    const made = mkdirSync(folder, { recursive: true });
    this.#descriptor = openSync(path, "a+");
    this.path = realpathSync(path);
    this.#size = fstatSync(this.#descriptor).size;
    if (this.#size === 0) syncFolder(dirname(this.path));
    if (made !== undefined) syncFoldersAbove(folder, made);
    // Left behind by a process that was killed while it wrote the file anew.
    rmSync(this.#draft, { force: true });
  }

  get descriptor(): number {
    return this.#descriptor;
  }

  get size(): number {
    return this.#size;
  }

  /** Where its records begin. @throws {AofError} `AOF_FOREIGN` if it has none */
  begin(): number {
    const found = Buffer.alloc(Math.min(signature.length, this.#size));
    readSync(this.#descriptor, found, 0, found.length, 0);
    // Of a process that was killed at once.
    if (signature.startsWith(found.toString("latin1")) && found.length < signature.length) {
      this.cut(0);
      this.write(Buffer.from(signature, "latin1"));
    } else if (found.toString("latin1") !== signature) {
      throw new AofError("AOF_FOREIGN", `${this.path} is no append-only file of this version of redlua, and was left alone.`, {
        file: this.path,
      });
    }
    return signature.length;
  }

  /** Drops everything from an offset on. */
  cut(size: number): void {
    if (size === this.#size) return;
    ftruncateSync(this.#descriptor, size);
    fsyncSync(this.#descriptor);
    this.#size = size;
  }

  /** Adds bytes. @returns how many of them it could */
  write(bytes: Buffer): number {
    const count = writeSync(this.#descriptor, bytes);
    this.#size += count;
    return count;
  }

  sync(): void {
    fdatasyncSync(this.#descriptor);
  }

  /** As {@link sync}, beside everything else. */
  syncSoon(failed: (error: Error) => void): void {
    if (this.#syncing) return;
    this.#syncing = true;
    fdatasync(this.#descriptor, (error) => {
      this.#syncing = false;
      if (this.#retired !== undefined) closeSync(this.#retired);
      else if (error !== null) failed(error);
      this.#retired = undefined;
    });
  }

  /** False if somebody else has added to it, or put another file in its place. */
  isOurs(): boolean {
    const { size, ino, dev } = fstatSync(this.#descriptor);
    const there = statSync(this.path, { throwIfNoEntry: false });
    return size === this.#size && there?.ino === ino && there.dev === dev;
  }

  /** Writes it anew, on the disk before it takes the place of the old one; a process that is killed meanwhile has the old one. */
  replace(fill: (write: (bytes: Buffer) => void) => void): void {
    if (!this.isOurs()) throw new Error("another program writes to it");
    const descriptor = openSync(this.#draft, "wx+");
    try {
      let size = writeAll(descriptor, Buffer.from(signature, "latin1"));
      fill((bytes) => {
        size += writeAll(descriptor, bytes);
      });
      fsyncSync(descriptor);
      renameSync(this.#draft, this.path);
      this.#retire();
      this.#descriptor = descriptor;
      this.#size = size;
    } catch (error) {
      closeSync(descriptor);
      rmSync(this.#draft, { force: true });
      throw error;
    }
    syncFolder(dirname(this.path));
  }

  close(): void {
    this.#retire();
  }

  get #draft(): string {
    return `${this.path}.rewrite`;
  }

  #retire(): void {
    if (this.#syncing) this.#retired = this.#descriptor;
    else closeSync(this.#descriptor);
  }
}

function writeAll(descriptor: number, bytes: Buffer): number {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
  return bytes.length;
}

/** Folders that were made have a name in another. */
function syncFoldersAbove(folder: string, made: string): void {
  let at = folder;
  do {
    at = dirname(at);
    syncFolder(at);
  } while (at.length >= made.length);
}

/** So that the new name is on the disk as well. Not every system can. */
function syncFolder(path: string): void {
  try {
    const descriptor = openSync(path, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    // The file itself is there.
  }
}
