import { Refusal, refusals } from "../value/index.ts";
import { bit, type Command } from "./command-table.ts";
import type { Session } from "./session.ts";

/** What is special about a session, or about the engine (the last), as bits of one number. */
export const mode = {
  queueing: 1,
  /** Has subscriptions. */
  listening: 2,
  unauthenticated: 4,
  monitoring: 8,
  /** Has a call that waits for the end of CLIENT PAUSE. */
  postponed: 16,
  /** Gets the reply to what it asked for last, and no more. */
  ending: 32,
  closed: 64,
  /** The engine has a limit on its memory. */
  bounded: 128,
  /** The engine cannot keep what is changed. */
  unwritable: 256,
} as const;

const noAuth: Refusal = new Refusal("NOAUTH Authentication required.");
const noKeys: Refusal = new Refusal("ERR Replica can't interact with the keyspace");
const noMulti: Refusal = new Refusal("ERR Command not allowed inside a transaction");

/** Why a command may not run now, if it may not: in Redis' own order. */
export function refusalOf(session: Session, command: Command): Refusal | undefined {
  const { bits } = command;
  const { engine, transaction } = session;
  if (transaction !== undefined && (bits & bit.noMulti) !== 0) return noMulti;
  if ((session.mode & mode.unauthenticated) !== 0 && (bits & bit.noAuth) === 0) return noAuth;
  if ((engine.mode & mode.bounded) !== 0 && !engine.keyspace.makeRoom() && needsMemory(session, command))
    return refusals.outOfMemory;
  if ((engine.mode & mode.unwritable) !== 0 && writes(session, command)) return engine.unwritable;
  if ((session.mode & mode.listening) !== 0 && session.resp === 2 && (bits & bit.listening) === 0) {
    const allowed = "only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context";
    return new Refusal(`ERR Can't execute '${command.name}': ${allowed}`);
  }
  if ((session.mode & mode.monitoring) !== 0 && touchesKeys(session, command)) return noKeys;
  return undefined;
}

function writes({ transaction }: Session, { bits, name }: Command): boolean {
  return ((name === "exec" ? (transaction?.bits ?? 0) : bits) & bit.write) !== 0 || name === "ping";
}

function touchesKeys({ transaction }: Session, { bits, name }: Command): boolean {
  const all = name === "exec" ? (transaction?.bits ?? 0) : bits;
  return (all & (bit.write | bit.readOnly | bit.mayReplicate)) !== 0;
}

/** What is queued takes memory as well, so in a transaction nothing runs but what ends it. */
function needsMemory({ transaction }: Session, { bits, name }: Command): boolean {
  if (transaction === undefined) return (bits & bit.denyOom) !== 0;
  if (name === "exec") return (transaction.bits & bit.denyOom) !== 0;
  return name !== "discard" && name !== "quit" && name !== "reset";
}
