import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromHash, toHash } from "./index.ts";
import type { JobFailure, StoredJob } from "./job.ts";

const instant = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const bytes = fc.uint8Array({ maxLength: 64 });
const name = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("__proto__", "constructor", "error:1", "id"));
const lists = fc.dictionary(name, fc.array(fc.string({ unit: "grapheme" })));
const failure: fc.Arbitrary<JobFailure> = fc.record(
  { name: fc.string(), message: fc.string({ unit: "grapheme" }), code: fc.string(), stack: fc.string(), at: instant },
  { requiredKeys: ["name", "message", "at"] },
);
/** Attempts of a job, each once. */
const failures = fc
  .uniqueArray(fc.integer({ min: 1, max: 1_000 }), { maxLength: 20 })
  .chain((attempts) =>
    fc.tuple(...attempts.sort((a, b) => a - b).map((attempt) => failure.map((each) => ({ ...each, attempt })))),
  );

const job: fc.Arbitrary<StoredJob> = fc.record({
  id: name,
  name,
  status: fc.constantFrom("queued", "scheduled", "in-progress", "completed", "failed", "canceled"),
  payload: fc.option(bytes, { nil: undefined }),
  result: fc.option(bytes, { nil: undefined }),
  error: fc.option(failure, { nil: undefined }),
  errors: failures,
  priority: fc.integer({ min: -1024, max: 1023 }),
  retryCount: fc.nat(),
  maxRetries: fc.nat(),
  recoveryCount: fc.nat(),
  retryDelayUntil: fc.option(instant, { nil: undefined }),
  timeoutMs: fc.option(fc.nat(), { nil: undefined }),
  progress: fc.option(fc.jsonValue(), { nil: undefined }),
  workerId: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
  createdAt: instant,
  startedAt: fc.option(instant, { nil: undefined }),
  completedAt: fc.option(instant, { nil: undefined }),
  lastUpdatedAt: instant,
  headers: fc.option(lists, { nil: undefined }),
  routeParams: fc.option(fc.dictionary(name, fc.string()), { nil: undefined }),
  queryParams: fc.option(lists, { nil: undefined }),
  trace: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
});

/** JSON has neither a negative zero nor objects without a prototype. */
const plain = (value: StoredJob): unknown => JSON.parse(JSON.stringify({ ...value, payload: undefined, result: undefined }));

describe("a job becomes a hash and comes back", () => {
  test("with every field, whatever is in it", () => {
    fc.assert(
      fc.property(job, (given) => {
        const back = fromHash(toHash(given)) as StoredJob;
        expect(plain(back)).toEqual(plain(given));
        expect([back.payload, back.result]).toEqual([given.payload, given.result]);
        expect(Object.keys(back).sort()).toEqual(Object.keys(given).sort());
      }),
    );
  });

  test("the same from an object, from pairs of text, and from pairs of bytes as a server gives them", () => {
    fc.assert(
      fc.property(job, (given) => {
        const hash = toHash(given);
        const pairs = Object.entries(hash).flat();
        const raw = pairs.map((word) => (typeof word === "string" ? new TextEncoder().encode(word) : word));
        expect(fromHash(pairs)).toEqual(fromHash(hash));
        expect(fromHash(raw)).toEqual(fromHash(hash));
      }),
    );
  });
});

test("what has no value takes no place", () => {
  const empty = { priority: 0, retryCount: 0, maxRetries: 0, recoveryCount: 0, result: undefined, errors: [] };
  expect(toHash({ id: "a", name: "n", ...empty })).toEqual({ id: "a", name: "n" });
  expect(fromHash({ id: "a", name: "n" })).toMatchObject({ ...empty, id: "a", payload: undefined, headers: undefined });
});

test("a payload of any bytes is kept as it is", () => {
  const payload = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  expect(fromHash(toHash({ id: "a", payload }))?.payload).toEqual(payload);
});

test("headers named like parts of JavaScript's own objects are headers, and nothing else", () => {
  const headers = JSON.parse('{"__proto__":["x"],"constructor":["y"],"toString":["z"]}');
  const back = fromHash(toHash({ id: "a", headers }))?.headers;
  expect(Object.entries(back ?? {})).toEqual([
    ["__proto__", ["x"]],
    ["constructor", ["y"]],
    ["toString", ["z"]],
  ]);
  expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  expect(({} as { readonly x?: unknown }).x).toBeUndefined();
});

test("fields that it does not know are passed over, both ways", () => {
  const hash = ["id", "a", "token", "t", "order", "5", "__proto__", "x", "someday", "1"];
  const back = fromHash(hash) as StoredJob;
  expect(back.id).toBe("a");
  expect(Object.keys(back)).not.toContain("token");
  expect(Object.keys(back)).not.toContain("someday");
  expect(toHash({ id: "a", someday: 1 } as Partial<StoredJob>)).toEqual({ id: "a" });
});

test("the errors of attempts are read in their order, however the server gives them", () => {
  const at = (message: string): string => JSON.stringify({ name: "E", message, at: 1 });
  const back = fromHash({ id: "a", "error:10": at("ten"), "error:2": at("two"), "error:9": at("nine") });
  expect(back?.errors).toEqual([
    { name: "E", message: "two", at: 1, attempt: 2 },
    { name: "E", message: "nine", at: 1, attempt: 9 },
    { name: "E", message: "ten", at: 1, attempt: 10 },
  ]);
});

test("an empty hash is no job", () => {
  expect(fromHash([])).toBeUndefined();
  expect(fromHash({})).toBeUndefined();
});

test("JSON that somebody else spoilt is no value, and no reason to fail", () => {
  const back = fromHash({ id: "a", headers: "{", progress: "", error: "no", "error:1": "no" });
  expect(back).toMatchObject({ id: "a", headers: undefined, progress: undefined, error: undefined, errors: [{ attempt: 1 }] });
});
