import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect as connectSocket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { type Api, acceptedOf, apiOver, problemOf } from "./fixtures/index.ts";
import type { JobView } from "./job-view.ts";

let server: RedisServer;
let redis: RedisPort;
const listening: Server[] = [];

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});

afterEach(async () => {
  for (const each of listening.splice(0)) {
    each.closeAllConnections();
    await new Promise((closed) => each.close(closed));
  }
});

afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

/** One block of a stream: an event, or a comment that only shows that the stream lives. */
interface Block {
  readonly id?: string;
  readonly retry?: string;
  readonly job?: JobView;
}

/** The blocks of a stream, as they come. */
async function* blocksOf(response: Response): AsyncGenerator<Block, void, undefined> {
  expect(response.status).toBe(200);
  let text = "";
  for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop() as string;
    for (const block of blocks) {
      const fields = Object.fromEntries(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2))) as Record<string, string>;
      const { data, ...rest } = fields;
      yield data === undefined ? rest : { ...rest, job: JSON.parse(data) as JobView };
    }
  }
}

function stream(api: Api, path: string, headers: Record<string, string> = {}): Promise<Response> {
  return api.ask(path, { headers: { accept: "text/event-stream", ...headers } });
}

/** The next block that is an event. */
async function nextJob(blocks: AsyncGenerator<Block, void, undefined>): Promise<JobView | undefined> {
  for (;;) {
    const { value, done } = await blocks.next();
    if (done === true) return undefined;
    if (value.job !== undefined) return value.job;
  }
}

async function take(api: Api): Promise<{ id: string; token: string }> {
  const claim = await api.queue.store.claimNext({ worker: "test" });
  if (claim === undefined) throw new Error("There is no job to take.");
  return { id: claim.job.id, token: claim.token };
}

/** How many connections hear of a job. */
async function listeners(api: Api, id: string, port = redis): Promise<unknown> {
  return ((await port.send(["PUBSUB", "NUMSUB", `${api.queue.store.keys.job}${id}`], { resend: "ok" })) as unknown[])[1];
}

test("a job is told at once and at each change, and the stream ends with the job", async () => {
  const api = apiOver(redis);
  const { id, links } = await acceptedOf(await api.post("/things"));
  const response = await stream(api, links.self);
  expect(Object.fromEntries(response.headers)).toEqual({
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-accel-buffering": "no",
    vary: "accept",
  });
  const blocks = blocksOf(response);
  expect(await blocks.next()).toEqual({ done: false, value: { retry: "1000" } });
  expect((await blocks.next()).value).toMatchObject({ id: expect.any(String), job: { id, status: "queued", links } });

  const held = await take(api);
  expect(await nextJob(blocks)).toMatchObject({ status: "in-progress", progress: null });
  await api.queue.store.extend([{ ...held, progress: { percent: 40 } }]);
  expect(await nextJob(blocks)).toMatchObject({ status: "in-progress", progress: { percent: 40 } });
  await api.queue.store.fail(held, new Error("not yet"), "1h");
  expect(await nextJob(blocks)).toMatchObject({ status: "scheduled", retryCount: 1, error: { message: "not yet" } });
  await api.queue.cancel(id);
  const { value } = await blocks.next();
  const whole = await api.ask(links.self);
  expect(value).toEqual({ id: whole.headers.get("etag"), job: await whole.json() });
  expect((await blocks.next()).done).toBe(true);
  await expect.poll(() => listeners(api, id), { interval: 5 }).toBe(0);
});

test("who comes again is not told what it knows, and no more comes once the job has ended", async () => {
  const api = apiOver(redis);
  const { links } = await acceptedOf(await api.post("/things"));
  const etag = (await api.ask(links.self)).headers.get("etag") as string;
  const blocks = blocksOf(await stream(api, links.self, { "last-event-id": etag }));
  expect([(await blocks.next()).value, (await blocks.next()).value]).toEqual([{ retry: "1000" }, { "": "" }]);
  await api.finish("done");
  expect(await nextJob(blocks)).toMatchObject({ status: expect.stringMatching(/in-progress|completed/) });
  for await (const _ of blocks);

  const ended = (await api.ask(links.self)).headers.get("etag") as string;
  expect(await nextJob(blocksOf(await stream(api, links.self, { "last-event-id": etag })))).toMatchObject({
    status: "completed",
  });
  const over = await stream(api, links.self, { "last-event-id": ended });
  expect([over.status, await over.text()]).toEqual([204, ""]);
});

