import { Refusal } from "../value/index.ts";
import type { Command } from "./command-table.ts";

/** What an engine counts, for INFO. */
export class Stats {
  /** Calls per command, by its place in the table; those that failed; those that were not let run. */
  calls: Float64Array;
  failed: Float64Array | undefined = undefined;
  rejected: Float64Array | undefined = undefined;
  /** Errors by their first word. */
  readonly errors: Map<string, number> = new Map();
  connections = 0;
  refusals = 0;

  constructor(commands: number) {
    this.calls = new Float64Array(commands);
  }

  /** A command ran; `again` if it has waited, and was counted when it came. */
  count(command: Command, reply: unknown, again = false): void {
    if (!again) this.calls[command.id] = (this.calls[command.id] as number) + 1;
    if (reply instanceof Refusal) this.#fail(command, reply);
  }

  /** A command was refused before it ran. */
  reject(refusal: Refusal, command: Command | undefined): void {
    this.#error(refusal);
    if (command === undefined) return;
    this.rejected ??= new Float64Array(this.calls.length);
    this.rejected[command.id] = (this.rejected[command.id] ?? 0) + 1;
  }

  /** As CONFIG RESETSTAT. */
  reset(): void {
    this.calls.fill(0);
    this.failed = undefined;
    this.rejected = undefined;
    this.errors.clear();
    this.connections = 0;
    this.refusals = 0;
  }

  /** Commands that ran, those inside scripts and transactions included. */
  get processed(): number {
    return this.calls.reduce((sum, calls) => sum + calls, 0);
  }

  #fail(command: Command, refusal: Refusal): void {
    this.#error(refusal);
    this.failed ??= new Float64Array(this.calls.length);
    this.failed[command.id] = (this.failed[command.id] ?? 0) + 1;
  }

  #error({ message }: Refusal): void {
    this.refusals++;
    const end = message.indexOf(" ");
    const code = end === -1 ? message : message.slice(0, end);
    // As Redis does, so that errors made up by scripts cannot fill the memory.
    if (this.errors.size < 128 || this.errors.has(code)) this.errors.set(code, (this.errors.get(code) ?? 0) + 1);
  }
}
