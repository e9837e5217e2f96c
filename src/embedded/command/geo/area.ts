import { type Area, areaOf, type Cell, cellOf, neighbour, type Place } from "./cell.ts";
import { arcsine, cosine, sine } from "./trigonometry.ts";

const earthRadius = 6372797.560856;
const radiansPerDegree = Math.PI / 180;
/** Half of the equator on the map of Mercator, in metres. */
const mercatorMax = 20037726.37;

/** What is searched: around a place, within a circle or a box. Lengths are in metres. */
export interface Shape {
  readonly center: Place;
  readonly kind: "circle" | "box";
  readonly radius: number;
  readonly width: number;
  readonly height: number;
}

/** Metres between two places, to the last bit, along a great circle of a round earth: the haversine formula. */
export function distance(from: Place, to: Place): number {
  const lat1 = from.lat * radiansPerDegree;
  const lat2 = to.lat * radiansPerDegree;
  const u = sine((lat2 - lat1) / 2);
  const v = sine((to.lon * radiansPerDegree - from.lon * radiansPerDegree) / 2);
  return 2 * earthRadius * arcsine(Math.sqrt(u * u + cosine(lat1) * cosine(lat2) * v * v));
}

/** As {@link distance}, but fast: good to look for what is near. */
export function roughDistance(from: Place, to: Place): number {
  const lat1 = from.lat * radiansPerDegree;
  const lat2 = to.lat * radiansPerDegree;
  const u = Math.sin((lat2 - lat1) / 2);
  const v = Math.sin((to.lon * radiansPerDegree - from.lon * radiansPerDegree) / 2);
  return 2 * earthRadius * Math.asin(Math.sqrt(u * u + Math.cos(lat1) * Math.cos(lat2) * v * v));
}

/** True if two places are farther from each other than so many metres. */
function isFarther(from: Place, to: Place, metres: number): boolean {
  const rough = roughDistance(from, to);
  return Math.abs(rough - metres) > 1e-9 * metres + 1e-6 ? rough > metres : distance(from, to) > metres;
}

/** True if a place is within a shape. */
export function isWithin(shape: Shape, place: Place): boolean {
  if (shape.kind === "circle") return !isFarther(shape.center, place, shape.radius);
  return !(
    isFarther(place, { lon: shape.center.lon, lat: place.lat }, shape.width / 2) ||
    isFarther(place, { lon: place.lon, lat: shape.center.lat }, shape.height / 2)
  );
}

/** The cells that cover a shape, in the order in which Redis looks through them. */
export function cellsAround(shape: Shape): readonly Cell[] {
  const { center } = shape;
  const bounds = boundsOf(shape);
  let step = stepFor(reachOf(shape), center.lat);
  let cell = cellOf(center, step);
  if (step > 1 && !reaches(cell, bounds)) {
    step--;
    cell = cellOf(center, step);
  }
  const area = areaOf(cell);
  // From two steps on, what lies beyond the shape on one side need not be looked at.
  // Bounds may be NaN, at the poles: then nothing is beyond them.
  const south = step < 2 || !(area.latMin < bounds.latMin);
  const north = step < 2 || !(area.latMax > bounds.latMax);
  const west = step < 2 || !(area.lonMin < bounds.lonMin);
  const east = step < 2 || !(area.lonMax > bounds.lonMax);
  const cells = [cell];
  const add = (wanted: boolean, toEast: number, toNorth: number): void => {
    if (!wanted) return;
    const next = neighbour(cell, toEast, toNorth);
    const last = cells[cells.length - 1] as Cell;
    // With a few cells in all, two neighbours may be the same.
    if (cells.length === 1 || last.lon !== next.lon || last.lat !== next.lat) cells.push(next);
  };
  add(north, 0, 1);
  add(south, 0, -1);
  add(east, 1, 0);
  add(west, -1, 0);
  add(north && east, 1, 1);
  add(north && west, -1, 1);
  add(south && east, 1, -1);
  add(south && west, -1, -1);
  return cells;
}

/** True if the cells around one cover the bounds in all four directions. */
function reaches(cell: Cell, bounds: Area): boolean {
  return !(
    areaOf(neighbour(cell, 0, 1)).latMax < bounds.latMax ||
    areaOf(neighbour(cell, 0, -1)).latMin > bounds.latMin ||
    areaOf(neighbour(cell, 1, 0)).lonMax < bounds.lonMax ||
    areaOf(neighbour(cell, -1, 0)).lonMin > bounds.lonMin
  );
}

/** Metres from the centre to the farthest point. */
function reachOf(shape: Shape): number {
  if (shape.kind === "circle") return shape.radius;
  return Math.sqrt((shape.width / 2) * (shape.width / 2) + (shape.height / 2) * (shape.height / 2));
}

/** How often to halve, so that three cells side by side are wider than the shape. */
function stepFor(reach: number, lat: number): number {
  if (reach === 0) return 26;
  let step = -1;
  for (let metres = reach; metres < mercatorMax; metres *= 2) step++;
  // Towards the poles a degree of longitude is shorter.
  if (Math.abs(lat) > 66) step--;
  if (Math.abs(lat) > 80) step--;
  return Math.min(Math.max(step, 1), 26);
}

/** The degrees that a shape covers. The side nearer to the pole is the one that covers more of them. */
function boundsOf(shape: Shape): Area {
  const { lon, lat } = shape.center;
  const height = shape.kind === "circle" ? shape.radius : shape.height / 2;
  const width = shape.kind === "circle" ? shape.radius : shape.width / 2;
  const latDelta = height / earthRadius / radiansPerDegree;
  const nearPole = lat < 0 ? lat - latDelta : lat + latDelta;
  const lonDelta = width / earthRadius / Math.cos(nearPole * radiansPerDegree) / radiansPerDegree;
  return { lonMin: lon - lonDelta, lonMax: lon + lonDelta, latMin: lat - latDelta, latMax: lat + latDelta };
}
