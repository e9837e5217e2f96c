import type { Engine } from "../session/index.ts";
import { rebuildKey } from "./rebuild.ts";
import { RecordBuffer } from "./record.ts";

/** A record takes commands until it has about so many bytes. */
const recordBytes = 65_536;
const writeBytes = 1 << 20;

/** Writes records that bring back everything an engine stores, with as few commands as can be. */
export function writeEverything({ keyspace, sandbox }: Engine, write: (bytes: Buffer) => void): void {
  const records = new RecordBuffer(2 * writeBytes);
  let database = 0;
  let now = 0;
  let commands: (readonly string[])[] = [];
  let length = 0;
  const end = (): void => {
    if (commands.length === 0) return;
    records.add(database, now, commands);
    commands = [];
    length = 0;
    if (records.length < writeBytes) return;
    write(records.bytes);
    records.take(records.length);
  };
  const add = (index: number, at: number, command: readonly string[]): void => {
    if (length > recordBytes || index !== database || at !== now) end();
    database = index;
    now = at;
    commands.push(command);
    for (const arg of command) length += arg.length;
  };
  keyspace.freeze();
  try {
    const present = keyspace.now;
    for (const { code } of sandbox.functions.libraries.values()) add(0, present, ["FUNCTION", "LOAD", code]);
    for (const db of keyspace.databases) {
      for (const key of db.keys()) {
        const value = db.peek(key);
        if (value === undefined) continue;
        for (const { command, at = present } of rebuildKey(db, key, value)) add(db.index, at, command);
      }
    }
  } finally {
    keyspace.thaw();
  }
  end();
  write(records.bytes);
}
