import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { bytes } from "../jobs/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Worker } from "../worker/index.ts";
import { acceptedOf, apiOver, origin, problemOf } from "./fixtures/index.ts";

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

const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe("GET /jobs/{id}", () => {
  test("shows a job through its life, and never its payload", async () => {
    const { post, ask, queue } = apiOver(redis);
    const { id, links } = await acceptedOf(await post("/things", { secret: 1 }));
    const waiting = await ask(links.self);
    expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([200, "1"]);
    const base = { id, name: "thing", retryCount: 0, maxRetries: 3, dueAt: null, error: null, links };
    const queued = { ...base, status: "queued", progress: null, createdAt: instant, startedAt: null, completedAt: null };
    expect(await waiting.json()).toEqual({ ...queued, lastUpdatedAt: instant });

    const claim = await queue.store.claimNext({ worker: "test" });
    if (claim === undefined) throw new Error("There is no job.");
    const held = { id, token: claim.token };
    await queue.store.extend([{ ...held, progress: { percent: 40 } }]);
    expect(await (await ask(links.self)).json()).toMatchObject({
      status: "in-progress",
      progress: { percent: 40 },
      startedAt: instant,
    });

    await queue.store.fail(held, Object.assign(new Error("not yet"), { code: "E_BUSY" }), "1h");
    const scheduled = await ask(links.self);
    expect(Number(scheduled.headers.get("retry-after"))).toBe(3_600);
    expect(await scheduled.json()).toMatchObject({
      status: "scheduled",
      retryCount: 1,
      dueAt: instant,
      error: { code: "E_BUSY", message: "not yet" },
    });

    const again = await queue.store.claim(id, { worker: "test" });
    expect(again).toMatchObject({ claimed: false, reason: "not-due" });
    await queue.store.cancel(id);
    const ended = await ask(links.self);
    expect(ended.headers.get("retry-after")).toBeNull();
    expect(await ended.json()).toMatchObject({ status: "canceled", completedAt: instant });
  });

  test("tells of an error as much as it may", async () => {
    const error = Object.assign(new Error("at 10.0.0.3"), { code: "ECONNREFUSED" });
    for (const [errorDetail, told] of [
      ["code", { code: "ECONNREFUSED" }],
      ["message", { code: "ECONNREFUSED", message: "at 10.0.0.3" }],
      ["stack", { code: "ECONNREFUSED", message: "at 10.0.0.3", stack: expect.stringContaining("job-resource.test") }],
    ] as const) {
      const { post, ask, fail } = apiOver(redis, [{}], { errorDetail });
      const { links } = await acceptedOf(await post("/things"));
      await fail(error);
      expect((await (await ask(links.self)).json()) as object).toMatchObject({ status: "failed", error: told });
      expect(Object.keys(((await (await ask(links.self)).json()) as { error: object }).error)).toEqual(Object.keys(told));
      const body = await problemOf(await ask(links.result), "job-failed");
      expect([body["status"], body["code"], body["detail"], "stack" in body]).toEqual([
        500,
        "ECONNREFUSED",
        errorDetail === "code" ? "Its last attempt failed." : "at 10.0.0.3",
        errorDetail === "stack",
      ]);
    }
  });

  test("is 304 to a client that has it already, and 200 as soon as anything changed", async () => {
    const { post, ask, finish } = apiOver(redis);
    const { links } = await acceptedOf(await post("/things"));
    const first = await ask(links.self);
    const etag = first.headers.get("etag") ?? "";
    expect([etag, first.headers.get("cache-control")]).toEqual([expect.stringMatching(/^"[\w-]{22}"$/), "private, no-cache"]);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const same = await ask(links.self, { headers: { "if-none-match": known } });
      expect([same.status, same.headers.get("etag"), same.headers.get("retry-after"), await same.text()]).toEqual([
        304,
        etag,
        "1",
        "",
      ]);
    }
    await finish();
    expect((await ask(links.self, { headers: { "if-none-match": etag } })).status).toBe(200);
  });

  test("waits for the end if the client prefers to, and no longer than it may", async () => {
    const { post, ask, queue } = apiOver(redis, [{}], { maxWait: "10s" });
    const { links } = await acceptedOf(await post("/things"));
    const short = await ask(links.self, { headers: { prefer: "wait=1" } });
    expect([short.headers.get("preference-applied"), ((await short.json()) as { status: string }).status]).toEqual([
      "wait=1",
      "queued",
    ]);
    const held = ask(links.self, { headers: { prefer: "wait=30" } });
    await using worker = new Worker(queue, async () => "done");
    await worker.start();
    const response = await held;
    expect([response.headers.get("preference-applied"), await response.json()]).toEqual([
      "wait=10",
      expect.objectContaining({ status: "completed" }),
    ]);
  });

  test.each([undefined, "gone"])("ends a wait when its client goes away, and not the job: %s", async (reason) => {
    const { post, fetch, queue } = apiOver(redis);
    const { id, links } = await acceptedOf(await post("/things"));
    const controller = new AbortController();
    const held = fetch(new Request(`${origin}${links.self}`, { headers: { prefer: "wait=30" }, signal: controller.signal }));
    // waits: there is no event for a request that has begun to wait
    await expect.poll(async () => redis.send(["PUBSUB", "CHANNELS", "*"], { resend: "ok" })).not.toEqual([]);
    controller.abort(reason);
    expect((await held).status).toBe(499);
    expect((await queue.get(id))?.status).toBe("queued");
    await expect.poll(async () => redis.send(["PUBSUB", "CHANNELS", "*"], { resend: "ok" })).toEqual([]);
  });

  test("answers HEAD with the headers alone", async () => {
    const { post, ask } = apiOver(redis);
    const { links } = await acceptedOf(await post("/things"));
    const head = await ask(links.self, { method: "HEAD" });
    expect([head.status, head.headers.has("etag"), await head.text()]).toEqual([200, true, ""]);
  });

  test.each(["nothing", "%20", "a%20b", "x".repeat(300), "%E0%A4%A", "..%2f..", "__proto__"])("is 404 for %s", async (id) => {
    const { ask } = apiOver(redis);
    for (const [path, method] of [
      [`/jobs/${id}`, "GET"],
      [`/jobs/${id}/result`, "GET"],
      [`/jobs/${id}`, "DELETE"],
    ] as const) {
      await problemOf(await ask(path, { method }), "job-unknown");
    }
  });

  test("is 404 for a job of the queue that no route makes", async () => {
    const { ask, queue } = apiOver(redis);
    await queue.add("internal", {}, { id: "invoice:42" });
    await problemOf(await ask("/jobs/invoice:42"), "job-unknown");
    await queue.add("thing", {}, { id: "invoice:43" });
    expect((await ask("/jobs/invoice:43")).status).toBe(200);
  });
});

