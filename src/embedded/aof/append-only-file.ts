import type { CommandLog, Engine } from "../session/index.ts";
import { Refusal, textOf } from "../value/index.ts";
import { AofError } from "./errors.ts";
import { LogFile } from "./log-file.ts";
import { claimFile, releaseFile } from "./open-files.ts";
import type { AofOptions, Recovery } from "./options.ts";
import { RecordBuffer } from "./record.ts";
import { RecordReader } from "./record-reader.ts";
import { replay } from "./replay.ts";
import { writeEverything } from "./rewrite.ts";

const secondMs = 1000;
const rewriteBytesMinDefault = 1 << 20;

/**
 * What an engine has changed, command by command, in a file: so that a program finds again what it had stored.
 *
 * A command is in the file before whoever sent it hears the reply, by the end of the tick at the latest. Once the file has grown
 * to twice what it was, it is written anew from what is stored, which takes about a second for a million keys; it takes the place
 * of the old one in one step.
 */
export class AppendOnlyFile implements CommandLog {
  /** What was found in the file. */
  readonly recovery: Recovery;
  readonly #engine: Engine;
  readonly #file: LogFile;
  readonly #fsync: NonNullable<AofOptions["fsync"]>;
  readonly #rewriteBytesMin: number;
  readonly #warn: (text: string) => void;
  readonly #waiting: RecordBuffer = new RecordBuffer();
  #rewriteAt: number;
  #rewriteDue = false;
  /** The file holds something else than the history of what is stored: it can only be written anew. */
  #stale = false;
  #scheduled = false;
  #unsynced = false;
  #timer: NodeJS.Timeout | undefined;
  #failed = false;
  #closed = false;

