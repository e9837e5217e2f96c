interface OpenFile {
  /** Writes what waits to be written. */
  flush(): void;
}

/** Files that engines of this process write to, by their path. */
const open = new Map<string, OpenFile>();

/** @returns false if another engine of this process has it */
export function claimFile(path: string, file: OpenFile): boolean {
  if (open.has(path)) return false;
  if (open.size === 0) process.on("exit", flushAll);
  open.set(path, file);
  return true;
}

export function releaseFile(path: string): void {
  open.delete(path);
  if (open.size === 0) process.off("exit", flushAll);
}

/** A program that ends by itself has answered what it was asked; this much is still to be written of it. */
function flushAll(): void {
  for (const file of open.values()) file.flush();
}
