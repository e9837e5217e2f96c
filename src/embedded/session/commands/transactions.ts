import { Blocked, type CommandSpec } from "../../command/index.ts";
import { EMPTY, NULL_ARRAY, OK, Refusal, type Reply, refuse } from "../../value/index.ts";
import type { Command } from "../command-table.ts";
import { NO_REPLY, type Session } from "../session.ts";
import { beginTransaction, endTransaction, type Transaction } from "../transaction.ts";
import { define } from "./define.ts";

const aborted = new Refusal("EXECABORT Transaction discarded because of previous errors.");
const flags = "noscript loading stale fast allow_busy";

/** MULTI, EXEC, DISCARD, WATCH and UNWATCH. */
export const transactionCommands: readonly CommandSpec[] = [
  define("multi", 1, "transactions", flags, (session) => {
    if (session.transaction !== undefined) throw refuse("MULTI calls can not be nested");
    beginTransaction(session);
    return OK;
  }),
  define("exec", 1, "transactions", "noscript loading stale skip_slowlog", (session) => {
    const { transaction } = session;
    if (transaction === undefined) throw refuse("EXEC without MULTI");
    const intact = session.engine.watches.intact(session);
    endTransaction(session);
    if (transaction.broken) throw aborted;
    if (!intact) return NULL_ARRAY;
    return transaction.queue.length === 0 ? EMPTY : execute(session, transaction);
  }),
  define("discard", 1, "transactions", flags, (session) => {
    if (session.transaction === undefined) throw refuse("DISCARD without MULTI");
    endTransaction(session);
    return OK;
  }),
  {
    ...define("watch", -2, "transactions", flags, (session, args) => {
      if (session.transaction !== undefined) throw refuse("WATCH inside MULTI is not allowed");
      for (let at = 1; at < args.length; at++) session.engine.watches.watch(session, args[at] as string);
      return OK;
    }),
    keys: [1, -1, 1],
  },
  define("unwatch", 1, "transactions", flags, (session) => {
    session.engine.watches.release(session);
    return OK;
  }),
];

function execute(session: Session, { queue }: Transaction): Reply {
  const replies: Reply[] = [];
  for (const { command, args } of queue) replies.push(executeOne(session, command, args));
  return replies;
}

function executeOne(session: Session, command: Command, args: readonly string[]): Reply {
  const confirmations: (readonly Reply[])[] = [];
  session.confirmations = confirmations;
  let reply: Reply | Blocked;
  try {
    reply = session.run(command, args);
  } finally {
    session.confirmations = undefined;
  }
  if (reply instanceof Blocked) return reply.declined;
  if (reply !== NO_REPLY) return reply;
  // SUBSCRIBE confirms each channel by itself: the first is its reply here, the rest follow that of EXEC.
  const [first, ...rest] = confirmations;
  session.pushAfterReply(rest);
  return first ?? null;
}
