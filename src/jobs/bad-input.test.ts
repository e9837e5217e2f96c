import { expect, test } from "vitest";
import { neverAsked as redis } from "../../test/support/never-asked.ts";
import { bytes, type Codec, JobStore, Queue } from "./index.ts";

const queue = new Queue(redis, "q", { maxBytes: 10 });
const store = new JobStore(redis, "q");
const make = (options: object): unknown => new Queue(redis, "q", options);
const add = (options: object, payload: unknown = 1): unknown => queue.add("n", payload, options);
const create = (job: object): unknown => store.create({ name: "n", ...job });
const broken = (encode: Codec["encode"]): unknown =>
  new Queue(redis, "q", { codec: { encode, decode: () => 1 } }).add("n", { some: "thing" });
const circle: { self?: unknown } = {};
circle.self = circle;
const many = Array.from({ length: 1_001 }, (_, index) => ({ id: `${index}`, name: "n", token: "t" }));
const turn = { worker: "w", token: "t", finished: [], want: 1, leaseMs: 1, resume: false, listed: false };
const any = (value: unknown): never => value as never;

const refusals: readonly (readonly [what: string, call: () => unknown, code: string, says: string | RegExp])[] = [
  ["a queue's name with a brace", () => new Queue(redis, "a}b"), "INPUT_INVALID", "queue"],
  ["a queue's name with a space", () => new JobStore(redis, "a b"), "INPUT_INVALID", "queue"],
  ["an empty queue's name", () => new Queue(redis, ""), "INPUT_INVALID", "queue"],
  ["a queue's name that is too long", () => new Queue(redis, "q".repeat(101)), "INPUT_INVALID", "queue"],
  ["no queue's name", () => new Queue(redis, any(undefined)), "INPUT_INVALID", "queue"],
  ["an option of a queue, misspelt", () => make({ maxRetrys: 1 }), "OPTION_UNKNOWN", 'Did you mean "maxRetries"'],
  ["options that are none", () => new Queue(redis, "q", any("fast")), "OPTION_INVALID", "Queue"],
  ["a codec that does not decode", () => make({ codec: { encode: String } }), "OPTION_INVALID", "Queue.codec"],
  ["a limit of nothing", () => make({ maxBytes: 0 }), "OPTION_INVALID", "Queue.maxBytes"],
  ["retries that are not whole", () => make({ maxRetries: 1.5 }), "OPTION_INVALID", "maxRetries"],
  ["negative recoveries", () => make({ maxRecoveries: -1 }), "OPTION_INVALID", "maxRecoveries"],
  ["folding that is no yes or no", () => make({ fold: 1 }), "OPTION_INVALID", "fold"],
  ["an option of retention, misspelt", () => make({ keepCompleted: { aeg: "1h" } }), "OPTION_UNKNOWN", 'Did you mean "age"'],
  ["an age below a second", () => make({ keepFailed: { age: 10 } }), "OPTION_INVALID", "keepFailed.age"],
  ["a negative count", () => make({ keepCompleted: { count: -1 } }), "OPTION_INVALID", "keepCompleted.count"],
  ["retention that is a number", () => make({ keepCompleted: 100 }), "OPTION_INVALID", "keepCompleted"],
  ["an option of backoff, misspelt", () => make({ backoff: { jiter: "full" } }), "OPTION_UNKNOWN", 'Did you mean "jitter"'],
  ["a backoff that shrinks", () => make({ backoff: { factor: 0.5 } }), "OPTION_INVALID", "backoff.factor"],
  [
    "retention, by the name of what was made",
    () => make({ keepCompleted: { age: 10 } }),
    "OPTION_INVALID",
    "Queue.keepCompleted.age",
  ],
  ["what a codec says", () => make({ text: true }), "OPTION_UNKNOWN", 'Queue has no option "text"'],
  [
    "an option in place of its object",
    () => queue.addMany([any({ name: "n", payload: 1, delay: "5m" })]),
    "OPTION_UNKNOWN",
    "addMany[0]",
  ],
  ["an option of waiting, misspelt", () => queue.wait("a", any({ timout: 1 })), "OPTION_UNKNOWN", 'Did you mean "timeout"'],
  ["a clock that is none", () => new JobStore(redis, "q", { now: any(5) }), "OPTION_INVALID", "JobStore.now"],

  ["an option of a job, misspelt", () => add({ dealy: "5s" }), "OPTION_UNKNOWN", 'Did you mean "delay"'],
  ["an empty id", () => add({ id: "" }), "INPUT_INVALID", "id"],
  ["an id with a line break", () => add({ id: "a\nb" }), "INPUT_INVALID", "id"],
  ["an id that is too long", () => add({ id: "x".repeat(201) }), "INPUT_INVALID", "id"],
  ["an id that is a number", () => add({ id: 7 }), "INPUT_INVALID", "id"],
  ["a delay without a unit that is known", () => add({ delay: "5 parsecs" }), "INPUT_INVALID", "delay"],
  ["a negative delay", () => add({ delay: -1 }), "INPUT_INVALID", "delay"],
  ["a delay that is no number", () => add({ delay: Number.NaN }), "INPUT_INVALID", "delay"],
  ["a delay longer than a date holds", () => add({ delay: "99999999999w" }), "INPUT_INVALID", "delay"],
  ["an empty delay", () => add({ delay: "" }), "INPUT_INVALID", "delay"],
  ["a time that is none", () => add({ runAt: new Date("soon") }), "INPUT_INVALID", "runAt"],
  ["a time that no date holds", () => add({ runAt: 8.64e15 + 1 }), "INPUT_INVALID", "runAt"],
  ["a time as text", () => add({ runAt: "2030-01-01" }), "INPUT_INVALID", "runAt"],
  ["both a delay and a time", () => add({ delay: 5, runAt: 5 }), "INPUT_INVALID", "runAt"],
  ["a priority that is too small", () => add({ priority: -1_025 }), "INPUT_INVALID", "priority"],
  ["a priority that is too large", () => add({ priority: 1_024 }), "INPUT_INVALID", "priority"],
  ["a priority that is not whole", () => add({ priority: 0.5 }), "INPUT_INVALID", "priority"],
  ["retries beyond the limit", () => add({ maxRetries: 1_001 }), "INPUT_INVALID", "maxRetries"],
  ["a timeout that no timer can hold", () => add({ timeout: "30d" }), "INPUT_INVALID", "timeout"],
  ["a timeout that is none", () => add({ timeout: "soon" }), "INPUT_INVALID", "timeout"],
  ["headers that JSON cannot hold", () => add({ headers: { n: [1n] } }), "INPUT_INVALID", "headers"],
  ["headers that hold themselves", () => add({ headers: circle }), "INPUT_INVALID", "headers"],
  ["no name", () => queue.add(any(undefined), 1), "INPUT_INVALID", "name"],
  ["a name that is too long", () => queue.add("n".repeat(201), 1), "INPUT_INVALID", "name"],
  ["a payload that JSON cannot hold", () => add({}, 1n), "INPUT_INVALID", "payload"],
  ["a payload that is a function", () => add({}, () => 1), "INPUT_INVALID", "payload"],
  ["a payload that is too large", () => add({}, "x".repeat(20)), "JOB_TOO_LARGE", "22 bytes; the limit is 10"],
  ["a payload that is too large in bytes", () => add({}, "ééééé"), "JOB_TOO_LARGE", "12 bytes; the limit is 10"],
  ["a result that is too large", () => queue.encode("result", "x".repeat(20)), "JOB_TOO_LARGE", "result"],
  ["bytes that are none", () => new Queue(redis, "q", { codec: bytes }).add("n", 5), "INPUT_INVALID", "payload"],
  ["what a codec makes that is neither bytes nor text", () => broken(() => any(5)), "INPUT_INVALID", "payload"],
  ["what a codec promises for later", () => broken(() => any(Promise.resolve("x"))), "INPUT_INVALID", "payload"],
  [
    "one bad job among many",
    () =>
      queue.addMany([
        { name: "n", payload: 1 },
        { name: "", payload: 1 },
      ]),
    "INPUT_INVALID",
    "name",
  ],

  ["one job in place of a list", () => queue.addMany(any({ name: "n", payload: 1 })), "INPUT_INVALID", "list of { name, payload"],

  ["a list of what is none", () => queue.list(any("waiting")), "INPUT_INVALID", "status"],
  ["a page without jobs", () => queue.list("queued", { limit: 0 }), "OPTION_INVALID", "limit"],
  ["a page that is too large", () => queue.list("queued", { limit: 1_001 }), "OPTION_INVALID", "limit"],
  ["a page before the first", () => queue.list("queued", { offset: -1 }), "OPTION_INVALID", "offset"],
  ["an option of a list, misspelt", () => queue.list("queued", any({ limt: 5 })), "OPTION_UNKNOWN", 'Did you mean "limit"'],
  ["an id that is none, to read", () => queue.get(""), "INPUT_INVALID", "id"],
  ["an id that is none, to cancel", () => queue.cancel(any(undefined)), "INPUT_INVALID", "id"],
  ["an id that is none, to replay", () => queue.replay("a", any(5)), "INPUT_INVALID", "id"],
  ["a wait that is none", () => queue.wait("a", { timeout: any("soon") }), "INPUT_INVALID", "timeout"],
  ["a change of what cannot be changed", () => queue.update("a", any({ status: "completed" })), "OPTION_UNKNOWN", "status"],
  ["a change, misspelt", () => queue.update("a", any({ paylaod: 1 })), "OPTION_UNKNOWN", 'Did you mean "payload"'],
  ["a change to a delay longer than a date holds", () => queue.update("a", { delay: 9e15 }), "INPUT_INVALID", "delay"],
  ["a change to an unfit priority", () => queue.update("a", { priority: 5_000 }), "INPUT_INVALID", "priority"],
  ["a change to unfit retries", () => queue.update("a", { maxRetries: -1 }), "INPUT_INVALID", "maxRetries"],
  ["a change to an unfit timeout", () => queue.update("a", { timeoutMs: -1 }), "INPUT_INVALID", "timeout"],
  ["a change to a payload too large", () => queue.update("a", { payload: "x".repeat(20) }), "JOB_TOO_LARGE", "payload"],

  ["a field of a new job, misspelt", () => create({ paylod: "x" }), "OPTION_UNKNOWN", 'Did you mean "payload"'],
  ["a field that is not for producers", () => create({ status: "completed" }), "OPTION_UNKNOWN", "status"],
  ["a timeout that is not whole", () => create({ timeoutMs: 0.5 }), "INPUT_INVALID", "timeout"],
  ["more than a thousand at once", () => store.createMany(many.map(({ id, name }) => ({ id, name }))), "INPUT_INVALID", "jobs"],
  ["a claim for nobody", () => store.claim("a", { worker: "" }), "OPTION_INVALID", "worker"],
  ["a claim by nobody", () => store.claimNext(any({})), "OPTION_MISSING", "worker"],
  [
    "an option of a claim, misspelt",
    () => store.claimNext(any({ worker: "w", leese: 1 })),
    "OPTION_UNKNOWN",
    'Did you mean "lease"',
  ],
  ["more wanted than a script may take", () => store.step({ ...turn, want: 1_001 }), "INPUT_INVALID", "want"],
  ["less than nothing wanted", () => store.step({ ...turn, want: -1 }), "INPUT_INVALID", "want"],
  ["more leases than a script may extend", () => store.extend(many), "INPUT_INVALID", "held"],
  [
    "progress that JSON cannot hold",
    () => store.extend([{ id: "a", token: "t", progress: circle }]),
    "INPUT_INVALID",
    "progress",
  ],
  ["recovery of nothing", () => store.recoverStuck({ limit: 0 }), "OPTION_INVALID", "limit"],
  ["recovery of everything", () => store.recoverStuck({ limit: -1 }), "OPTION_INVALID", "limit"],
  ["a replay of nothing", () => store.replay({ limit: 0 }), "INPUT_INVALID", "limit"],
  ["a replay of too many", () => store.replay({ ids: many.map(({ id }) => id) }), "INPUT_INVALID", "ids"],
  ["a snooze longer than a date holds", () => store.snooze({ id: "a", token: "t" }, 9e15), "INPUT_INVALID", "delay"],
  ["a retry later than a date holds", () => store.fail({ id: "a", token: "t" }, "no", 9e15), "INPUT_INVALID", "retry"],
  ["a wait before a retry that is none", () => store.fail({ id: "a", token: "t" }, "no", any("x")), "INPUT_INVALID", "retry"],
];

test.each(refusals)("%s is refused before Redis is asked, by name", async (_, call, code, says) => {
  const error = await (async () => call())().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code, message: typeof says === "string" ? expect.stringContaining(says) : says });
});

test("a Redis that is asked would be noticed", async () => {
  await expect(queue.add("n", 1)).rejects.toThrow("Redis was asked.");
});
