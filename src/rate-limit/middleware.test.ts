import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect, type RedisPort } from "../client/index.ts";
import { type RedisServer, startRedis } from "../testing/index.ts";
import { Clock } from "./fixtures/index.ts";
import {
  type Decision,
  expressRateLimit,
  fetchRateLimit,
  type HeaderDraft,
  honoRateLimit,
  RateLimiter,
  rateLimitHeaders,
} from "./index.ts";

let server: RedisServer;
let redis: RedisPort;
let count = 0;

beforeAll(async () => {
  server = await startRedis();
  redis = await connect(server.url);
});

afterAll(async () => {
  await redis?.close();
  await server?.stop();
});

function api(limit: number, per: number): RateLimiter {
  return new RateLimiter(redis, {
    name: `api-${++count}`,
    onUnavailable: "closed",
    // A busy machine is no outage.
    timeout: "5s",
    now: new Clock().now,
    policies: [{ name: "api", algorithm: "fixed-window", limit, per }],
  });
}

describe("headers", () => {
  async function decisions(): Promise<readonly [Decision, Decision, Decision]> {
    const limiter = new RateLimiter(redis, {
      name: `headers-${++count}`,
      onUnavailable: "closed",
      timeout: "10s", // a machine under load may be late: that is not the subject here
      now: new Clock().now,
      policies: [
        { name: "burst", limit: 60, per: "1m", burst: 5 },
        { name: "daily", algorithm: "fixed-window", limit: 1_000, per: "1d" },
      ],
    });
    return [
      await limiter.consume("a", { cost: 3 }),
      await limiter.consume("a", { cost: 4 }),
      await limiter.consume("a", { cost: 6 }),
    ];
  }

  test.each<[HeaderDraft, object, object, object]>([
    [
      "draft-6",
      { "ratelimit-limit": "60", "ratelimit-remaining": "2", "ratelimit-reset": "3" },
      { "ratelimit-limit": "60", "ratelimit-remaining": "2", "ratelimit-reset": "2", "retry-after": "2" },
      { "ratelimit-limit": "60", "ratelimit-remaining": "2", "ratelimit-reset": "3" },
    ],
    [
      "draft-7",
      { ratelimit: "limit=60, remaining=2, reset=3" },
      { ratelimit: "limit=60, remaining=2, reset=2", "retry-after": "2" },
      { ratelimit: "limit=60, remaining=2, reset=3" },
    ],
    [
      "draft-8",
      { ratelimit: '"burst";r=2;t=3, "daily";r=997;t=86400' },
      { ratelimit: '"burst";r=2;t=2, "daily";r=997;t=86400', "retry-after": "2" },
      { ratelimit: '"burst";r=2;t=3, "daily";r=997;t=86400' },
    ],
  ])("of %s", async (draft, allowed, denied, never) => {
    const policy = draft === "draft-8" ? '"burst";q=60;w=60;burst=5, "daily";q=1000;w=86400' : "60;w=60;burst=5, 1000;w=86400";
    const told = (await decisions()).map((decision) => rateLimitHeaders(decision, draft));
    expect(told).toEqual([allowed, denied, never].map((headers) => ({ ...headers, "ratelimit-policy": policy })));
  });

  test("round up, so that who keeps to them is not too early", async () => {
    const limiter = api(1, 1_001);
    await limiter.consume("a");
    const headers = rateLimitHeaders(await limiter.consume("a"));
    expect(headers).toEqual({ "ratelimit-policy": '"api";q=1;w=2', ratelimit: '"api";r=0;t=2', "retry-after": "2" });
  });

  test("say nothing of a decision that Redis did not make, but when to come back", async () => {
    const port = await connect(server.url);
    await port.close();
    const decide = (onUnavailable: "open" | "closed"): Promise<Decision> =>
      new RateLimiter(port, { name: "closed", limit: 1, per: "1s", onUnavailable }).consume("a");
    expect(rateLimitHeaders(await decide("closed"))).toEqual({ "retry-after": "1" });
    expect(rateLimitHeaders(await decide("open"))).toEqual({});
  });
});

/** One way to serve, under one limit or under another one as well, and how to ask it as somebody. */
type Serve = (
  limiter: RateLimiter,
  outer?: RateLimiter,
) => Promise<{ ask: (who?: string) => Promise<Response>; end: () => Promise<void> }>;

