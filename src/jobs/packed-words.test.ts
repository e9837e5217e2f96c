import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { PackedWords } from "./packed-words.ts";

let server: RedisServer;
let redis: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});
afterAll(async () => {
  await redis.close();
  await server.stop();
});

/** Packs words in Redis; what is missing is `false` there, as HMGET answers it. */
async function pack(words: readonly (string | undefined)[]): Promise<Uint8Array> {
  const lua = `local words = {} for i = 1, #ARGV do words[i] = ARGV[i] ~= "-" and string.sub(ARGV[i], 2) end return cmsgpack.pack(words)`;
  const args = words.map((word) => (word === undefined ? "-" : `+${word}`));
  return (await redis.send(["EVAL", lua, "0", ...args], { resend: "ok", bytes: true })) as Uint8Array;
}

function read(packed: Uint8Array): (string | undefined)[] {
  const words = new PackedWords(packed);
  return Array.from({ length: words.array() }, () => {
    const bytes = words.bytes();
    return bytes === undefined ? undefined : Buffer.from(bytes).toString("utf8");
  });
}

const sizes = fc.constantFrom(0, 1, 31, 32, 255, 256, 65_535, 65_536);
const word = fc.oneof(
  fc.string({ unit: "grapheme" }),
  sizes.map((size) => "x".repeat(size)),
  fc.constant(undefined),
);

test("words are read as Redis packs them, of every length and however many", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 40 }), async (words) => {
      expect(read(await pack(words))).toEqual(words);
    }),
    { numRuns: 200 },
  );
  const many = Array.from({ length: 5_000 }, (_, index) => `${index}`);
  expect(read(await pack(many))).toEqual(many);
});

test("no words at all are an empty text", () => {
  expect(new PackedWords(new Uint8Array()).array()).toBe(0);
});

test("a word that is missing is empty as text", async () => {
  const words = new PackedWords(await pack(["é", undefined, "b"]));
  words.array();
  expect([words.text(), words.text(), words.text()]).toEqual(["é", "", "b"]);
});

test("sizes, text as it is and further words come one after the other", async () => {
  const sizes = [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1];
  const lua = `local sizes = {} for i, size in ipairs(ARGV) do sizes[i] = tonumber(size) end
    return cmsgpack.pack(sizes) .. "as it is" .. cmsgpack.pack("skipped", { "é" }) .. "é"`;
  const packed = await redis.send(["EVAL", lua, "0", ...sizes.map(String)], { resend: "ok", bytes: true });
  const words = new PackedWords(packed as Uint8Array);
  expect(words.isArray).toBe(true);
  expect(Array.from({ length: words.array() }, () => words.size())).toEqual(sizes);
  expect(words.isArray).toBe(false);
  expect(words.restText(words.at + 8)).toBe("as it is");
  words.passOver();
  expect([words.array(), words.text()]).toEqual([1, "é"]);
  expect(Buffer.from(words.rest(words.at + 2)).toString()).toBe("é");
});
