import { SortedSet } from "../../store/index.ts";
import { Double, NULL_ARRAY, type Reply, refusals } from "../../value/index.ts";
import { addScores, contradicts, geoOption } from "../sorted-sets/index.ts";
import type { CommandContext } from "../spec.ts";
import { distance } from "./area.ts";
import { placeArgument, unitArgument } from "./arguments.ts";
import { cellOf, finest, numberOf, type Place, placeOf } from "./cell.ts";

const letters = "0123456789bcdefghjkmnpqrstuvwxyz";

/** GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member …] */
export function geoadd(context: CommandContext, args: readonly string[]): Reply {
  let flags = 0;
  let at = 2;
  for (let flag = geoOption(args[at]); flag !== 0; flag = geoOption(args[++at])) flags |= flag;
  if ((args.length - at) % 3 !== 0 || contradicts(flags)) throw refusals.syntax;
  const scores: number[] = [];
  for (let each = at; each < args.length; each += 3) scores.push(numberOf(cellOf(placeArgument(args, each), finest)));
  if (scores.length === 0) throw refusals.syntax;
  return addScores(context, args[1] as string, flags, scores, args, at + 2, 3);
}

/** GEODIST key member1 member2 [M | KM | FT | MI] */
export function geodist({ db }: CommandContext, args: readonly string[]): Reply {
  const unit = args.length === 5 ? unitArgument(args[4] as string) : 1;
  if (args.length > 5) throw refusals.syntax;
  const set = db.collection(args[1] as string, SortedSet);
  const from = set?.score(args[2] as string);
  const to = set?.score(args[3] as string);
  if (from === undefined || to === undefined) return null;
  return (distance(placeOf(from), placeOf(to)) / unit).toFixed(4);
}

/** GEOHASH key [member …] */
export function geohash({ db }: CommandContext, args: readonly string[]): Reply {
  const set = db.collection(args[1] as string, SortedSet);
  const reply: Reply[] = [];
  for (let at = 2; at < args.length; at++) {
    const score = set?.score(args[at] as string);
    reply.push(score === undefined ? null : hashOf(placeOf(score)));
  }
  return reply;
}

/** GEOPOS key [member …] */
export function geopos(context: CommandContext, args: readonly string[]): Reply {
  const set = context.db.collection(args[1] as string, SortedSet);
  const reply: Reply[] = [];
  for (let at = 2; at < args.length; at++) {
    const score = set?.score(args[at] as string);
    reply.push(score === undefined ? NULL_ARRAY : placeReply(context, placeOf(score)));
  }
  return reply;
}

/** A place as Redis answers it: longitude and latitude, with up to 17 digits after the point. */
export function placeReply(context: CommandContext, { lon, lat }: Place): Reply {
  const texts = [degrees(lon), degrees(lat)];
  return context.resp === 3 ? texts.map((text) => new Double(Number(text), text)) : texts;
}

function degrees(value: number): string {
  const digits = value.toFixed(17).replace(/\.?0+$/, "");
  return digits === "-0" ? "0" : digits;
}

/** The hash as geohash.org writes it: the whole of the earth, and five bits a letter. */
function hashOf(place: Place): string {
  const bits = numberOf(cellOf(place, finest, 90));
  let hash = "";
  for (let at = 1; at <= 10; at++) hash += letters[Math.floor(bits / 2 ** (52 - 5 * at)) % 32];
  // Two bits are left, which Redis leaves out.
  return `${hash}0`;
}
