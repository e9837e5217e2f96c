import { ConsumerGroup, MIN_ID, Stream, type StreamId, type Uint64 } from "../../store/index.ts";
import { exactIntegerArgument, integerReply, OK, Refusal, type Reply, refuse } from "../../value/index.ts";
import type { CommandContext, CommandSpec } from "../index.ts";
import { idArgument, looseIdArgument } from "./ids.ts";
import { UNKNOWN } from "./progress.ts";
import { help, noGroupIn, subcommandSyntax } from "./replies.ts";

const keyMissing = refuse(
  "The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an " +
    "empty stream automatically.",
);
const busy = new Refusal("BUSYGROUP Consumer Group name already exists");
const negativeRead = refuse("value for ENTRIESREAD must be positive or -1");

interface GroupOptions {
  readonly makeStream: boolean;
  readonly entriesRead: Uint64;
}

/** Reads options from `args[5]` on. */
function readGroupOptions(args: readonly string[], creates: boolean): GroupOptions {
  let makeStream = false;
  let entriesRead: Uint64 = UNKNOWN;
  for (let at = 5; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    if (creates && option === "mkstream") {
      makeStream = true;
    } else if (option === "entriesread" && at + 1 < args.length) {
      const read = exactIntegerArgument(args[++at]);
      if (read < -1n) throw negativeRead;
      entriesRead = integerReply(read);
    } else {
      throw subcommandSyntax(args);
    }
  }
  return { makeStream, entriesRead };
}

function create({ db }: CommandContext, args: readonly string[]): Reply {
  const { makeStream, entriesRead } = readGroupOptions(args, true);
  const key = args[2] as string;
  const name = args[3] as string;
  const found = db.collection(key, Stream);
  if (found === undefined && !makeStream) throw keyMissing;
  if (args.length > 8) throw subcommandSyntax(args);
  const given = args[4] as string;
  const id = given === "$" ? (found?.lastId ?? MIN_ID) : idArgument(given);
  if (found?.groups.has(name) === true) throw busy;
  const stream = found ?? new Stream();
  stream.groups.set(name, new ConsumerGroup(id, entriesRead));
  if (found === undefined) {
    db.set(key, stream);
    // Of the group nobody who watches the key is told, but of the stream.
    db.changed(key, "t", "", 0);
  }
  db.changed(key, "t", "xgroup-create");
  return OK;
}

function setId({ db }: CommandContext, args: readonly string[]): Reply {
  const { entriesRead } = readGroupOptions(args, false);
  const key = args[2] as string;
  const stream = existing(db.collection(key, Stream));
  const group = groupIn(stream, args);
  if (args.length !== 5 && args.length !== 7) throw subcommandSyntax(args);
  const given = args[4] as string;
  const id: StreamId = given === "$" ? stream.lastId : looseIdArgument(given);
  group.lastId = id;
  group.entriesRead = entriesRead;
  db.changed(key, "t", "xgroup-setid");
  return OK;
}

function destroy({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[2] as string;
  if (!existing(db.collection(key, Stream)).groups.delete(args[3] as string)) return 0;
  db.changed(key, "t", "xgroup-destroy");
  return 1;
}

function createConsumer({ db, keyspace }: CommandContext, args: readonly string[]): Reply {
  const key = args[2] as string;
  const group = groupIn(existing(db.collection(key, Stream)), args);
  const name = args[4] as string;
  if (group.consumers.has(name)) return 0;
  group.createConsumer(name, Math.floor(keyspace.now));
  db.changed(key, "t", "xgroup-createconsumer");
  return 1;
}

function deleteConsumer({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[2] as string;
  const group = groupIn(existing(db.collection(key, Stream)), args);
  const consumer = group.consumers.get(args[4] as string);
  if (consumer === undefined) return 0;
  const pending = consumer.pending.size;
  group.deleteConsumer(consumer);
  db.changed(key, "t", "xgroup-delconsumer");
  return pending;
}

function existing(stream: Stream | undefined): Stream {
  if (stream === undefined) throw keyMissing;
  return stream;
}

function groupIn(stream: Stream, args: readonly string[]): ConsumerGroup {
  const group = stream.groups.get(args[3] as string);
  if (group === undefined) throw noGroupIn(args[3] as string, args[2] as string);
  return group;
}

function groupHelp(): Reply {
  return help("XGROUP", [
    "CREATE <key> <groupname> <id|$> [option]",
    "    Create a new consumer group. Options are:",
    "    * MKSTREAM",
    "      Create the empty stream if it does not exist.",
    "    * ENTRIESREAD entries_read",
    "      Set the group's entries_read counter (internal use).",
    "CREATECONSUMER <key> <groupname> <consumer>",
    "    Create a new consumer in the specified group.",
    "DELCONSUMER <key> <groupname> <consumer>",
    "    Remove the specified consumer.",
    "DESTROY <key> <groupname>",
    "    Remove the specified group.",
    "SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]",
    "    Set the current group ID and entries_read counter.",
  ]);
}

const group = "stream";

export const groupCommands: readonly CommandSpec[] = [
  { name: "xgroup|create", arity: -5, group, flags: ["write", "denyoom"], keys: [2, 2, 1], run: create },
  { name: "xgroup|setid", arity: -5, group, flags: ["write"], keys: [2, 2, 1], run: setId },
  { name: "xgroup|destroy", arity: 4, group, flags: ["write"], keys: [2, 2, 1], run: destroy },
  { name: "xgroup|createconsumer", arity: 5, group, flags: ["write", "denyoom"], keys: [2, 2, 1], run: createConsumer },
  { name: "xgroup|delconsumer", arity: 5, group, flags: ["write"], keys: [2, 2, 1], run: deleteConsumer },
  { name: "xgroup|help", arity: 2, group, flags: ["loading", "stale"], run: groupHelp },
];
