import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ProblemError, problem, problemKinds, problemResponse } from "./problem.ts";

test("the guide names every kind of problem with its status, and no other", async () => {
  const guide = await readFile(join(import.meta.dirname, "../../docs/guides/http.md"), "utf8");
  const named = [...guide.matchAll(/^\| `urn:redlua:problem:([a-z-]+)` \| (\d{3})/gm)].map(([, kind, status]) => [
    kind,
    Number(status),
  ]);
  expect(named.sort()).toEqual(
    Object.entries(problemKinds)
      .map(([kind, [status]]) => [kind, status])
      .sort(),
  );
});

test("a problem is answered as the standard says, its own members last", async () => {
  const response = problemResponse(
    problem("job-not-ready", "Soon.", { members: { job: 1 }, headers: { "retry-after": "2" } }),
    "/jobs/a",
  );
  expect([response.status, response.headers.get("retry-after")]).toEqual([409, "2"]);
  expect(await response.text()).toBe(
    '{"type":"urn:redlua:problem:job-not-ready","title":"The job has not ended yet","status":409,"detail":"Soon.","instance":"/jobs/a","job":1}',
  );
});

test("no hook can make a problem look like something else", () => {
  const facts = { status: 403, title: "No", headers: { "content-type": "text/html", "x-content-type-options": "x" } };
  const { headers } = problemResponse(new ProblemError(facts), "/");
  expect([headers.get("content-type"), headers.get("x-content-type-options")]).toEqual(["application/problem+json", "nosniff"]);
});
