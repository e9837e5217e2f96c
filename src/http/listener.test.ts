import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request as nodeRequest, type Server } from "node:http";
import { type AddressInfo, connect as connectSocket } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { bytes } from "../jobs/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Worker } from "../worker/index.ts";
import { type Api, apiOver } from "./fixtures/index.ts";

let redisServer: RedisServer;
let redis: RedisPort;
const servers: Server[] = [];

beforeAll(async () => {
  redisServer = await startRedis();
  redis = await connect(redisServer.url);
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

afterAll(async () => {
  await redis?.close();
  await redisServer?.stop();
});

/** Mounts endpoints on a server of their own. Answers its port. */
async function listen(api: Api): Promise<number> {
  const server = createServer(api.listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Sends text as it is, and answers all that comes back. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connectSocket(port, "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
  return answer;
}

test("two hundred requests at once make two hundred jobs, and all have their results", async () => {
  const api = apiOver(redis);
  await using worker = new Worker(api.queue, async (job) => job.payload, { concurrency: 100 });
  await worker.start();
  const port = await listen(api);
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, n) => {
      const headers = { "content-type": "application/json", prefer: "wait=10" };
      const response = await fetch(`http://127.0.0.1:${port}/things`, { method: "POST", body: JSON.stringify({ n }), headers });
      return [response.status, await response.json()];
    }),
  );
  expect(answers).toEqual(Array.from({ length: 200 }, (_, n) => [200, { n }]));
  expect(await api.queue.stats()).toMatchObject({ completed: 200, queued: 0 });
});

test("a chunked body that never says how long it is, is read to the limit and answered 413", async () => {
  const api = apiOver(redis, [{ body: "bytes", maxBytes: 100_000 }], {}, { codec: bytes });
  const port = await listen(api);
  const sending = nodeRequest({ port, host: "127.0.0.1", path: "/things", method: "POST", agent: new Agent() });
  sending.on("error", () => {});
  const answered = once(sending, "response") as Promise<[IncomingMessage]>;
  let sent = 0;
  let going = true;
  const send = (): void => {
    if (!going) return;
    sent += 50_000;
    if (sending.write(Buffer.alloc(50_000))) setImmediate(send);
    else sending.once("drain", send);
  };
  send();
  const [response] = await answered;
  going = false;
  expect([response.statusCode, response.headers["content-type"]]).toEqual([413, "application/problem+json"]);
  expect(sent).toBeGreaterThan(100_000);
  sending.destroy();
  expect(await api.queue.stats()).toMatchObject({ queued: 0 });
});

test("a chunked body below the limit arrives whole", async () => {
  const api = apiOver(redis, [{ body: "text" }]);
  const port = await listen(api);
  const head =
    "POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
  const answer = await raw(port, `${head}3\r\nab\xe4\r\n1\r\nc\r\n0\r\n\r\n`);
  // A latin1 ä is no UTF-8; node wrote it as two bytes, of which the first chunk had but one.
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  const good = await raw(port, `${head}3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`);
  expect(good).toMatch(/^HTTP\/1\.1 202 Accepted\r\n/);
  const { jobs } = await api.queue.list("queued", { full: true });
  expect(jobs.map((job) => job.payload)).toEqual(["abcde"]);
});

test("a client that announces too much is answered before it has sent it", async () => {
  const port = await listen(apiOver(redis, [{ maxBytes: 1_000 }]));
  const head =
    "POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5000000\r\nConnection: close\r\n\r\n";
  const answer = await raw(port, head);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

test("a client that goes away in the middle of its body queues nothing", async () => {
  const heard: unknown[] = [];
  const api = apiOver(redis, [{}], { onError: (error) => heard.push(error) });
  const port = await listen(api);
  const socket = connectSocket(port, "127.0.0.1");
  socket.write("POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  const [server] = servers;
  await once(server as Server, "request");
  socket.destroy();
  // waits: there is no event for a request that was given up
  await expect.poll(() => new Promise((count) => server?.getConnections((_, open) => count(open)))).toBe(0);
  expect([heard, (await api.queue.stats()).queued]).toEqual([[], 0]);
});

test("a client that goes away while it waits does not take its job with it", async () => {
  const api = apiOver(redis);
  const port = await listen(api);
  const body = '{"n":1}';
  const socket = connectSocket(port, "127.0.0.1");
  const head = `POST /things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nPrefer: wait=30\r\n\r\n`;
  socket.write(head + body);
  const watching = (): Promise<unknown> => redis.send(["PUBSUB", "CHANNELS", `*{${api.queue.name}}:job:*`], { resend: "ok" });
  // waits: there is no event for a request that has begun to wait
  await expect.poll(watching).not.toEqual([]);
  socket.destroy();
  await expect.poll(watching).toEqual([]);
  expect(await api.queue.stats()).toMatchObject({ queued: 1, canceled: 0 });
});

test("text that a hook throws is 500, and heard by onError", async () => {
  const heard: unknown[] = [];
  const port = await listen(apiOver(redis, [{}], { admit: () => Promise.reject("no"), onError: (error) => heard.push(error) }));
  const answer = await raw(port, "POST /things HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 500 [\s\S]*urn:redlua:problem:internal-error/);
  expect(heard).toEqual(["no"]);
});

test("what is hardly HTTP is a problem too", async () => {
  const port = await listen(apiOver(redis));
  const badHost = await raw(port, "GET /jobs/x HTTP/1.1\r\nHost: a b@c\r\nConnection: close\r\n\r\n");
  expect(badHost).toMatch(/^HTTP\/1\.1 400 [\s\S]*application\/problem\+json[\s\S]*urn:redlua:problem:bad-request/);
  const oldest = await raw(port, "GET /jobs/x HTTP/1.0\r\n\r\n");
  expect(oldest).toMatch(/^HTTP\/1\.1 404 [\s\S]*urn:redlua:problem:job-unknown/);
});