test.each([
  ["text/event-stream", "text/event-stream"],
  ["text/event-stream, application/json;q=0.5", "text/event-stream"],
  ["application/json, text/event-stream;q=0.5", "application/json"],
  ["*/*", "application/json"],
  ["text/html, */*;q=0.8", "application/json"],
])("who accepts %s gets %s", async (accept, type) => {
  const api = apiOver(redis);
  const { links } = await acceptedOf(await api.post("/things"));
  const response = await api.ask(links.self, { headers: { accept } });
  expect([response.headers.get("content-type"), response.headers.get("vary")]).toEqual([type, "accept"]);
  await response.body?.cancel();
  const head = await api.ask(links.self, { method: "HEAD", headers: { accept } });
  expect([head.headers.get("content-type"), await head.text()]).toEqual(["application/json", ""]);
});

test("a job that there is not, or that is somebody else's, is a problem and no stream", async () => {
  const api = apiOver(redis, [{}], { principal: (request) => request.headers.get("x-user") ?? "nobody" });
  const { links } = await acceptedOf(await api.post("/things", {}, { "x-user": "ada" }));
  await problemOf(await stream(api, "/jobs/none"), "job-unknown");
  await problemOf(await stream(api, links.self, { "x-user": "eve" }), "job-unknown");
  const own = await stream(api, links.self, { "x-user": "ada" });
  expect(await nextJob(blocksOf(own))).toMatchObject({ status: "queued" });
});

test("who finds no room, or has been there for long, is told when to come again", async () => {
  const full = apiOver(redis, [{}], { maxWaiting: 0, retryAfter: "3s" });
  const { links } = await acceptedOf(await full.post("/things"));
  const blocks = blocksOf(await stream(full, links.self));
  expect((await blocks.next()).value).toEqual({ retry: "3000" });
  expect((await blocks.next()).value).toMatchObject({ job: { status: "queued" } });
  expect((await blocks.next()).done).toBe(true);

  const api = apiOver(redis, [{}], { maxStream: 20, maxWaiting: 1 });
  const other = await acceptedOf(await api.post("/things"));
  // The second is told more than once only if the first has left.
  for (const _ of [1, 2]) {
    const seen: Block[] = [];
    for await (const block of blocksOf(await stream(api, other.links.self))) seen.push(block);
    expect(seen).toMatchObject([{ retry: "1000" }, { job: { status: "queued" } }]);
  }
  expect(await listeners(api, other.id)).toBe(0);
});

test("a job that is removed meanwhile ends its stream", async () => {
  const api = apiOver(redis);
  const { id, links } = await acceptedOf(await api.post("/things"));
  const blocks = blocksOf(await stream(api, links.self));
  await nextJob(blocks);
  await api.queue.remove(id);
  expect(await nextJob(blocks)).toBeUndefined();
});

test("a client that goes away ends its stream, and nothing else", async () => {
  const api = apiOver(redis);
  const { id, links } = await acceptedOf(await api.post("/things"));
  const response = await stream(api, links.self);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  await expect.poll(() => listeners(api, id), { interval: 5 }).toBe(1);
  await reader.cancel();
  await expect.poll(() => listeners(api, id), { interval: 5 }).toBe(0);

  const http = createServer(api.listener);
  listening.push(http);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  const socket = connectSocket((http.address() as AddressInfo).port, "127.0.0.1");
  socket.write(`GET ${links.self} HTTP/1.1\r\nHost: api.test\r\nAccept: text/event-stream\r\n\r\n`);
  let text = "";
  for await (const chunk of socket.setEncoding("utf8").iterator({ destroyOnReturn: false })) {
    text += chunk;
    // It comes while the job goes on: nothing on the way waits for more.
    if (text.includes('"status":"queued"')) break;
  }
  expect(text).toContain("HTTP/1.1 200 OK\r\n");
  await expect.poll(() => listeners(api, id), { interval: 5 }).toBe(1);
  socket.destroy();
  await expect.poll(() => listeners(api, id), { interval: 5 }).toBe(0);
  expect((await api.queue.get(id))?.status).toBe("queued");
});

test("while Redis is away the stream lives, and goes on when it is back", async () => {
  const mortal = await startRedis({ args: ["--appendonly", "yes", "--appendfsync", "always"] });
  const port = await connect(mortal.url, { timeout: "500ms" });
  onTestFinished(async () => {
    await port.close();
    await mortal.stop();
  });
  const heard: unknown[] = [];
  const api = apiOver(port, [{}], { onError: (error) => heard.push(error) });
  const { id, links } = await acceptedOf(await api.post("/things"));
  const blocks = blocksOf(await stream(api, links.self));
  await nextJob(blocks);
  await mortal.kill();
  // That Redis is away is told to the program, once.
  await expect.poll(() => heard.length, { interval: 5 }).toBe(1);
  expect(await blocks.next()).toEqual({ done: false, value: { "": "" } });
  await mortal.restart();
  await expect.poll(() => api.queue.cancel(id).catch(() => undefined), { interval: 50 }).toMatchObject({ canceled: true });
  expect(await nextJob(blocks)).toMatchObject({ status: "canceled" });
  expect(await nextJob(blocks)).toBeUndefined();
  expect(heard).toHaveLength(1);
});
