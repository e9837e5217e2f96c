import { RedluaError } from "../../core/index.ts";

/** The append-only file cannot be used. */
export class AofError extends RedluaError {
  /**
   * - `AOF_CORRUPT`: bytes in the middle of the file are not those that were written.
   * - `AOF_FOREIGN`: the file was not written by this engine, or by a later version of it.
   * - `AOF_IN_USE`: another engine writes to the file.
   * - `AOF_REPLAY`: a command of the file was refused when it was run again.
   * - `AOF_ACCESS`: the file cannot be opened or read.
   */
  override readonly code: "AOF_CORRUPT" | "AOF_FOREIGN" | "AOF_IN_USE" | "AOF_REPLAY" | "AOF_ACCESS";
  readonly file: string;
  /** Where in the file, in bytes from its beginning. */
  readonly offset: number | undefined;

  constructor(
    code: AofError["code"],
    message: string,
    facts: { readonly file: string; readonly offset?: number; readonly cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.file = facts.file;
    this.offset = facts.offset;
  }
}