const ways: Readonly<Record<string, Serve>> = {
  Fetch: async (limiter, outer) => {
    const identity = (request: Request): string | undefined => request.headers.get("x-who") ?? undefined;
    const inner = fetchRateLimit(limiter, { identity }, () => Response.json({ fine: true }, { headers: { "x-own": "1" } }));
    const handler = outer === undefined ? inner : fetchRateLimit(outer, { identity }, inner);
    return { ask: (who) => handler(new Request("http://a/", { headers: headersOf(who) })), end: async () => {} };
  },
  Hono: async (limiter, outer) => {
    const app = new Hono();
    for (const each of outer === undefined ? [limiter] : [outer, limiter]) {
      app.use(honoRateLimit(each, { identity: (context) => context.req.header("x-who") }));
    }
    app.get("/", (context) => context.json({ fine: true }, 200, { "x-own": "1" }));
    return { ask: async (who) => app.request("/", { headers: headersOf(who) }), end: async () => {} };
  },
  Express: async (limiter, outer) => {
    const identity = (request: IncomingMessage): string | undefined => request.headers["x-who"] as string | undefined;
    const limit = expressRateLimit(limiter, { identity });
    const around = outer && expressRateLimit(outer, { identity });
    const http = createServer((request, response) => {
      const end = (error?: unknown): void => {
        response.statusCode = error === undefined ? 200 : 500;
        response.setHeader("x-own", "1");
        response.end(JSON.stringify({ fine: error === undefined }));
      };
      const inside = (): void => limit(request, response, end);
      if (around === undefined) inside();
      else around(request, response, inside);
    });
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    return {
      ask: (who) => fetch(`http://127.0.0.1:${port}/`, { headers: headersOf(who) }),
      end: async () => {
        http.closeAllConnections();
        http.close();
        await once(http, "close");
      },
    };
  },
};

function headersOf(who: string | undefined): Record<string, string> {
  return who === undefined ? {} : { "x-who": who };
}