  /**
   * Runs again what the file holds, then keeps in it what the engine changes.
   *
   * @throws {AofError}
   */
  constructor(engine: Engine, options: AofOptions) {
    const {
      file: path,
      fsync = "everysec",
      repair = false,
      rewriteBytesMin = rewriteBytesMinDefault,
      onWarning = warn,
    } = options;
    this.#warn = onWarning;
    this.#engine = engine;
    this.#fsync = fsync;
    this.#rewriteBytesMin = rewriteBytesMin;
    this.#file = openFile(path);
    if (!claimFile(this.#file.path, { flush: () => this.#keep() })) {
      this.#file.close();
      throw inUse(path);
    }
    try {
      this.recovery = this.#recover(repair);
    } catch (error) {
      this.#release();
      throw error instanceof AofError ? error : notOpened(path, error);
    }
    this.#rewriteAt = Math.max(this.#file.size * 2, rewriteBytesMin);
    engine.log = this;
  }

  /** {@link CommandLog.append} */
  append(database: number, now: number, commands: readonly (readonly string[])[]): Refusal | undefined {
    if (this.#closed) return undefined;
    this.#waiting.add(database, now, commands);
    const refusal = this.#fsync === "always" ? this.#writeThrough() : undefined;
    if (this.#file.size + this.#waiting.length > this.#rewriteAt) this.#rewriteDue = true;
    this.#schedule();
    return refusal;
  }

  /** Writes the file anew, from what is stored, once the command is over that runs now. */
  rewrite(stale = false): void {
    this.#stale ||= stale;
    this.#rewriteDue = true;
    this.#schedule();
  }

  /** Writes and keeps what is left to write, and lets go of the file. May be called twice. */
  close(): void {
    if (this.#closed) return;
    this.#keep();
    this.#sync();
    this.#closed = true;
    if (this.#engine.log === this) this.#engine.log = undefined;
    this.#release();
  }

  #recover(repair: boolean): Recovery {
    const start = this.#file.begin();
    const { path, size, descriptor } = this.#file;
    const reader = new RecordReader(descriptor, size, start);
    const recovery = replay(this.#engine, reader, path, size, repair);
    this.#file.cut(recovery.bytes);
    if (recovery.cutBytes > 0)
      this.#warn(`The last ${recovery.cutBytes} bytes of ${path} were cut off: they are no whole record.`);
    if (recovery.refused > 0) this.#warn(`${recovery.refused} records of ${path} were passed over: they were refused.`);
    return recovery;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // All that one tick brings is written at once, and still before anybody who awaits a reply goes on.
    queueMicrotask(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#closed) return;
    if (this.#rewriteDue) this.#rewriteNow();
    else this.#keep();
  };

  /** Brings the file up to what is stored. */
  #keep(): void {
    if (this.#stale) this.#rewriteNow();
    else this.#write();
  }

  /** Writes what waits. What could not be written goes on waiting, from the very byte on. */
  #write(): void {
    if (this.#waiting.length === 0) return;
    try {
      while (this.#waiting.length > 0) this.#waiting.take(this.#file.write(this.#waiting.bytes));
      this.#recovered();
    } catch (error) {
      this.#fail(error);
    }
    this.#unsynced = true;
    this.#timer ??= setTimeout(this.#tick, secondMs).unref();
  }

  /** Before anyone is answered, the disk has it; or whoever asked hears that it has not. */
  #writeThrough(): Refusal | undefined {
    this.#keep();
    if (!this.#failed) this.#sync();
    const { unwritable } = this.#engine;
    if (!this.#failed || unwritable === undefined) return undefined;
    return new Refusal(`NOTKEPT The change was made and is not kept. ${unwritable.message}`);
  }

  readonly #tick = (): void => {
    this.#timer = undefined;
    if (this.#closed) return;
    try {
      if (!this.#file.isOurs()) throw new Error("another program writes to it");
      if (this.#failed) this.#keep();
      if (this.#waiting.length === 0 && !this.#stale) this.#recovered();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#unsynced && !this.#failed && this.#fsync === "everysec") {
      this.#unsynced = false;
      this.#file.syncSoon(this.#unsyncable);
    }
  };

  #sync(): void {
    try {
      this.#file.sync();
      this.#unsynced = false;
    } catch (error) {
      this.#unsyncable(error);
    }
  }

  /** The system may have dropped what it could not bring to the disk, and say at the next try that all is well. */
  readonly #unsyncable = (error: unknown): void => {
    this.#stale = true;
    this.#fail(error);
  };

  #rewriteNow(): void {
    this.#rewriteDue = false;
    try {
      this.#file.replace((write) => writeEverything(this.#engine, write));
      this.#waiting.take(this.#waiting.length);
      this.#unsynced = false;
      this.#stale = false;
      this.#recovered();
    } catch (error) {
      if (this.#stale) {
        this.#fail(error);
        return;
      }
      this.#warn(`The append-only file ${this.#file.path} could not be written anew, and goes on growing: ${String(error)}`);
      this.#write();
    }
    this.#rewriteAt = Math.max(this.#file.size * 2, this.#rewriteBytesMin);
  }

  /** From now on nothing may be changed, because it would not be kept. */
  #fail(error: unknown): void {
    const text = textOf(error);
    this.#engine.refuseWrites(new Refusal(`MISCONF Errors writing to the AOF file: ${text}`));
    if (!this.#failed) this.#warn(`The append-only file ${this.#file.path} cannot be written, so writes are refused: ${text}`);
    this.#failed = true;
    this.#timer ??= setTimeout(this.#tick, secondMs).unref();
  }

  #recovered(): void {
    if (!this.#failed) return;
    this.#failed = false;
    this.#engine.refuseWrites(undefined);
  }

  #release(): void {
    clearTimeout(this.#timer);
    releaseFile(this.#file.path);
    this.#file.close();
  }
}

function openFile(path: string): LogFile {
  try {
    return new LogFile(path);
  } catch (error) {
    throw notOpened(path, error);
  }
}

function notOpened(file: string, cause: unknown): AofError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AofError("AOF_ACCESS", `The append-only file ${file} cannot be used: ${why}`, { file, cause });
}

function inUse(file: string): AofError {
  return new AofError(
    "AOF_IN_USE",
    `Another engine of this program writes to ${file}. Stop it first, or give this one a file of its own.`,
    {
      file,
    },
  );
}

function warn(text: string): void {
  process.emitWarning(text, { type: "RedluaWarning", code: "REDLUA_AOF" });
}
