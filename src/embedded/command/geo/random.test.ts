import fc from "fast-check";
import { afterAll, beforeAll, test } from "vitest";
import { agreeAtRandom, type Command, command, Differential, oneOf, several, some } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { sortedSetCommands } from "../sorted-sets/index.ts";
import { geoCommands } from "./index.ts";

const key = oneOf("a", "b");
const member = fc.integer({ min: 0, max: 30 }).map((number) => `m${number}`);
// No two members are as far from a third, as far as chance goes: the order of such is the C library's.
const between = (min: number, max: number): fc.Arbitrary<string> =>
  fc.noShrink(fc.noBias(fc.integer({ min: 0, max: 10_000_000 }))).map((part) => String(min + (part / 10_000_000) * (max - min)));
const place = fc.tuple(between(-180, 180), between(-85, 85));
const near = fc.tuple(between(10, 12), between(50, 51));
const somewhere = fc.oneof(place, near);
const length = oneOf("0", "1", "50", "700", "3000", "9000", "21000", "0.5");
const unit = oneOf("km", "km", "km", "m", "mi", "ft", "yd");
const circle = fc.tuple(length, unit).map((words) => ["BYRADIUS", ...words]);
const box = fc.tuple(length, length, unit).map((words) => ["BYBOX", ...words]);
const from = fc.oneof(
  member.map((name) => ["FROMMEMBER", name]),
  somewhere.map((words) => ["FROMLONLAT", ...words]),
);
const shape = fc.oneof(circle, box);
const order = some(["ASC"], ["DESC"], ["COUNT", "3"]);
const told = some(["WITHDIST"], ["WITHCOORD"], ["WITHHASH"]);
const strange = oneOf("-1", "1.5", "4503599627370496", "9007199254740991", "1e300");

const commands = [
  ...Array.from({ length: 3 }, () =>
    command(
      "GEOADD",
      key,
      several(
        fc.tuple(somewhere, member).map((words) => words.flat()),
        5,
      ),
    ),
  ),
  ...Array.from({ length: 3 }, () => command("GEOSEARCH", key, from, shape, order, told)),
  command("GEOADD", key, some(["NX"], ["XX"], ["CH"]), somewhere, member),
  command("ZADD", key, strange, member),
  command("ZREM", key, member),
  command("GEODIST", key, member, member, unit),
  command(oneOf("GEOHASH", "GEOPOS"), key, several(member, 3)),
  command("GEOSEARCHSTORE", key, key, from, shape, order),
  command("GEORADIUS", key, somewhere, length, unit, order, some(["STORE", "b"])),
  command("GEORADIUSBYMEMBER_RO", key, member, length, unit, told),
];

const inspection: readonly Command[] = ["a", "b"].flatMap((name) => [
  `ZRANGE ${name} 0 -1 WITHSCORES`,
  `OBJECT ENCODING ${name}`,
]);

let redis: Differential;
beforeAll(async () => {
  redis = await Differential.start([...geoCommands, ...sortedSetCommands, ...genericCommands]);
});
afterAll(() => redis.stop());

test("random commands on geo sets are answered as Redis answers them", () =>
  agreeAtRandom(redis, commands, inspection, { events: true }));
