import type { StandardSchemaV1 } from "@standard-schema/spec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nextWarning } from "../../test/support/next-warning.ts";
import { connect, type RedisPort } from "../client/index.ts";
import { bytes } from "../jobs/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Worker } from "../worker/index.ts";
import { acceptedOf, apiOver, origin, problemOf } from "./fixtures/index.ts";
import { ProblemError } from "./problem.ts";

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

const unguessable = /^[A-Za-f][\w-]{21}$/;

describe("a request that is found good", () => {
  test("becomes a job, and is answered with where it is", async () => {
    const { post, queue } = apiOver(redis);
    const response = await post("/things", { color: "red" });
    const { id, ...rest } = await acceptedOf(response);
    expect(id).toMatch(unguessable);
    expect(rest).toEqual({ name: "thing", status: "queued", links: { self: `/jobs/${id}`, result: `/jobs/${id}/result` } });
    expect(response.headers.get("preference-applied")).toBeNull();
    expect(response.headers.get("location")).toBe(`/jobs/${id}`);
    expect(await queue.get(id)).toMatchObject({
      status: "queued",
      payload: { color: "red" },
      headers: undefined,
      trace: undefined,
    });
  });

  test("hands on its path, its query, its trace, and the headers that are on the list", async () => {
    const { ask, queue } = apiOver(redis, [{ method: "PUT", path: "/a/:b/c/:d", headers: ["X-Tenant", "accept-language"] }]);
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const response = await ask("/a/1%20%C3%A9/c/2?x=1&y=&x=2&__proto__=3", {
      method: "PUT",
      body: "[]",
      headers: {
        "content-type": "application/vnd.x+json",
        "x-tenant": "acme",
        cookie: "secret",
        authorization: "secret",
        traceparent: trace,
      },
    });
    const { id } = await acceptedOf(response);
    const job = await queue.get(id);
    expect(job).toMatchObject({ headers: { "x-tenant": ["acme"] }, routeParams: { b: "1 é", d: "2" }, trace, payload: [] });
    expect(Object.entries(job?.queryParams ?? {})).toEqual([
      ["x", ["1", "2"]],
      ["y", [""]],
      ["__proto__", ["3"]],
    ]);
    expect(Object.keys(job?.headers ?? {})).toEqual(["x-tenant"]);
  });

  test("has no trace if its traceparent is none", async () => {
    const { post, queue } = apiOver(redis);
    for (const traceparent of [
      "00-0-0-01",
      `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
      `ff-${"a".repeat(32)}-${"b".repeat(16)}-01`,
    ]) {
      const { id } = await acceptedOf(await post("/things", {}, { traceparent }));
      expect((await queue.get(id))?.trace).toBeUndefined();
    }
  });

  test("is added as the route says, and a delayed one tells when to look", async () => {
    const options = ({ payload }: { payload: unknown }) => ({
      priority: (payload as { p: number }).p,
      maxRetries: 7,
      delay: "90s" as const,
    });
    const { post, ask, queue } = apiOver(redis, [{ options }]);
    const { id, status, links } = await acceptedOf(await post("/things", { p: -3 }));
    expect(status).toBe("scheduled");
    expect(await queue.get(id)).toMatchObject({ status: "scheduled", priority: -3, maxRetries: 7 });
    const later = Number((await ask(links.self)).headers.get("retry-after"));
    expect(later).toBeGreaterThan(60);
    expect(later).toBeLessThanOrEqual(90);
  });

  test.each(["PUT", "PATCH", "POST", "DELETE"] as const)("comes by %s", async (method) => {
    const { ask, queue } = apiOver(redis, [{ method, body: "none" }]);
    const { id } = await acceptedOf(await ask("/things", { method }));
    expect((await queue.get(id))?.payload).toBeUndefined();
  });

  test("is told where to look in the words of the outside, when something took the front of the path off", async () => {
    const { post } = apiOver(redis, [{}], { publicPath: "/v1", jobsPath: "/batch/items", retryAfter: "2500ms" });
    const response = await post("/things");
    const { id, links } = await acceptedOf(response);
    expect(links).toEqual({ self: `/v1/batch/items/${id}`, result: `/v1/batch/items/${id}/result` });
    expect(response.headers.get("retry-after")).toBe("3");
  });

  test("may carry bytes, which arrive as they were sent", async () => {
    const { post, queue } = apiOver(redis, [{ body: "bytes" }], {}, { codec: bytes });
    const sent = Uint8Array.from({ length: 256 }, (_, index) => index);
    const { id } = await acceptedOf(await post("/things", sent, { "content-type": "image/png" }));
    expect(Uint8Array.from((await queue.get(id))?.payload as Uint8Array)).toEqual(sent);
  });

  test("may carry text, which arrives as it was sent, byte order mark included", async () => {
    const { post, queue } = apiOver(redis, [{ body: "text" }]);
    const { id } = await acceptedOf(await post("/things", "\uFEFFä\r\n", { "content-type": "text/csv; charset=UTF-8" }));
    expect((await queue.get(id))?.payload).toBe("\uFEFFä\r\n");
  });
});

const schema: StandardSchemaV1<unknown, { age: number }> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: async (value) => {
      const { age, tags } = value as { age?: unknown; tags?: unknown };
      if (Array.isArray(tags))
        return { issues: tags.map((_, index) => ({ message: "no tags", path: ["tags", { key: index }, "a/b~c"] })) };
      if (typeof age !== "number") return { issues: [{ message: "must be a number", path: ["age"] }, { message: "and more" }] };
      return { value: { age: age + 1 } };
    },
  },
};

describe("a request that is found wanting is refused, and nothing is queued:", () => {
  const cases: Readonly<Record<string, readonly [BodyInitOf, Record<string, string>, Parameters<typeof problemOf>[1], object]>> =
    {
      "no body": ["", {}, "empty-body", {}],
      "bad JSON": ['{"a":}', {}, "bad-json", { line: 1, column: 6, offset: 5 }],
      "a prototype": ['{"__proto__":{}}', {}, "bad-json", {}],
      "bytes that are no UTF-8": [Uint8Array.of(0x22, 0xff, 0x22), {}, "bad-encoding", {}],
      "another content type": ["{}", { "content-type": "text/html" }, "unsupported-media-type", {}],
      "no content type": [Uint8Array.of(0x31), { "content-type": "" }, "unsupported-media-type", {}],
      "another charset": ["{}", { "content-type": "application/json; charset=latin1" }, "unsupported-media-type", {}],
      "a compressed body": ["{}", { "content-encoding": "gzip" }, "unsupported-media-type", {}],
      "a body that is too large": ["x".repeat(101), {}, "body-too-large", { maxBytes: 100 }],
      "a header that is too large": ["{}", { "x-kept": "x".repeat(5_000) }, "headers-too-large", { header: "x-kept" }],
      "what the schema does not take": [
        '{"age":"x"}',
        {},
        "body-invalid",
        {
          detail: "There are 2 errors in it.",
          errors: [
            { pointer: "#/age", detail: "must be a number" },
            { pointer: "#", detail: "and more" },
          ],
        },
      ],
      "odd paths in it": ['{"tags":[1]}', {}, "body-invalid", { errors: [{ pointer: "#/tags/0/a~1b~0c", detail: "no tags" }] }],
    };
  type BodyInitOf = string | Uint8Array;

  test.each(Object.entries(cases))("%s", async (_, [body, headers, kind, members]) => {
    const { post, queue } = apiOver(redis, [{ schema, maxBytes: 100, headers: ["x-kept"] }]);
    expect(await problemOf(await post("/things", body, headers), kind)).toMatchObject({ ...members, instance: "/things" });
    expect(await queue.stats()).toMatchObject({ queued: 0 });
  });

  test("a body that is too large as it is kept, where each of its quotes takes two bytes", async () => {
    const { post, queue } = apiOver(redis, [{ body: "text" }], {}, { maxBytes: 100 });
    const refused = await post("/things", '"'.repeat(60), { "content-type": "text/plain" });
    const { maxBytes, detail } = await problemOf(refused, "body-too-large");
    expect([maxBytes, detail]).toEqual([100, "To be kept it takes 122 bytes, and 100 are the most."]);
    expect(await queue.stats()).toMatchObject({ queued: 0 });
  });

  test("too many errors to tell, of which the first hundred are told", async () => {
    const { post } = apiOver(redis, [{ schema }]);
    const { errors, detail } = await problemOf(await post("/things", { tags: Array(150).fill(1) }), "body-invalid");
    expect([(errors as unknown[]).length, detail]).toEqual([100, "There are 150 errors in it."]);
  });

  test("a body where none belongs", async () => {
    const { post } = apiOver(redis, [{ body: "none" }]);
    await problemOf(await post("/things", {}), "unexpected-body");
  });

  test("a query of too many parameters, or too long", async () => {
    const { post } = apiOver(redis);
    await problemOf(await post(`/things?${"a=1&".repeat(101)}`), "bad-request");
    await problemOf(await post(`/things?a=${"x".repeat(4_001)}`), "bad-request");
    await acceptedOf(await post(`/things?${"a=1&".repeat(100)}`));
  });

  test("with what would be taken said", async () => {
    const { post, ask } = apiOver(redis, [
      { body: "text", accepts: ["text/csv"] },
      { method: "PATCH", path: "/patch" },
    ]);
    expect((await post("/things", "{}")).headers.get("accept-post")).toBe("text/csv");
    const patch = await ask("/patch", { method: "PATCH", body: "a", headers: { "content-type": "text/plain" } });
    expect(patch.headers.get("accept-patch")).toBe("application/json, application/*+json");
    const compressed = await post("/things", "{}", { "content-encoding": "br" });
    expect(compressed.headers.get("accept-encoding")).toBe("identity");
  });

  test("a body that is larger than it says, which is read to the limit and no further", async () => {
    const { ask, queue } = apiOver(redis, [{ maxBytes: 1_000 }]);
    let given = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        given += 100;
        controller.enqueue(new Uint8Array(100).fill(0x20));
      },
    });
    const init = {
      method: "POST",
      body: endless,
      duplex: "half",
      headers: { "content-type": "application/json", "content-length": "10" },
    };
    await problemOf(await ask("/things", init as RequestInit), "body-too-large");
    expect(given).toBeLessThan(1_500);
    expect(await queue.stats()).toMatchObject({ queued: 0 });
  });
});

test("what a schema makes of a body is the payload", async () => {
  const { post, queue } = apiOver(redis, [{ schema }]);
  const { id } = await acceptedOf(await post("/things", { age: 41 }));
  expect((await queue.get(id))?.payload).toEqual({ age: 42 });
});

describe("a client that would rather wait", () => {
  test("gets the result itself when the job ends in time", async () => {
    const { post, queue } = apiOver(redis);
    await using worker = new Worker(queue, async (job) => ({ got: job.payload }));
    await worker.start();
    const response = await post("/things", { n: 1 }, { prefer: "respond-async, wait=10" });
    expect([response.status, await response.json()]).toEqual([200, { got: { n: 1 } }]);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "preference-applied": "respond-async, wait=10",
      "content-type": "application/json",
      "content-location": expect.stringMatching(/^\/jobs\/[^/]+\/result$/),
      "cache-control": "no-store",
    });
  });

  test("gets 204 when it ends without one", async () => {
    const { post, queue } = apiOver(redis);
    await using worker = new Worker(queue, async () => undefined);
    await worker.start();
    const response = await post("/things", {}, { prefer: "wait=10" });
    expect([response.status, await response.text()]).toEqual([204, ""]);
  });

  test("gets the problem when it fails", async () => {
    const { post, queue } = apiOver(redis, [{ options: () => ({ maxRetries: 0 }), failures: { BAD_ROW: 422 } }]);
    await using worker = new Worker(queue, async () => {
      throw Object.assign(new Error("Row 3 is bad."), { code: "BAD_ROW" });
    });
    await worker.start();
    const response = await post("/things", {}, { prefer: "wait=10" });
    expect(response.status).toBe(422);
    expect(response.headers.get("preference-applied")).toBe("wait=10");
    expect(await problemOf(response, "job-failed")).toMatchObject({
      code: "BAD_ROW",
      detail: "Row 3 is bad.",
      job: { status: "failed" },
    });
  });

  test("gets 202 when it does not end in time, and the job goes on", async () => {
    const { post, finish, ask } = apiOver(redis, [{}], { maxWait: "1s" });
    const response = await post("/things", {}, { prefer: "wait=99" });
    const { links } = await acceptedOf(response);
    expect(response.headers.get("preference-applied")).toBe("wait=1");
    await finish("done");
    expect(await (await ask(links.result)).json()).toBe("done");
  });

  test("is answered at once when too many wait, or when it asks for no time", async () => {
    const full = apiOver(redis, [{}], { maxWaiting: 0 });
    const atOnce = await full.post("/things", {}, { prefer: "respond-async, wait=30" });
    await acceptedOf(atOnce);
    expect(atOnce.headers.get("preference-applied")).toBe("respond-async");
    const zero = await apiOver(redis).post("/things", {}, { prefer: "wait=0" });
    await acceptedOf(zero);
    expect(zero.headers.get("preference-applied")).toBe("wait=0");
  });

  test("gets the result however its wait and the job's end fall together", async () => {
    const { post, queue } = apiOver(redis);
    await using worker = new Worker(queue, async (job) => job.payload, { concurrency: 50 });
    await worker.start();
    const answers = await Promise.all(Array.from({ length: 50 }, (_, n) => post("/things", n, { prefer: "wait=10" })));
    expect(await Promise.all(answers.map((each) => each.json()))).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });
});

describe("hooks", () => {
  test("what admit turns away is not read, and told when to come back", async () => {
    const { ask, queue } = apiOver(redis, [{}], { admit: async () => false, retryAfter: "7s" });
    const request = new Request(`${origin}/things`, { method: "POST", body: "{}" });
    const { fetch } = apiOver(redis, [{}], { admit: () => false, retryAfter: "7s" });
    const response = await fetch(request);
    await problemOf(response, "too-many-requests");
    expect([response.headers.get("retry-after"), request.bodyUsed]).toEqual(["7", false]);
    expect((await ask("/things", { method: "POST" })).status).toBe(429);
    expect(await queue.stats()).toMatchObject({ queued: 0 });
  });

  test("one may refuse in its own words", async () => {
    const { post } = apiOver(redis, [{}], {
      principal: () => {
        throw new ProblemError({
          status: 401,
          title: "Who are you?",
          headers: { "www-authenticate": "Bearer" },
          members: { status: 1, hint: "x" },
        });
      },
    });
    const response = await post("/things");
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(await response.json()).toEqual({
      type: "about:blank",
      title: "Who are you?",
      status: 401,
      instance: "/things",
      hint: "x",
    });
  });

  test("an error inside one is 500, heard by onError, and not told to the client", async () => {
    const heard: unknown[] = [];
    const error = new Error("password is hunter2");
    const refuse = (): never => {
      throw error;
    };
    const onError = (each: unknown): unknown => heard.push(each);
    for (const api of [apiOver(redis, [{ options: refuse }], { onError }), apiOver(redis, [{}], { admit: refuse, onError })]) {
      const body = await problemOf(await api.post("/things"), "internal-error");
      expect(JSON.stringify(body)).not.toContain("hunter2");
      expect(await api.queue.stats()).toMatchObject({ queued: 0 });
    }
    expect(heard).toEqual([error, error]);
  });

  test("what one throws may be text", async () => {
    const heard: unknown[] = [];
    const { post } = apiOver(redis, [{}], { admit: () => Promise.reject("no"), onError: (each) => heard.push(each) });
    await problemOf(await post("/things"), "internal-error");
    expect(heard).toEqual(["no"]);
  });

  test.each([
    () => {
      throw new Error("its own");
    },
    () => Promise.reject(new Error("its own")),
  ])("an onError that throws takes no answer away, and is warned of: %s", async (onError) => {
    const warned = nextWarning("onError of asyncEndpoints threw");
    const { post } = apiOver(redis, [{}], { admit: () => Promise.reject(new Error("no")), onError });
    await problemOf(await post("/things"), "internal-error");
    expect(await warned).toMatchObject({ code: "REDLUA_LISTENER", message: "onError of asyncEndpoints threw: Error: its own" });
  });
});

describe("a path or a method that is not there", () => {
  test("is 404, or 405 with what is", async () => {
    const { ask } = apiOver(redis, [{ path: "/a/:b" }, { path: "/a/:b", method: "PUT" }, { path: "/:x/y", method: "DELETE" }]);
    await problemOf(await ask("/nowhere"), "not-found");
    await problemOf(await ask("/a/1/"), "not-found");
    await problemOf(await ask("/nowhere", { method: "OPTIONS" }), "not-found");
    const wrong = await ask("/a/y", { method: "PATCH", body: "{}" });
    await problemOf(wrong, "method-not-allowed");
    expect(wrong.headers.get("allow")).toBe("POST, PUT, DELETE, OPTIONS");
    for (const [path, allow] of [
      ["/a/1", "POST, PUT, OPTIONS"],
      ["/jobs/x", "GET, HEAD, DELETE, OPTIONS"],
      ["/jobs/x/result", "GET, HEAD, OPTIONS"],
    ] as const) {
      const options = await ask(path, { method: "OPTIONS" });
      expect([options.status, options.headers.get("allow")]).toEqual([204, allow]);
    }
    const head = await ask("/a/1", { method: "HEAD" });
    expect([head.status, head.headers.get("allow"), await head.text()]).toEqual([405, "POST, PUT, OPTIONS", ""]);
  });

  test("is no place to plant anything: what is asked for comes back as JSON and nothing else", async () => {
    const response = await apiOver(redis).ask("/<script>alert(1)</script>");
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect((await problemOf(response, "not-found"))["instance"]).toBe("/%3Cscript%3Ealert(1)%3C/script%3E");
  });
});
