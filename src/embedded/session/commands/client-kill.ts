import { integerArgument, OK, type Reply, refusals, refuse } from "../../value/index.ts";
import type { Session } from "../session.ts";
import { clientsOfType } from "./client-line.ts";

/** CLIENT KILL: of one address, or of all that pass every filter. */
export function clientKill(session: Session, args: readonly string[]): Reply {
  const all = [...session.engine.clients.values()];
  if (args.length === 3) {
    const target = all.find(({ address }) => address === args[2]);
    if (target === undefined) throw refuse("No such client");
    target.end();
    return OK;
  }
  if (args.length % 2 !== 0) throw refusals.syntax;
  let chosen: readonly Session[] = all;
  let spared: Session | undefined = session;
  for (let at = 2; at < args.length; at += 2) {
    const value = args[at + 1] as string;
    if ((args[at] as string).toLowerCase() === "skipme") spared = skipMe(value) ? session : undefined;
    else chosen = filtered(chosen, (args[at] as string).toLowerCase(), value);
  }
  const targets = chosen.filter((each) => each !== spared);
  for (const target of targets) target.end();
  return targets.length;
}

function filtered(clients: readonly Session[], filter: string, value: string): readonly Session[] {
  switch (filter) {
    case "id": {
      const id = integerArgument(value, refuse("client-id should be greater than 0"));
      if (id < 1) throw refuse("client-id should be greater than 0");
      return clients.filter((each) => each.id === id);
    }
    case "type":
      return clientsOfType(clients, value);
    case "addr":
      return clients.filter(({ address }) => address === value);
    case "laddr":
      return [];
    case "user":
      if (value !== "default") throw refuse(`No such user '${value}'`);
      return clients;
    default:
      throw refusals.syntax;
  }
}

function skipMe(value: string): boolean {
  const read = value.toLowerCase();
  if (read !== "yes" && read !== "no") throw refusals.syntax;
  return read === "yes";
}
