import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import { type Command, Differential } from "../../fixtures/index.ts";
import { commands } from "../all.ts";

const numRuns = Number(process.env["REDLUA_FUZZ_RUNS"] ?? 300);
const seed = process.env["REDLUA_FUZZ_SEED"] === undefined ? {} : { seed: Number(process.env["REDLUA_FUZZ_SEED"]) };

const weights = [
  "MSET w_1 30 w_2 10 w_3 20 o_1 one o_2 two o_3 three",
  "HSET h_1 name uno n 3",
  "HSET h_2 name dos n 1",
  "RPUSH l 1 2 3 4",
];

const sequences: Readonly<Record<string, readonly Command[]>> = {
  "lists of numbers": [
    "RPUSH l 3 1 2 10 -1 1.5",
    "SORT l",
    "SORT l DESC",
    "SORT l ALPHA",
    "SORT l ALPHA DESC",
    "SORT l ASC",
    "SORT none",
    "SORT_RO l",
  ],
  "odd numbers": [["RPUSH", "l", "1e3", "inf", "-inf", "0x10", " 5", "", "3"], "SORT l", "RPUSH l x", "SORT l", "SORT l ALPHA"],
  "what is no number": [
    "RPUSH l 1 nan",
    "SORT l",
    "DEL l",
    "RPUSH l 1 1e400",
    "SORT l",
    "DEL l",
    ["RPUSH", "l", "1 "],
    "SORT l",
    "DEL l",
    ["RPUSH", "l", "  "],
    "SORT l",
  ],
  "sets and sorted sets": [
    "SADD s 3 1 2",
    "SORT s",
    "SORT s DESC",
    "ZADD z 3 a 1 b 2 c",
    "SORT z ALPHA",
    "SORT z",
    "OBJECT ENCODING z",
    "SORT z BY nosort",
    "SORT z BY nosort DESC",
    "SORT z BY nosort LIMIT 1 1",
    "SORT z BY nosort DESC LIMIT 1 2",
  ],
  "no order at all": [
    "RPUSH l 3 1 2",
    "SORT l BY nosort",
    "SORT l BY nosort DESC",
    "SORT l BY nosort LIMIT 1 1",
    "SORT l BY nosort DESC LIMIT 0 2",
    "SADD s 5 3 4",
    "SORT s BY nosort",
    "SORT s BY nosort DESC",
    "SORT s BY nosort STORE d",
    "LRANGE d 0 -1",
    "SORT s BY nosort DESC STORE d",
    "LRANGE d 0 -1",
  ],
  limits: [
    "RPUSH l 5 4 3 2 1",
    "SORT l LIMIT 0 2",
    "SORT l LIMIT 1 2",
    "SORT l LIMIT 3 100",
    "SORT l LIMIT 5 1",
    "SORT l LIMIT 100 1",
    "SORT l LIMIT -5 2",
    "SORT l LIMIT 1 -1",
    "SORT l LIMIT 0 0",
    "SORT none LIMIT 0 1",
    "SORT l LIMIT 0 1 LIMIT 1 1",
  ],
  "by other keys": [
    ...weights,
    "SORT l BY w_*",
    "SORT l BY w_* DESC",
    "SORT l BY w_* GET #",
    "SORT l BY w_* GET o_* GET #",
    "SORT l BY h_*->n",
    "SORT l BY h_*->name ALPHA",
    "SORT l BY o_* ALPHA DESC",
    "SORT l BY none_*",
    "SORT l BY none_* DESC",
    "SORT l BY o_*",
  ],
  "getting other keys": [
    ...weights,
    "SORT l GET h_*->name",
    "SORT l GET h_*->none",
    "SORT l GET h_*",
    "SORT l GET w_*->n",
    "SORT l GET nostar",
    "SORT l GET h_*->",
    "SORT l GET *",
    "SORT l GET # GET #",
    "SORT l BY nosort GET o_*",
    "SET 1->x y",
    "SORT l GET *->x",
  ],
  storing: [
    ...weights,
    "SORT l DESC STORE d",
    "LRANGE d 0 -1",
    "SORT l GET o_* STORE d",
    "LRANGE d 0 -1",
    "TYPE d",
    "SORT none STORE d",
    "EXISTS d",
    "SORT none STORE d",
    "SET d x EX 100",
    "SORT l STORE d",
    "TTL d",
    "SORT l STORE l DESC",
    "LRANGE l 0 -1",
    "SORT l LIMIT 9 9 STORE d",
    "EXISTS d",
  ],
  "what is wrong": [
    "SET k v",
    "SORT k",
    "SORT k STORE d",
    "SORT k FOO",
    "HSET h f v",
    "SORT h",
    "SORT l LIMIT 1",
    "SORT l LIMIT x 1",
    "SORT l LIMIT 1 x",
    "SORT l BY",
    "SORT l GET",
    "SORT l STORE",
    "SORT_RO l STORE d",
    "SORT l LIMIT x 1 FOO",
    "SORT k LIMIT x 1",
    "SORT",
  ],
};

describe("SORT agrees with Redis", () => {
  let redis: Differential;
  beforeAll(async () => {
    redis = await Differential.start([...commands.values()]);
  });
  afterAll(() => redis.stop());

  test.each(Object.entries(sequences))("%s", (_, list) => redis.agree(list, { events: true }));

  test("random ones", async () => {
    const element = fc.constantFrom("1", "2", "3", "-1", "10", "2.5", "x", "");
    const word = fc.constantFrom(
      "ALPHA",
      "DESC",
      "ASC",
      "BY w_*",
      "BY nosort",
      "BY h_*->f",
      "GET #",
      "GET w_*",
      "GET h_*->f",
      "LIMIT 0 2",
      "LIMIT 1 -1",
      "STORE d",
    );
    const sort = fc.tuple(fc.constantFrom("l", "z", "s", "none"), fc.array(word, { maxLength: 4 }));
    const start: readonly Command[] = [
      "MSET w_1 5 w_2 3 w_3 x w_10 3",
      "HSET h_1 f 9",
      "HSET h_2 f 1",
      "HSET h_-1 f z",
      "SADD s 1 2 3 10 -1",
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(element, { minLength: 1, maxLength: 6 }),
        fc.array(sort, { minLength: 1, maxLength: 8 }),
        (elements, sorts) =>
          redis.agree(
            [
              ...start,
              ["RPUSH", "l", ...elements],
              ["ZADD", "z", ...elements.flatMap((member, at) => [String(at), member])],
              ...sorts.flatMap(([key, words]): Command[] => [`SORT ${key} ${words.join(" ")}`.trim(), "LRANGE d 0 -1"]),
            ],
            // What has equal text, or none, comes in the order that an unstable sort leaves it in.
            {
              normalize: (reply, args) =>
                args[0] === "SORT" && tied(args) && Array.isArray(reply) ? reply.length : args[0] === "LRANGE" ? null : reply,
            },
          ),
      ),
      { numRuns, ...seed },
    );
  });
});

/** Whether it is sorted by the text of other keys, of which several may be the same or not there. */
function tied(args: readonly string[]): boolean {
  return args.includes("ALPHA") && args.includes("BY");
}
