import { SortedSet } from "../../store/index.ts";
import { EMPTY, type Reply } from "../../value/index.ts";
import { storeResult } from "../sorted-sets/index.ts";
import type { CommandContext } from "../spec.ts";
import { cellsAround, distance, isWithin, roughDistance, type Shape } from "./area.ts";
import { distanceReply } from "./arguments.ts";
import { type Place, placeOf, scoresOf } from "./cell.ts";
import { placeReply } from "./places.ts";
import { type Form, GeoQuery } from "./query.ts";

/** A member that was found. */
interface Found {
  readonly member: string;
  readonly score: number;
  readonly place: Place;
  /** From the centre: roughly, which is enough to order by. */
  readonly metres: number;
}

/** GEOSEARCH key FROMMEMBER member | FROMLONLAT longitude latitude BYRADIUS radius unit | BYBOX width height unit [options] */
export function geosearch(context: CommandContext, args: readonly string[]): Reply {
  return search(context, args, "search", false);
}

/** GEOSEARCHSTORE destination source … as GEOSEARCH, without what is told of each [STOREDIST] */
export function geosearchstore(context: CommandContext, args: readonly string[]): Reply {
  return search(context, args, "searchstore", true);
}

/** GEORADIUS key longitude latitude radius unit [options] [STORE key | STOREDIST key] */
export function georadius(context: CommandContext, args: readonly string[]): Reply {
  return search(context, args, "radius", true);
}

/** GEORADIUS_RO key longitude latitude radius unit [options] */
export function georadiusRo(context: CommandContext, args: readonly string[]): Reply {
  return search(context, args, "radius", false);
}

/** GEORADIUSBYMEMBER key member radius unit [options] [STORE key | STOREDIST key] */
export function georadiusbymember(context: CommandContext, args: readonly string[]): Reply {
  return search(context, args, "member", true);
}

/** GEORADIUSBYMEMBER_RO key member radius unit [options] */
export function georadiusbymemberRo(context: CommandContext, args: readonly string[]): Reply {
  return search(context, args, "member", false);
}

function search(context: CommandContext, args: readonly string[], form: Form, mayStore: boolean): Reply {
  const set = context.db.collection(args[form === "searchstore" ? 2 : 1] as string, SortedSet);
  const query = new GeoQuery(set, args, form, mayStore);
  const found = set === undefined ? [] : findWithin(set, query.shape, query.any ? query.count : 0);
  if (query.order !== 0) found.sort((a, b) => query.order * (a.metres - b.metres));
  if (query.count !== 0 && query.count < found.length) found.length = query.count;
  if (query.target !== undefined)
    return store(context, query, found, form === "searchstore" ? "geosearchstore" : "georadiusstore");
  if (found.length === 0) return EMPTY;
  const plain = !query.withDistance && !query.withHash && !query.withPlace;
  return found.map((each) => (plain ? each.member : describe(context, query, each)));
}

function findWithin(set: SortedSet, shape: Shape, limit: number): Found[] {
  const found: Found[] = [];
  for (const cell of cellsAround(shape)) {
    const [first, after] = scoresOf(cell);
    const scores: number[] = [];
    const members = set.range(set.rankOfScore(first, false), set.rankOfScore(after, false), scores);
    for (let at = 0; at < members.length; at++) {
      const score = scores[at] as number;
      const place = placeOf(score);
      if (!isWithin(shape, place)) continue;
      found.push({ member: members[at] as string, score, place, metres: roughDistance(shape.center, place) });
      if (found.length === limit) return found;
    }
  }
  return found;
}

function describe(context: CommandContext, query: GeoQuery, { member, score, place, metres }: Found): Reply {
  const reply: Reply[] = [member];
  if (query.withDistance) reply.push(distanceReply(metres / query.unit, () => toldDistance(query, place)));
  if (query.withHash) reply.push(Math.trunc(score));
  if (query.withPlace) reply.push(placeReply(context, place));
  return reply;
}

function toldDistance(query: GeoQuery, place: Place): number {
  return distance(query.shape.center, place) / query.unit;
}

function store(context: CommandContext, query: GeoQuery, found: readonly Found[], event: string): number {
  const scores = new Map<string, number>();
  for (const { member, score, place } of found) scores.set(member, query.storesDistance ? toldDistance(query, place) : score);
  return storeResult(context, query.target as string, SortedSet.of(scores), event, found.length);
}
