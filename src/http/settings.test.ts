import { expect, test } from "vitest";
import { neverAsked } from "../../test/support/never-asked.ts";
import { bytes, Queue } from "../jobs/index.ts";
import { asyncEndpoints } from "./endpoints.ts";

const queue = new Queue(neverAsked, "q");
const bytesQueue = new Queue(neverAsked, "q", { codec: bytes, maxBytes: 1_000 });
const route = { path: "/a", job: "a" };

test.each([
  [{ routes: [route] }, "OPTION_MISSING", "asyncEndpoints.queue"],
  [{ queue, routes: [] }, "OPTION_INVALID", "asyncEndpoints.routes"],
  [{ queue, routes: [route], jobPath: "/x" }, "OPTION_UNKNOWN", 'Did you mean "jobsPath"'],
  [{ queue, routes: [route], jobsPath: "jobs/" }, "OPTION_INVALID", "asyncEndpoints.jobsPath"],
  [{ queue, routes: [route], secret: "short" }, "OPTION_INVALID", "asyncEndpoints.secret"],
  [{ queue, routes: [{ ...route, methd: "PUT" }] }, "OPTION_UNKNOWN", "asyncEndpoints.routes[0]"],
  [{ queue, routes: [{ ...route, method: "GET" }] }, "OPTION_INVALID", "asyncEndpoints.routes[0].method"],
  [{ queue, routes: [{ path: "a", job: "a" }] }, "OPTION_INVALID", "asyncEndpoints.routes[0].path"],
  [{ queue, routes: [{ ...route, maxBytes: 2_000_000 }] }, "OPTION_INVALID", "asyncEndpoints.routes[0].maxBytes"],
  [{ queue, routes: [{ ...route, failures: { A: 200 } }] }, "OPTION_INVALID", "asyncEndpoints.routes[0].failures"],
  [{ queue, routes: [{ ...route, schema: {} }] }, "OPTION_INVALID", "asyncEndpoints.routes[0].schema"],
  [{ queue, routes: [{ ...route, body: "bytes" }] }, "OPTION_INVALID", "codec"],
  [{ queue: bytesQueue, routes: [{ ...route, body: "json" }] }, "OPTION_INVALID", "codec"],
  [{ queue, routes: [route, route] }, "OPTION_INVALID", "a route for POST /a already"],
  [{ queue, routes: [route, { ...route, path: "/b", produces: "text/csv" }] }, "OPTION_INVALID", "produces"],
  [
    {
      queue,
      routes: [
        { ...route, failures: { E: 400 } },
        { ...route, path: "/b", failures: { E: 422 } },
      ],
    },
    "OPTION_INVALID",
    "failures.E",
  ],
  [
    {
      queue,
      routes: [
        { ...route, path: "/a/:b" },
        { ...route, path: "/a/c" },
      ],
    },
    "OPTION_INVALID",
    "POST /a/c is never reached",
  ],
  [
    {
      queue,
      routes: [
        { ...route, path: "/a/:b" },
        { ...route, path: "/a/:c" },
      ],
    },
    "OPTION_INVALID",
    "POST /a/:b comes before it",
  ],
  [{ queue, routes: [{ ...route, method: "DELETE", path: "/jobs/all" }] }, "OPTION_INVALID", "DELETE /jobs/:id comes before it"],
])("%# options that cannot be used are refused by name", (options, code, words) => {
  expect(() => asyncEndpoints(options as never)).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(words) }),
  );
});

test("paths that are alike are taken where each is reached", () => {
  const paths = ["/a/b", "/a/:b", "/a/:b/c", "/a/:b{[0-9]+}/:c", "/a/:b/:c", "/jobs/all", "/*"];
  expect(() => asyncEndpoints({ queue, routes: paths.map((path) => ({ path, job: "a" })) })).not.toThrow();
});

test("mounting needs nothing but options, and leaves the globals of its host alone", () => {
  const { Request: before, Response: same } = globalThis;
  const api = asyncEndpoints({ queue, routes: [route] });
  expect([typeof api.fetch, typeof api.listener]).toEqual(["function", "function"]);
  expect([globalThis.Request, globalThis.Response]).toEqual([before, same]);
});
