import type { Engine, Session } from "../session/index.ts";
import { Refusal } from "../value/index.ts";
import { AofError } from "./errors.ts";
import type { Recovery } from "./options.ts";
import type { LogRecord } from "./record.ts";
import type { RecordReader } from "./record-reader.ts";

/** Runs again what a file holds. @throws {AofError} `AOF_CORRUPT`, `AOF_REPLAY` unless it may be repaired */
export function replay(engine: Engine, reader: RecordReader, file: string, size: number, repair: boolean): Recovery {
  const session = engine.connect();
  // What was evicted is in the file: evicting anew would choose other keys.
  const { maxMemory } = engine.keyspace;
  engine.limitMemory(0);
  let commands = 0;
  let refused = 0;
  let cutBytes = 0;
  try {
    for (;;) {
      const { offset } = reader;
      const record = reader.next();
      if (record === "end") break;
      if (record === "torn" || (record === "corrupt" && repair)) {
        cutBytes = size - offset;
        break;
      }
      if (record === "corrupt") throw corrupt(file, offset);
      const reply = run(engine, session, record);
      commands += record.commands.length;
      if (reply === undefined) continue;
      if (!repair) throw refusedAt(file, offset, reply);
      refused++;
    }
  } finally {
    session.close();
    engine.limitMemory(maxMemory);
  }
  return { commands, bytes: reader.offset, cutBytes, refused };
}

/** Runs the commands of a record at the time at which they ran. Answers the first refusal. */
function run({ keyspace }: Engine, session: Session, record: LogRecord): string | undefined {
  let refusal: string | undefined;
  keyspace.freezeAt(record.now);
  try {
    session.execute(["SELECT", String(record.database)]);
    for (const command of record.commands) {
      const reply = session.execute(command);
      if (reply instanceof Refusal) refusal ??= `${command[0]}: ${reply.message}`;
    }
  } finally {
    keyspace.thaw();
  }
  return refusal;
}

const wayOut = "Bring the file back from a copy, or start with `repair: true`";

function corrupt(file: string, offset: number): AofError {
  return new AofError(
    "AOF_CORRUPT",
    `The append-only file ${file} was damaged at byte ${offset}: what stands there is not what was written. ${wayOut}, which ` +
      "cuts it off there and loses what follows.",
    { file, offset },
  );
}

function refusedAt(file: string, offset: number, reply: string): AofError {
  return new AofError(
    "AOF_REPLAY",
    `A command in the append-only file ${file}, of the record at byte ${offset}, was refused when it was run again. ${reply}. ${wayOut}, which passes it over.`,
    { file, offset },
  );
}