describe.each(Object.entries(ways))("the middleware for %s", (_, serve) => {
  test("lets pass what is allowed, with headers, and answers a problem to what is not", async () => {
    const { ask, end } = await serve(api(1, 90_000));
    const passed = await ask("a");
    expect([passed.status, passed.headers.get("x-own"), await passed.json()]).toEqual([200, "1", { fine: true }]);
    expect(passed.headers.get("ratelimit-policy")).toBe('"api";q=1;w=90');
    expect(passed.headers.get("ratelimit")).toBe('"api";r=0;t=90');
    const refused = await ask("a");
    expect(refused.status).toBe(429);
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
    expect(refused.headers.get("retry-after")).toBe("90");
    expect(refused.headers.get("ratelimit")).toBe('"api";r=0;t=90');
    expect(await refused.json()).toEqual({
      type: "https://iana.org/assignments/http-problem-types#quota-exceeded",
      title: "The quota for such requests is used up",
      status: 429,
      detail: "Try again in 90000 ms.",
      "violated-policies": ["api"],
    });
    const uncounted = await ask();
    expect([uncounted.status, uncounted.headers.get("ratelimit")]).toEqual([200, null]);
    await end();
  });

  test("answers 503 when Redis is away and nothing is allowed without it", async () => {
    const port = await connect(server.url);
    await port.close();
    const { ask, end } = await serve(new RateLimiter(port, { name: "gone", limit: 1, per: "1s", onUnavailable: "closed" }));
    const refused = await ask("a");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await refused.json()).toMatchObject({ type: expect.stringMatching(/#temporary-reduced-capacity$/), status: 503 });
    await end();
  });

  test("answers 429 when this process counted by itself, and 503 when what is left of the limit is too little", async () => {
    const port = await connect(server.url);
    await port.close();
    const local = { name: "alone", limit: 4, per: "1m", onUnavailable: "local", instances: 4 } as const;
    const { ask, end } = await serve(new RateLimiter(port, local));
    expect((await ask("a")).status).toBe(200);
    const refused = await ask("a");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await refused.json()).toMatchObject({ type: expect.stringMatching(/#quota-exceeded$/), status: 429 });
    await end();
    const costly = fetchRateLimit(new RateLimiter(port, local), { identity: () => "a", cost: 2 }, () => new Response("fine"));
    const reduced = await costly(new Request("http://a/"));
    expect(reduced.status).toBe(503);
    expect(await reduced.json()).toMatchObject({ type: expect.stringMatching(/#temporary-reduced-capacity$/), status: 503 });
  });

  test("under another limit tells of both, so that a refusal names the limit that refused", async () => {
    const named = (name: string, limit: number): RateLimiter =>
      new RateLimiter(redis, { name, limit, per: "1m", algorithm: "fixed-window", onUnavailable: "closed", timeout: "5s" });
    const { ask, end } = await serve(named(`inner-${++count}`, 1), named(`outer-${count}`, 9));
    const told = async (): Promise<readonly unknown[]> => {
      const { status, headers } = await ask("a");
      return [status, headers.get("ratelimit"), headers.get("ratelimit-policy")];
    };
    const policies = `"outer-${count}";q=9;w=60, "inner-${count}";q=1;w=60`;
    expect(await told()).toEqual([200, expect.stringMatching(/^"outer-\d+";r=\d;t=\d+, "inner-\d+";r=0;t=60$/), policies]);
    expect(await told()).toEqual([429, expect.stringMatching(/^"outer-\d+";r=\d;t=\d+, "inner-\d+";r=0;t=\d+$/), policies]);
    await end();
  });

  test("tells who is blocked that it is not the quota", async () => {
    const limiter = api(5, 90_000);
    await limiter.block("a", 30_000);
    const { ask, end } = await serve(limiter);
    const refused = await ask("a");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "30"]);
    expect(await refused.json()).toMatchObject({ type: expect.stringMatching(/#abnormal-usage-detected$/) });
    await end();
  });
});

test("a cost may depend on the request, and a mistake in it reaches the program", async () => {
  const limiter = api(10, 90_000);
  const cost = async (request: Request): Promise<number> => Number(await request.clone().text());
  const handler = fetchRateLimit(limiter, { identity: () => "a", cost, headers: "draft-7" }, () => new Response("fine"));
  const ask = (body: string): Promise<Response> => handler(new Request("http://a/", { method: "POST", body }));
  expect((await ask("7")).headers.get("ratelimit")).toBe("limit=10, remaining=3, reset=90");
  expect((await ask("4")).status).toBe(429);
  await expect(ask("none")).rejects.toMatchObject({ code: "INPUT_INVALID", field: "cost" });
  const errors: unknown[] = [];
  const broken = expressRateLimit(limiter, {
    identity: () => {
      throw new Error("who?");
    },
  });
  await new Promise<void>((done) => {
    broken({} as never, {} as never, (error) => {
      errors.push(error);
      done();
    });
  });
  expect(errors).toEqual([new Error("who?")]);
});

test("what cannot be meant is refused when a middleware is made, and not at each request", () => {
  const limiter = api(1, 1_000);
  const identity = (): string => "a";
  const made = (options: object) => (): unknown => expressRateLimit(limiter, options as never);
  expect(made({})).toThrow("expressRateLimit.identity must be given: a function.");
  expect(made({ identity, header: "draft-7" })).toThrow('Did you mean "headers"?');
  expect(made({ identity, headers: "draft-9" })).toThrow(
    'headers must be one of "draft-6", "draft-7", "draft-8", not "draft-9".',
  );
  expect(made({ identity, cost: 0 })).toThrow("cost must be");
  expect(() => fetchRateLimit(limiter, undefined as never, () => new Response())).toThrow(
    "fetchRateLimit.identity must be given",
  );
  expect(() => honoRateLimit(limiter, { identity: "a" as never })).toThrow("honoRateLimit.identity must be a function");
  expect(() => fetchRateLimit(limiter, { identity }, undefined as never)).toThrow("fetchRateLimit: handler must be a function");
  expect(() => expressRateLimit({ identity } as never, limiter as never)).toThrow("expressRateLimit takes a RateLimiter first");
});

test("a cost is given by its name, or a wrong one would be counted", async () => {
  const limiter = api(5, 1_000);
  await expect(limiter.consume("a", 3 as never)).rejects.toThrow("consume takes its cost as { cost }, not 3.");
  await expect(limiter.consume("a", { cots: 3 } as never)).rejects.toThrow('consume has no option "cots". Did you mean "cost"?');
  await expect(limiter.peek("a", { cots: 3 } as never)).rejects.toThrow("peek has no option");
  expect(await limiter.peek("a")).toMatchObject({ remaining: 5 });
});
