import { afterAll, beforeAll, describe, test } from "vitest";
import { Differential, sequence } from "../../fixtures/index.ts";
import { genericCommands } from "../generic/index.ts";
import { sortedSetCommands } from "../sorted-sets/index.ts";
import { stringCommands } from "../strings/index.ts";
import { geoCommands } from "./index.ts";

const sicily = "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania";
const cities =
  "GEOADD g 2.352222 48.856613 Paris -0.127758 51.507351 London 13.404954 52.520008 Berlin -74.005973 40.712775 NewYork 139.650027 35.676191 Tokyo 151.209296 -33.868820 Sydney 18.424055 -33.924869 CapeTown -58.381559 -34.603684 BuenosAires 37.617298 55.755825 Moscow -179.9 65.1 East 179.9 65.1 West 0 0 Zero 25.7 71.1 NorthCape -68.3 -54.8 Ushuaia";
const places = "Paris London Berlin NewYork Tokyo Sydney CapeTown BuenosAires Moscow East West Zero NorthCape Ushuaia";

// Places all over the map, and searches of all sizes among them: replies without an order tell in which order cells are visited.
const grid = Array.from({ length: 18 * 17 }, (_, at) => {
  const [lon, lat] = [-170 + 20 * (at % 18) + (at % 7) / 10, -80 + 10 * Math.floor(at / 18) + (at % 5) / 10];
  return `${lon} ${lat} m${at}`;
});
const searches = Array.from({ length: 400 }, (_, at) => {
  const from =
    at % 2 === 0 ? `FROMMEMBER m${(at * 37) % 306}` : `FROMLONLAT ${((at * 61) % 360) - 180} ${((at * 29) % 170) - 85}`;
  const size = 100 * 2 ** ((at * 7) % 9);
  const shape = at % 3 === 0 ? `BYBOX ${size} ${20_000 / (1 + (at % 11))} km` : `BYRADIUS ${size} km`;
  return `GEOSEARCH g ${from} ${shape}${at % 5 === 0 ? " COUNT 7 ANY" : ""}`;
});