describe("GET /jobs/{id}/result", () => {
  test("is the result as it was produced", async () => {
    const { post, ask, finish } = apiOver(redis);
    const { links } = await acceptedOf(await post("/things"));
    await finish({ ü: [1, null] });
    const response = await ask(links.result);
    expect([response.status, await response.text()]).toEqual([200, '{"ü":[1,null]}']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "cache-control": "private, no-cache",
      "x-content-type-options": "nosniff",
    });
    const known = { "if-none-match": response.headers.get("etag") ?? "" };
    expect((await ask(links.result, { headers: known })).status).toBe(304);
  });

  test.each([
    [undefined, "application/octet-stream"],
    ["image/png", "image/png"],
  ])("may be bytes; produces %s is answered as %s", async (produces, type) => {
    const route = { body: "text" as const, ...(produces === undefined ? {} : { produces }) };
    const { post, ask, finish } = apiOver(redis, [route], {}, { codec: bytes });
    const { links } = await acceptedOf(await post("/things", "x", { "content-type": "text/plain" }));
    const made = Uint8Array.from({ length: 256 }, (_, index) => index);
    await finish(made);
    const response = await ask(links.result);
    expect(response.headers.get("content-type")).toBe(type);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(made);
  });

  test("is 409 while there is none yet, and says when to ask again", async () => {
    const { post, ask } = apiOver(redis, [{}], { retryAfter: "4s" });
    const { id, links } = await acceptedOf(await post("/things"));
    const response = await ask(links.result);
    expect(response.headers.get("retry-after")).toBe("4");
    expect((await problemOf(response, "job-not-ready"))["job"]).toEqual({ id, status: "queued", links });
  });

  test("waits for it if the client prefers to", async () => {
    const { post, ask, queue } = apiOver(redis);
    const { links } = await acceptedOf(await post("/things"));
    const held = ask(links.result, { headers: { prefer: "wait=10" } });
    await using worker = new Worker(queue, async () => "done");
    await worker.start();
    const response = await held;
    expect([response.status, response.headers.get("preference-applied"), await response.json()]).toEqual([
      200,
      "wait=10",
      "done",
    ]);
  });

  test("is 410 when the job was canceled, and the status of its error when it failed", async () => {
    const { post, ask, fail, queue } = apiOver(redis, [{ failures: { E_INPUT: 422 } }]);
    const canceled = await acceptedOf(await post("/things"));
    await queue.cancel(canceled.id);
    await problemOf(await ask(canceled.links.result), "job-canceled");
    const failed = await acceptedOf(await post("/things"));
    await fail(Object.assign(new Error("Bad input."), { code: "E_INPUT" }));
    const response = await ask(failed.links.result);
    expect(response.status).toBe(422);
    expect(await problemOf(response, "job-failed")).toMatchObject({ code: "E_INPUT", detail: "Bad input." });
  });

  test("has the status that any of its routes gives its error", async () => {
    const { post, ask, fail } = apiOver(redis, [{ failures: { E_ONE: 400 } }, { path: "/others", failures: { E_TWO: 422 } }]);
    const failed = await acceptedOf(await post("/others"));
    await fail(Object.assign(new Error("Bad input."), { code: "E_TWO" }));
    expect((await ask(failed.links.result)).status).toBe(422);
  });
});

