import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startFaultProxy, startRedis } from "../testing/index.ts";
import { Worker } from "../worker/index.ts";
import { acceptedOf, apiOver, problemOf } from "./fixtures/index.ts";

let server: RedisServer;
let redis: RedisPort;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});

afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

const key = (text: string): Record<string, string> => ({ "idempotency-key": text });

test("the same key and the same request are the same job, and the second answer says so", async () => {
  const { post, queue } = apiOver(redis);
  const first = await post("/things?a=1", { n: 1 }, key('"k"'));
  const second = await post("/things?a=1", { n: 1 }, key("k"));
  expect([first.headers.get("idempotency-replayed"), second.headers.get("idempotency-replayed")]).toEqual([null, "true"]);
  expect(await acceptedOf(second)).toEqual(await acceptedOf(first));
  expect(await queue.stats()).toMatchObject({ queued: 1 });
});

test("a replay tells where the job stands now, and gives the result to who waits", async () => {
  const { post, finish } = apiOver(redis);
  await post("/things", { n: 1 }, key('"k"'));
  await finish({ done: true });
  expect((await acceptedOf(await post("/things", { n: 1 }, key('"k"')))).status).toBe("completed");
  const waited = await post("/things", { n: 1 }, { ...key('"k"'), prefer: "wait=10" });
  expect([waited.status, waited.headers.get("idempotency-replayed"), await waited.json()]).toEqual([200, "true", { done: true }]);
});

test("the same key for another body, query or path is refused", async () => {
  const { post, queue } = apiOver(redis, [{ path: "/things/:id" }]);
  await acceptedOf(await post("/things/1", { n: 1 }, key('"k"')));
  for (const [path, body] of [
    ["/things/1", { n: 2 }],
    ["/things/1?x=1", { n: 1 }],
    ["/things/2", { n: 1 }],
  ] as const) {
    await problemOf(await post(path, body, key('"k"')), "idempotency-key-reused");
  }
  expect(await queue.stats()).toMatchObject({ queued: 1 });
});

test("a key belongs to one caller and one route", async () => {
  const { post, queue } = apiOver(redis, [{ path: "/a" }, { path: "/b" }], {
    principal: (request) => request.headers.get("x-user") ?? undefined,
  });
  const ids = new Set<string>();
  for (const [path, user] of [
    ["/a", "ada"],
    ["/a", "eve"],
    ["/b", "ada"],
  ] as const) {
    ids.add((await acceptedOf(await post(path, {}, { ...key('"k"'), "x-user": user }))).id);
  }
  expect(ids.size).toBe(3);
  expect(await queue.stats()).toMatchObject({ queued: 3 });
});

test("with a secret, who knows the key does not know the id", async () => {
  const secret = "a secret of enough letters";
  const ids = await Promise.all(
    [{}, { secret }, { secret }].map(
      async (options) => (await acceptedOf(await apiOver(redis, [{}], options).post("/things", {}, key('"k"')))).id,
    ),
  );
  expect(ids[0]).not.toBe(ids[1]);
  expect(ids[1]).toBe(ids[2]);
});

test("without a key, a job whose adding lost its reply is made once, and its client is told where it is", async () => {
  const proxy = await startFaultProxy({ target: server });
  const proxied = await connect(proxy.url);
  onTestFinished(async () => {
    await proxied.close();
    await proxy.close();
  });
  const { post, queue } = apiOver(proxied);
  await acceptedOf(await post("/things"));
  const dropped = proxy.dropNextReply({ of: "EVALSHA" });
  const answered = post("/things", { n: 1 });
  await dropped;
  const response = await answered;
  const { id } = await acceptedOf(response);
  expect(response.headers.get("idempotency-replayed")).toBeNull();
  expect(await queue.get(id)).toMatchObject({ status: "queued", payload: { n: 1 } });
  expect(await queue.stats()).toMatchObject({ queued: 2 });
});

test("twenty requests of one key at once make one job, and all are told of it", async () => {
  const { post, queue } = apiOver(redis);
  const answers = await Promise.all(Array.from({ length: 20 }, () => post("/things", { n: 1 }, key('"k"'))));
  const ids = new Set(await Promise.all(answers.map(async (each) => (await acceptedOf(each)).id)));
  expect(ids.size).toBe(1);
  expect(answers.filter((each) => each.headers.get("idempotency-replayed") === "true").length).toBe(19);
  expect(await queue.stats()).toMatchObject({ queued: 1 });
});

test("twenty different requests of one key at once make one job, and nineteen are refused", async () => {
  const { post, queue } = apiOver(redis);
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => post("/things", { n }, key('"k"'))));
  expect(answers.map((each) => each.status).sort()).toEqual([202, ...Array(19).fill(422)]);
  expect(await queue.stats()).toMatchObject({ queued: 1 });
});

test("a key is free again when its job is forgotten", async () => {
  const { post, queue } = apiOver(redis);
  const { id } = await acceptedOf(await post("/things", { n: 1 }, key('"k"')));
  await queue.remove(id);
  const again = await post("/things", { n: 2 }, key('"k"'));
  expect([(await acceptedOf(again)).id, again.headers.get("idempotency-replayed")]).toEqual([id, null]);
});

test("a handler is given the fingerprint apart from what the client sent", async () => {
  const { post, queue } = apiOver(redis, [{ headers: ["x-a"] }]);
  await using worker = new Worker(queue, async (job) => job.headers);
  await worker.start();
  const response = await post("/things", {}, { ...key('"k"'), "x-a": "1", prefer: "wait=10" });
  expect(await response.json()).toEqual({ "x-a": ["1"], ":fingerprint": [expect.stringMatching(/^[\w-]{43}$/)] });
});

test.each(['""', "", '"a", "b"', '"open', "two words", '"ä"', `"${"x".repeat(256)}"`, '"a";p=1', '"a\\x"'])(
  "%j is no key",
  async (text) => {
    const { post, queue } = apiOver(redis);
    await problemOf(await post("/things", {}, key(text)), "bad-idempotency-key");
    expect(await queue.stats()).toMatchObject({ queued: 0 });
  },
);

test("a key may be required", async () => {
  const { post } = apiOver(redis, [{ idempotencyKeyRequired: true }]);
  await problemOf(await post("/things"), "idempotency-key-missing");
  await acceptedOf(await post("/things", {}, key(`"${"x".repeat(255)}"`)));
});