const sequences: Readonly<Record<string, string>> = {
  GEOADD: `
    ${sicily} | TYPE g | ZRANGE g 0 -1 WITHSCORES | ${sicily} | GEOADD g CH 14 38 Palermo 15 37 New | ZRANGE g 0 -1 WITHSCORES
    GEOADD g NX 1 1 Palermo 2 2 x | GEOADD g XX 1 1 Palermo 3 3 y | GEOADD g XX CH 1.5 1 Palermo 3 3 y | ZCARD g
    GEOADD n XX 1 1 a | EXISTS n
  `,
  "GEOADD with what is wrong": `
    GEOADD g 1 1 | GEOADD g 1 1 a 2 | GEOADD g 1 1 a 2 2 | GEOADD g a 1 b | GEOADD g 1 a b | GEOADD g 181 1 a | GEOADD g 1 86 a
    GEOADD g -180.1 -85.06 a | GEOADD g 1e30 1 a | GEOADD g inf 1 a | GEOADD g 1 -inf a | GEOADD g 1 1 a 200 1 b
    GEOADD g NX XX 1 1 a | GEOADD g XX XX CH | GEOADD g NX XX CH | GEOADD g GT 1 1 a | GEOADD g INCR 1 1 a | GEOADD g FOO 1 1 a
    GEOADD g nan 1 a | EXISTS g
  `,
  "places at the edges": `
    GEOADD g 180 85.05112878 a -180 -85.05112878 b 180 -85.05112878 c -180 85.05112878 d 0 0 e 180 0 f 0 85.05112878 h 180 12.3456 i
    ZRANGE g 0 -1 WITHSCORES | GEOPOS g a b c d e f h i | GEOHASH g a b c d e f h i | GEODIST g a b | GEODIST g a d
    GEODIST g e f km | GEOSEARCH g FROMMEMBER a BYRADIUS 100 km WITHDIST | GEOSEARCH g FROMMEMBER f BYRADIUS 1000 km WITHDIST
    GEOSEARCH g FROMMEMBER b BYRADIUS 5 m WITHDIST | GEOSEARCH g FROMMEMBER h BYBOX 10 10 km WITHDIST
  `,
  GEOPOS: `
    ${sicily} | GEOPOS g Palermo none Catania | GEOPOS none a b | GEOPOS g | GEOPOS none
    GEOADD h 0 0 z 0.1 0.2 a -0.1 -0.2 b 1e-7 1e-7 c -1e-7 -1e-7 d 179.9999 -85 e | GEOPOS h z a b c d e
  `,
  GEOHASH: `
    ${sicily} | GEOHASH g Palermo none Catania | GEOHASH none a | GEOHASH g | ${cities}
    GEOHASH g Paris London Berlin NewYork Tokyo Sydney CapeTown BuenosAires Moscow East West Zero NorthCape Ushuaia
  `,
  GEODIST: `
    ${sicily} | GEODIST g Palermo Catania | GEODIST g Palermo Catania m | GEODIST g Palermo Catania KM
    GEODIST g Palermo Catania ft | GEODIST g Palermo Catania mi | GEODIST g Palermo Palermo | GEODIST g Palermo none
    GEODIST g none none | GEODIST none a b | GEODIST g Palermo Catania yd | GEODIST none a b yd | GEODIST g Palermo Catania m m
    GEODIST none a b m m | GEODIST g Palermo
  `,
  "GEODIST round the world": [
    cities,
    ...places.split(" ").flatMap((from) => places.split(" ").map((to) => `GEODIST g ${from} ${to}`)),
  ].join("|"),
  "scores that are no places": `
    ZADD g -1 a 1.5 b 4503599627370496 c 1e300 d inf e -inf f 9007199254740991 g 18446744073709551615 h -1e19 i 1e19 j 0 k 9223372036854775807 l -4503599627370496 m
    GEOPOS g a b c d e f g h i j k l m | GEOHASH g a b c d e f g h i j k l m | GEODIST g a b | GEODIST g c d
    GEOSEARCH g FROMLONLAT 0 0 BYRADIUS 30000 km ASC
  `,
  "GEOSEARCH all over the map": [`GEOADD g ${grid.join(" ")}`, ...searches].join("|"),
  "GEOSEARCH in a circle": `
    ${cities} | GEOSEARCH g FROMLONLAT 2 48 BYRADIUS 500 km
    GEOSEARCH g FROMLONLAT 2 48 BYRADIUS 500 km ASC WITHDIST WITHCOORD WITHHASH
    GEOSEARCH g FROMMEMBER Paris BYRADIUS 1000 km DESC | GEOSEARCH g FROMMEMBER Paris BYRADIUS 0 m
    GEOSEARCH g FROMMEMBER Zero BYRADIUS 20000 km ASC WITHDIST | GEOSEARCH g FROMMEMBER Zero BYRADIUS 40000 km
    GEOSEARCH g FROMLONLAT 100 0 BYRADIUS 10 m | GEOSEARCH g FROMMEMBER East BYRADIUS 50 km WITHDIST
    GEOSEARCH g FROMMEMBER NorthCape BYRADIUS 3000 mi ASC | GEOSEARCH g FROMMEMBER Ushuaia BYRADIUS 10000000 ft DESC WITHDIST
  `,
  "GEOSEARCH in a box": `
    ${cities} | GEOSEARCH g FROMLONLAT 2 48 BYBOX 1000 1000 km ASC WITHDIST | GEOSEARCH g FROMMEMBER Paris BYBOX 500 2000 km
    GEOSEARCH g FROMMEMBER Paris BYBOX 2000 500 km | GEOSEARCH g FROMMEMBER Zero BYBOX 20000 20000 km ASC WITHDIST
    GEOSEARCH g FROMMEMBER Zero BYBOX 40000 40000 km | GEOSEARCH g FROMMEMBER West BYBOX 100 100 km WITHDIST
    GEOSEARCH g FROMMEMBER Paris BYBOX 0 0 m | GEOSEARCH g FROMMEMBER NorthCape BYBOX 5000 1000 mi ASC
    GEOSEARCH g FROMMEMBER Moscow BYBOX 1e7 1e8 ft ASC
  `,
  "GEOSEARCH with COUNT": `
    ${cities} | GEOSEARCH g FROMMEMBER Paris BYRADIUS 20000 km COUNT 3
    GEOSEARCH g FROMMEMBER Paris BYRADIUS 20000 km COUNT 3 DESC | GEOSEARCH g FROMMEMBER Paris BYRADIUS 20000 km COUNT 3 ANY
    GEOSEARCH g FROMMEMBER Paris BYRADIUS 20000 km COUNT 5 ANY ASC WITHDIST
    GEOSEARCH g FROMMEMBER Paris BYRADIUS 20000 km COUNT 100 | GEOSEARCH g FROMMEMBER Paris BYRADIUS 20000 km COUNT 100 ANY DESC
    GEOSEARCH g FROMMEMBER Paris BYRADIUS 20000 km ASC COUNT 1 COUNT 2
  `,
  "GEOSEARCH with what is wrong": `
    ${sicily} | GEOSEARCH g FROMMEMBER Palermo BYRADIUS a km | GEOSEARCH g FROMMEMBER Palermo BYRADIUS -1 km
    GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 yd | GEOSEARCH g FROMMEMBER Palermo BYBOX a 1 km
    GEOSEARCH g FROMMEMBER Palermo BYBOX 1 b km | GEOSEARCH g FROMMEMBER Palermo BYBOX -1 1 km
    GEOSEARCH g FROMMEMBER Palermo BYBOX 1 -1 yd | GEOSEARCH g FROMMEMBER Palermo BYBOX 1 1 yd
    GEOSEARCH g FROMMEMBER none BYRADIUS 1 km | GEOSEARCH g FROMLONLAT 200 1 BYRADIUS 1 km
    GEOSEARCH g FROMLONLAT a 1 BYRADIUS 1 km | GEOSEARCH g FROMMEMBER Palermo FROMLONLAT 1 1 BYRADIUS 1 km
    GEOSEARCH g FROMLONLAT 1 1 FROMMEMBER Palermo BYRADIUS 1 km | GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km BYBOX 1 1 km
    GEOSEARCH g BYRADIUS 1 km ASC ASC | geoSearch g FROMMEMBER Palermo ASC ASC ASC
    GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km FOO | GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km STORE x
    GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km STOREDIST | GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km COUNT 0
    GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km COUNT -1 | GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km COUNT a
    GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km COUNT | GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1 km ANY
    GEOSEARCH g FROMMEMBER Palermo BYRADIUS 1
  `,
  "GEOSEARCH of nothing": `
    GEOSEARCH none FROMMEMBER x BYRADIUS 1 km | GEOSEARCH none FROMLONLAT 1 1 BYBOX 1 1 km
    GEOSEARCH none FROMMEMBER x BYRADIUS a km | GEOSEARCH none FROMLONLAT 200 1 BYBOX 1 1 km
    GEOSEARCH none FROMMEMBER x BYRADIUS 1 km ANY | GEOSEARCH none BYRADIUS 1 km ASC ASC
  `,
  GEOSEARCHSTORE: `
    ${cities} | GEOSEARCHSTORE d g FROMMEMBER Paris BYRADIUS 1000 km | ZRANGE d 0 -1 WITHSCORES | OBJECT ENCODING d
    GEOSEARCHSTORE d g FROMMEMBER Paris BYRADIUS 1000 km COUNT 2 | ZRANGE d 0 -1 WITHSCORES
    GEOSEARCHSTORE d g FROMLONLAT 100 0 BYRADIUS 1 m | EXISTS d | SET d x EX 100
    GEOSEARCHSTORE d g FROMLONLAT 2 48 BYBOX 1000 1000 km | TTL d | GEOSEARCHSTORE d none FROMMEMBER a BYRADIUS 1 km | EXISTS d
    GEOSEARCHSTORE d g FROMMEMBER Paris BYRADIUS 1 km WITHDIST | GEOSEARCHSTORE d g FROMMEMBER Paris BYRADIUS 1 km WITHCOORD
    GEOSEARCHSTORE d none FROMMEMBER Paris BYRADIUS 1 km WITHHASH | GEOSEARCHSTORE d g FROMMEMBER Paris ASC DESC ASC
    GEOSEARCHSTORE g g FROMMEMBER Paris BYRADIUS 1000 km | ZCARD g
  `,
  "GEOSEARCHSTORE STOREDIST": `
    ${cities} | GEOSEARCHSTORE d g FROMMEMBER Paris BYRADIUS 20000 km STOREDIST | ZRANGE d 0 -1 WITHSCORES
    GEOSEARCHSTORE d g FROMMEMBER Tokyo BYRADIUS 20000 mi STOREDIST | ZRANGE d 0 -1 WITHSCORES
    GEOSEARCHSTORE d g FROMMEMBER Sydney BYBOX 20000 20000 km STOREDIST DESC | ZRANGE d 0 -1 WITHSCORES
  `,
  GEORADIUS: `
    ${sicily} | GEORADIUS g 15 37 200 km | GEORADIUS g 15 37 200 km WITHDIST WITHCOORD WITHHASH ASC
    GEORADIUS g 15 37 200 km COUNT 1 DESC | GEORADIUS g 15 37 1 m | GEORADIUS none 15 37 1 m | GEORADIUS none 200 37 1 m
    GEORADIUS none 15 37 a m | GEORADIUS g 15 37 -1 m | GEORADIUS g 15 37 1 yd | GEORADIUS g 15 37 1 m FOO
    GEORADIUS g 15 37 1 m FROMMEMBER Palermo | GEORADIUS g 15 37 1 m ANY
  `,
  "GEORADIUS with STORE": `
    ${sicily} | GEORADIUS g 15 37 200 km STORE d | ZRANGE d 0 -1 WITHSCORES | GEORADIUS g 15 37 200 km STOREDIST d STORE e
    ZRANGE e 0 -1 | GEORADIUS g 15 37 1 m STORE d | EXISTS d | GEORADIUS none 15 37 1 m STORE e | EXISTS e
    GEORADIUS g 15 37 200 km STORE d WITHDIST | GEORADIUS g 15 37 200 km STORE | GEORADIUS_RO g 15 37 200 km STORE d
    GEORADIUS_RO g 15 37 200 km STOREDIST d | GEORADIUS_RO g 15 37 200 km
  `,
  GEORADIUSBYMEMBER: `
    ${sicily} | GEORADIUSBYMEMBER g Palermo 200 km | GEORADIUSBYMEMBER g Palermo 200 km WITHDIST
    GEORADIUSBYMEMBER g none 200 km | GEORADIUSBYMEMBER none Palermo a b | GEORADIUSBYMEMBER none Palermo 1 km FOO
    GEORADIUSBYMEMBER none Palermo 1 km ANY | GEORADIUSBYMEMBER g Palermo a km | GEORADIUSBYMEMBER g none a km
    GEORADIUSBYMEMBER g Palermo 200 km STORE d | ZRANGE d 0 -1 | GEORADIUSBYMEMBER none Palermo 200 km STORE d | EXISTS d
    GEORADIUSBYMEMBER_RO g Palermo 200 km DESC | GEORADIUSBYMEMBER_RO g Palermo 200 km STORE d
  `,
  "wrong types": `
    SET s x | GEOADD s 1 1 a | GEOADD s 200 1 a | GEODIST s a b | GEODIST s a b yd | GEOHASH s a | GEOPOS s a
    GEOSEARCH s FROMMEMBER a BYRADIUS 1 km | GEOSEARCH s FOO FOO FOO FOO FOO | GEOSEARCHSTORE d s FROMMEMBER a BYRADIUS 1 km
    GEORADIUS s 1 1 1 km | GEORADIUS s a 1 1 km | GEORADIUSBYMEMBER s a 1 km
  `,
  "wrong number of arguments": `
    GEOADD g 1 1 | GEODIST g a | GEOHASH | GEOPOS | GEOSEARCH g FROMMEMBER a BYRADIUS 1
    GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 1 | GEORADIUS g 1 1 1 | GEORADIUSBYMEMBER g a 1
  `,
};

/**
 * Redis asks the C library for sines, and this engine V8: one in some ten distances differs in its last digit. Only STOREDIST shows
 * so many.
 */
function normalize(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(normalize);
  if (typeof reply === "object" && reply !== null && "double" in reply) return { double: normalize(reply.double) };
  return typeof reply === "string" && /^\d+\.\d{9,}$/.test(reply) ? Number(reply).toPrecision(14) : reply;
}

describe("geo sets agree with Redis", () => {
  let redis: Differential;
  beforeAll(async () => {
    redis = await Differential.start([...geoCommands, ...sortedSetCommands, ...stringCommands, ...genericCommands]);
  });
  afterAll(() => redis.stop());

  test("in what COMMAND INFO says", () => redis.agreeOnSpecs(geoCommands));

  for (const [name, commands] of Object.entries(sequences)) {
    const options = name.includes("STOREDIST") ? { normalize } : {};
    test(name, () => redis.agree(sequence(commands), { ...options, events: true }));
    test(`${name}, in RESP3`, () => redis.agree(sequence(commands), { ...options, resp: 3 }));
  }
});