describe("DELETE /jobs/{id}", () => {
  test("cancels a job that waits; twice is as good as once", async () => {
    const { post, ask, queue } = apiOver(redis);
    const { id, links } = await acceptedOf(await post("/things"));
    for (let time = 0; time < 2; time++) {
      const response = await ask(links.self, { method: "DELETE" });
      expect([response.status, response.headers.get("cache-control"), await response.json()]).toEqual([
        200,
        "no-store",
        expect.objectContaining({ id, status: "canceled" }),
      ]);
    }
    expect(await queue.stats()).toMatchObject({ queued: 0, canceled: 1 });
  });

  test("tells the handler of a job that runs", async () => {
    const { post, ask, queue } = apiOver(redis);
    let begun = (): void => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const told = new Promise<unknown>((resolve) => {
      const worker = new Worker(queue, async (_job, { signal }) => {
        begun();
        await new Promise<void>((stop) => signal.addEventListener("abort", () => stop(), { once: true }));
        resolve(signal.reason);
      });
      void worker.start();
      void running.then(() => told).then(() => worker.stop());
    });
    const { links } = await acceptedOf(await post("/things"));
    await running;
    expect((await ask(links.self, { method: "DELETE" })).status).toBe(200);
    expect(await told).toMatchObject({ code: "JOB_CANCELED" });
  });

  test("is 409 when it has ended", async () => {
    const { post, ask, finish } = apiOver(redis);
    const { links } = await acceptedOf(await post("/things"));
    await finish();
    await problemOf(await ask(links.self, { method: "DELETE" }), "job-ended");
  });
});

describe("a job", () => {
  const principal = (request: Request): string | undefined => request.headers.get("x-user") ?? undefined;
  const as = (user?: string): RequestInit => (user === undefined ? {} : { headers: { "x-user": user } });

  test("is seen and canceled by who made it, and is unknown to others", async () => {
    const { post, ask } = apiOver(redis, [{}], { principal });
    const { links } = await acceptedOf(await post("/things", {}, { "x-user": "ada" }));
    for (const stranger of [undefined, "eve"]) {
      const answers = [await ask(links.self, as(stranger)), await ask("/jobs/nothing", as(stranger))];
      const [hidden, missing] = await Promise.all(answers.map((each) => problemOf(each, "job-unknown")));
      expect({ ...hidden, instance: "" }).toEqual({ ...missing, instance: "" });
      await problemOf(await ask(links.result, as(stranger)), "job-unknown");
      await problemOf(await ask(links.self, { method: "DELETE", ...as(stranger) }), "job-unknown");
    }
    expect((await ask(links.self, { method: "DELETE", ...as("ada") })).status).toBe(200);
  });

  test("is seen by whom the authorize hook says, which is not given its payload", async () => {
    const seen: unknown[] = [];
    const { post, ask } = apiOver(redis, [{ headers: ["x-team"] }], {
      authorize: async (request, job) => {
        seen.push(job.payload);
        return request.headers.get("x-team") === job.headers?.["x-team"]?.[0];
      },
    });
    const { links } = await acceptedOf(await post("/things", { secret: 1 }, { "x-team": "red" }));
    expect((await ask(links.self, { headers: { "x-team": "red" } })).status).toBe(200);
    await problemOf(await ask(links.self, { headers: { "x-team": "blue" } }), "job-unknown");
    expect(seen).toEqual([undefined, undefined]);
  });
});
