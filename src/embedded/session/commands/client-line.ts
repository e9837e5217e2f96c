import { refuse } from "../../value/index.ts";
import { mode } from "../restraint.ts";
import type { Session } from "../session.ts";

/** What CLIENT LIST tells of a client. What a session in the process cannot know, such as buffers, is 0. */
export function clientLine(session: Session): string {
  const { keyspace, subscriptions, transaction, db, resp } = session;
  const seconds = (since: number): number => Math.max(0, Math.floor((keyspace.now - since) / 1000));
  const facts: readonly (readonly [string, string | number])[] = [
    ["id", session.id],
    ["addr", session.address],
    ["laddr", "127.0.0.1:0"],
    ["fd", session.id],
    ["name", session.name],
    ["age", seconds(session.since)],
    ["idle", seconds(session.lastAt)],
    ["flags", letters(session)],
    ["db", db.index],
    ["sub", subscriptions?.channels.size ?? 0],
    ["psub", subscriptions?.patterns.size ?? 0],
    ["ssub", subscriptions?.shardChannels.size ?? 0],
    ["multi", transaction?.queue.length ?? -1],
    ...["qbuf", "qbuf-free", "argv-mem", "multi-mem", "rbs", "rbp", "obl", "oll", "omem", "tot-mem"].map(
      (name) => [name, 0] as const,
    ),
    ["events", "r"],
    ["cmd", session.lastCommand?.name ?? "NULL"],
    ["user", (session.mode & mode.unauthenticated) === 0 ? "default" : "(superuser)"],
    ["redir", -1],
    ["resp", resp],
  ];
  return facts.map(([name, value]) => `${name}=${value}`).join(" ");
}

function letters(session: Session): string {
  let shown = "";
  if (session.monitor !== undefined) shown += "O";
  if ((session.mode & mode.listening) !== 0) shown += "P";
  if (session.transaction !== undefined) shown += "x";
  if (session.parked !== undefined) shown += "b";
  if (session.watching?.touched === true) shown += "d";
  if ((session.mode & mode.ending) !== 0) shown += "c";
  if (session.noEvict) shown += "e";
  return shown === "" ? "N" : shown;
}

/** The clients of a type by name: there are no replicas and no masters. */
export function clientsOfType(clients: readonly Session[], type: string): readonly Session[] {
  const listening = ({ mode: bits }: Session): boolean => (bits & mode.listening) !== 0;
  switch (type.toLowerCase()) {
    case "normal":
      return clients.filter((each) => !listening(each));
    case "pubsub":
      return clients.filter(listening);
    case "master":
    case "slave":
    case "replica":
      return [];
    default:
      throw refuse(`Unknown client type '${type}'`);
  }
}
