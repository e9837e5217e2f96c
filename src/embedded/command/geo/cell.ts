/**
 * Cells of the earth: longitude and latitude are each halved `step` times, and a cell has a number in each. A member of a geo set
 * has as its score the cell of 26 steps, the bits of both numbers in turn: 52 bits, which a double holds exactly.
 *
 * Morton, A Computer Oriented Geodetic Data Base and a New Technique in File Sequencing, 1966.
 */
export interface Cell {
  readonly lon: number;
  readonly lat: number;
  readonly step: number;
}

/** What a cell covers, in degrees. */
export interface Area {
  readonly lonMin: number;
  readonly lonMax: number;
  readonly latMin: number;
  readonly latMax: number;
}

/** A place, in degrees. */
export interface Place {
  readonly lon: number;
  readonly lat: number;
}

/** Steps of the cells that are kept. */
export const finest = 26;

const lonMax = 180;
/** Where Web Mercator ends. */
const latMax = 85.05112878;

/** True if a place is on the map. */
export function isOnMap({ lon, lat }: Place): boolean {
  return lon >= -lonMax && lon <= lonMax && lat >= -latMax && lat <= latMax;
}

/** The cell of a place; `latLimit` 90 is that of geohashes as others write them. */
export function cellOf({ lon, lat }: Place, step: number, latLimit: number = latMax): Cell {
  const parts = 2 ** step;
  return {
    lon: Math.trunc(((lon + lonMax) / (2 * lonMax)) * parts),
    lat: Math.trunc(((lat + latLimit) / (2 * latLimit)) * parts),
    step,
  };
}

export function areaOf({ lon, lat, step }: Cell): Area {
  const parts = 2 ** step;
  return {
    lonMin: -lonMax + (lon / parts) * (2 * lonMax),
    lonMax: -lonMax + ((lon + 1) / parts) * (2 * lonMax),
    latMin: -latMax + (lat / parts) * (2 * latMax),
    latMax: -latMax + ((lat + 1) / parts) * (2 * latMax),
  };
}

/** The middle of the cell that a score tells. */
export function placeOf(score: number): Place {
  const area = areaOf(cellOfScore(score));
  return {
    lon: Math.min(Math.max((area.lonMin + area.lonMax) / 2, -lonMax), lonMax),
    lat: Math.min(Math.max((area.latMin + area.latMax) / 2, -latMax), latMax),
  };
}

/** The number of a cell among all of its step, the bits of latitude and longitude in turn. */
export function numberOf({ lon, lat }: Cell): number {
  const half = 2 ** 13;
  const low = spread(lat % half) + 2 * spread(lon % half);
  return low + (spread(Math.floor(lat / half)) + 2 * spread(Math.floor(lon / half))) * half * half;
}

/** The scores that are in a cell: from the first until the second. */
export function scoresOf(cell: Cell): readonly [number, number] {
  const each = 4 ** (finest - cell.step);
  const first = numberOf(cell) * each;
  return [first, first + each];
}

/** The cell so many to the east and to the north; the map has no end. */
export function neighbour(cell: Cell, east: number, north: number): Cell {
  const parts = 2 ** cell.step;
  return {
    lon: east === 0 ? cell.lon : (cell.lon + east + parts) % parts,
    lat: north === 0 ? cell.lat : (cell.lat + north + parts) % parts,
    step: cell.step,
  };
}

function cellOfScore(score: number): Cell {
  const bits = score >= 0 && score < 2 ** 52 ? Math.trunc(score) : undefined;
  if (bits === undefined) return cellOfStrangeScore(score);
  const part = 2 ** 26;
  const high = Math.floor(bits / part);
  const low = bits % part;
  return {
    lon: (gathered(high >>> 1) << 13) | gathered(low >>> 1),
    lat: (gathered(high) << 13) | gathered(low),
    step: finest,
  };
}

// ZADD may have stored any score. What a processor makes of it as an unsigned integer of 64 bits is what Redis goes by.
function cellOfStrangeScore(score: number): Cell {
  let bits = 0n;
  if (score < -(2 ** 63)) bits = 2n ** 63n;
  else if (score < 2 ** 64) bits = BigInt.asUintN(64, BigInt(Math.trunc(score)));
  const quarter = (at: bigint): number => Number((bits >> at) & 0xffff_ffffn);
  const high = quarter(32n);
  const low = quarter(0n);
  return {
    lon: gathered(high >>> 1) * 2 ** 16 + gathered(low >>> 1),
    lat: gathered(high) * 2 ** 16 + gathered(low),
    step: finest,
  };
}

/** Puts a 0 before each of 16 bits. */
function spread(value: number): number {
  let bits = value;
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  bits = (bits | (bits << 1)) & 0x55555555;
  return bits;
}

/** Takes every second of 32 bits, the lowest first. */
function gathered(value: number): number {
  let bits = value & 0x55555555;
  bits = (bits | (bits >>> 1)) & 0x33333333;
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff00ff;
  bits = (bits | (bits >>> 8)) & 0x0000ffff;
  return bits;
}
