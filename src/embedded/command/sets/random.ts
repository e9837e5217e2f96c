import { draw, drawWithRepeats, MemberSet } from "../../store/index.ts";
import { EMPTY, type Reply, refusals, SetReply } from "../../value/index.ts";
import { checkDraws, positiveArgument, signedCountArgument } from "../count-argument.ts";
import type { CommandContext } from "../spec.ts";

const emptySet = new SetReply(EMPTY);

export function spop(context: CommandContext, args: readonly string[]): Reply {
  const { db } = context;
  const key = args[1] as string;
  if (args.length > 3) throw refusals.syntax;
  const count = args.length === 3 ? positiveArgument(args[2]) : undefined;
  const set = db.collection(key, MemberSet);
  if (set === undefined) return count === undefined ? null : emptySet;
  if (count === 0) return emptySet;
  const members = count === undefined ? [set.random()] : draw(set, count);
  for (const member of members) set.delete(member);
  context.record(set.size === 0 ? ["DEL", key] : ["SREM", key].concat(members));
  db.changed(key, "s", "spop", members.length);
  db.removeIfEmpty(key, set);
  return count === undefined ? (members[0] as string) : new SetReply(members);
}

export function srandmember({ db }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  if (args.length === 2) return db.collection(key, MemberSet)?.random() ?? null;
  if (args.length > 3) throw refusals.syntax;
  const count = signedCountArgument(args[2]);
  const set = db.collection(key, MemberSet);
  if (set === undefined || count === 0) return EMPTY;
  if (count > 0) return draw(set, count);
  checkDraws(-count);
  return drawWithRepeats(set, -count);
}
