import { draw, drawWithRepeats, Hash } from "../../store/index.ts";
import { EMPTY, type Reply, refusals } from "../../value/index.ts";
import { checkDraws, pairCountArgument, signedCountArgument } from "../count-argument.ts";
import type { CommandContext } from "../spec.ts";

export function hrandfield({ db, resp }: CommandContext, args: readonly string[]): Reply {
  const key = args[1] as string;
  if (args.length === 2) return db.collection(key, Hash)?.random() ?? null;
  const signed = signedCountArgument(args[2]);
  const withValues = args.length === 4 && (args[3] as string).toLowerCase() === "withvalues";
  if (args.length > 3 && !withValues) throw refusals.syntax;
  const count = withValues ? pairCountArgument(args[2]) : signed;
  const hash = db.collection(key, Hash);
  if (hash === undefined || count === 0) return EMPTY;
  if (count < 0) checkDraws(-count);
  const fields = count < 0 ? drawWithRepeats(hash, -count) : draw(hash, count);
  return withValues ? pairs(hash, fields, resp) : fields;
}

/** Pairs of field and value: flat in RESP2, each an array of its own in RESP3. */
function pairs(hash: Hash, fields: readonly string[], resp: 2 | 3): Reply {
  const reply: Reply[] = [];
  for (const field of fields) {
    const value = hash.get(field) as string;
    if (resp === 3) reply.push([field, value]);
    else reply.push(field, value);
  }
  return reply;
}
