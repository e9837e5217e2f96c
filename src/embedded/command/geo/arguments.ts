import { doubleArgument, type Refusal, refuse } from "../../value/index.ts";
import { isOnMap, type Place } from "./cell.ts";

const unknownUnit = refuse("unsupported unit provided. please use M, KM, FT, MI");

/** The longitude at a position and the latitude after it. @throws {Refusal} if they are no numbers, or not on the map */
export function placeArgument(args: readonly string[], at: number): Place {
  const place = { lon: doubleArgument(args[at]), lat: doubleArgument(args[at + 1]) };
  if (!isOnMap(place)) throw refuse(`invalid longitude,latitude pair ${sixDecimals(place.lon)},${sixDecimals(place.lat)}`);
  return place;
}

/** How many metres a unit has. @throws {Refusal} `ERR unsupported unit provided. please use M, KM, FT, MI` */
export function unitArgument(text: string): number {
  switch (text.toLowerCase()) {
    case "m":
      return 1;
    case "km":
      return 1000;
    case "ft":
      return 0.3048;
    case "mi":
      return 1609.34;
    default:
      throw unknownUnit;
  }
}

/** Lengths at a position and after it, from 0 on. @throws {Refusal} what is told of each that is no number, or of one less than 0 */
export function lengthsArgument(
  args: readonly string[],
  at: number,
  refusals: readonly Refusal[],
  negative: Refusal,
): readonly number[] {
  const lengths = refusals.map((refusal, each) => doubleArgument(args[at + each], refusal));
  if (lengths.some((length) => length < 0)) throw negative;
  return lengths;
}

/** A distance as Redis answers it: four digits after the point. Only where these depend on the last bit is it worked out so far. */
export function distanceReply(rough: number, exact: () => number): string {
  const fraction = (Math.abs(rough) * 1e4) % 1;
  return (Math.abs(fraction - 0.5) < 1e-3 ? exact() : rough).toFixed(4);
}

function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
