/**
 * A service that summarizes CSV files: `npm start`.
 *
 * A request becomes a job, a worker in the same process does the work, and the client waits, polls or cancels. In a larger
 * system the worker would be another program: it needs the queue's name and nothing else.
 */
import { createServer, type Server } from "node:http";
import { connect, type RedisPort, RedluaError } from "redlua";
import { asyncEndpoints } from "redlua/http";
import { bytes, Queue } from "redlua/jobs";
import { Worker } from "redlua/worker";
import { summarizeCsv } from "./csv-summary.ts";
import { page } from "./page.ts";

type Jobs = { readonly summary: string | Uint8Array };

if (process.argv.length > 2) {
  const given = process.argv.slice(2).join(" ");
  console.error(`It takes no arguments, and was given ${given}. What can be set is in the environment: PORT=8080 npm start`);
  process.exit(1);
}
const host = process.env["HOST"] || "127.0.0.1";
const port = readNumber("PORT", 3000, 65_535);
const maxBytes = readNumber("MAX_CSV_BYTES", 50_000_000, 500_000_000);
// So many files may be in line, and so many are kept when they are done: all of them are in Redis.
const queuedMax = 10;
const kept = { age: "1h", count: 10 } as const;

// With no Redis it is in this process' memory: the same scripts, nothing to install, and gone when the program ends.
const url = process.env["REDIS_URL"] || "memory:";
const redis = await connect(url, { prefix: "summaries", timeout: "3s" }).catch(giveUp);
const queue = new Queue<Jobs>(redis, "csv", {
  codec: bytes,
  maxBytes,
  keepCompleted: kept,
  keepFailed: kept,
});

const worker = new Worker(
  queue,
  {
    summary: async ({ payload }, { signal, progress }) => {
      const csv = typeof payload === "string" ? Buffer.from(payload) : payload;
      return JSON.stringify(await summarizeCsv(csv, { signal, progress }));
    },
  },
  { concurrency: 2, lease: "10s", timeout: "5m", stopTimeout: "10s" },
);
worker.on("error", ({ error }) => {
  console.error(`Redis is away: ${error instanceof Error ? error.message : error}`);
});
worker.on("recovered", ({ outageMs }) => console.error(`Redis is back after ${Math.round(outageMs)} ms.`));

const api = asyncEndpoints<Jobs>({
  queue,
  routes: [
    {
      path: "/api/summaries",
      job: "summary",
      body: "text",
      accepts: ["text/csv"],
      maxBytes,
      produces: "application/json",
      // What is wrong with a file is wrong the next time too.
      options: () => ({ maxRetries: 0 }),
      failures: { CSV_EMPTY: 422, CSV_MALFORMED: 422, CSV_TOO_WIDE: 422 },
    },
  ],
  admit: async () => (await queue.stats()).queued < queuedMax,
  maxWait: "60s",
});

let address = "";
let leaving = false;
const server = createServer((request, response) => {
  const path = request.url?.split("?")[0];
  const reads = request.method === "GET" || request.method === "HEAD";
  if (reads && path === "/")
    response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(page(address, maxBytes));
  else if (reads && path === "/health") void health(redis).then(({ status, body }) => response.writeHead(status, json).end(body));
  else api.listener(request, response);
});
const json = { "content-type": "application/json", "cache-control": "no-store" };

try {
  address = await listen(server);
} catch (error) {
  const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  console.error(taken ? `Port ${port} is taken. Type: PORT=${port + 1} npm start` : `It cannot listen: ${error}`);
  await leave(1);
}
await worker.start();
console.log(page(address, maxBytes));
const where =
  url === "memory:" ? "with no Redis: jobs are in memory, until it ends (REDIS_URL names one)" : `with ${withoutPassword(url)}`;
console.log(`Listening on ${address}, ${where}. Stop it with Ctrl-C.`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // npm passes on what the terminal has sent already, so the same signal comes twice.
    if (leaving) return;
    leaving = true;
    console.log(`${signal}: finishing what runs.`);
    void leave(0);
  });
}

/** Takes no more, finishes what runs, and gives everything back. */
async function leave(code: number): Promise<void> {
  server.close();
  await worker.stop().catch((error: unknown) => console.error(error));
  server.closeAllConnections();
  await redis.close().catch(() => {});
  process.exit(code);
}

function listen(on: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    on.once("error", reject).listen(port, host, () => {
      const bound = on.address();
      resolve(`http://${host.includes(":") ? `[${host}]` : host}:${typeof bound === "object" ? bound?.port : port}`);
    });
  });
}

async function health(to: RedisPort): Promise<{ readonly status: number; readonly body: string }> {
  try {
    await to.send(["PING"], { resend: "ok", timeoutMs: 1_000 });
    return { status: 200, body: JSON.stringify({ status: "ok", redis: "ok" }) };
  } catch {
    return { status: 503, body: JSON.stringify({ status: "unavailable", redis: "away" }) };
  }
}

function withoutPassword(of: string): string {
  return of.replace(/\/\/[^@/]*@/, "//");
}

/** Says why it cannot start: an error of redlua says what to do, and needs no stack. */
function giveUp(error: unknown): never {
  console.error(error instanceof RedluaError ? `${error.message} Without REDIS_URL it runs in memory.` : error);
  process.exit(1);
}

function readNumber(name: string, fallback: number, max: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return fallback;
  if (/^\d{1,9}$/.test(text) && Number(text) <= max) return Number(text);
  console.error(`${name} must be a whole number up to ${max}, not ${JSON.stringify(text)}.`);
  process.exit(1);
}
