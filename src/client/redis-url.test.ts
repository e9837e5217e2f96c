import { describe, expect, test } from "vitest";
import { ConnectError } from "./errors.ts";
import { describeTarget, readRedisUrl } from "./redis-url.ts";

test.each([
  ["redis://localhost", { kind: "single", nodes: [{ host: "localhost", port: 6379 }], tls: false, database: 0 }],
  ["redis://localhost?db=3", { nodes: [{ host: "localhost", port: 6379 }], database: 3 }],
  ["redis://localhost/2?db=3", { database: 2 }],
  ["redis+sentinel://s1/main?db=4", { primary: "main", database: 4 }],
  ["redis://localhost:7000/3", { nodes: [{ host: "localhost", port: 7000 }], database: 3 }],
  [
    "rediss://u%40x:p%3Aw@cache.example:6380",
    { tls: true, username: "u@x", password: "p:w", nodes: [{ host: "cache.example", port: 6380 }] },
  ],
  ["redis://:secret@[::1]:7000", { username: undefined, password: "secret", nodes: [{ host: "::1", port: 7000 }] }],
  [
    "redis+cluster://a:1,b:2,c",
    {
      kind: "cluster",
      nodes: [
        { host: "a", port: 1 },
        { host: "b", port: 2 },
        { host: "c", port: 6379 },
      ],
    },
  ],
  [
    "redis+sentinel://:pw@s1,s2:5/main/2",
    {
      kind: "sentinel",
      primary: "main",
      database: 2,
      password: "pw",
      nodes: [
        { host: "s1", port: 26379 },
        { host: "s2", port: 5 },
      ],
    },
  ],
  ["unix:///run/redis%20one.sock", { nodes: [{ path: "/run/redis one.sock" }], database: 0 }],
  ["redis+unix:///run/r.sock?db=2", { nodes: [{ path: "/run/r.sock" }], database: 2 }],
])("%s is understood", (url, expected) => {
  expect(readRedisUrl(url)).toMatchObject(expected);
});

describe("what is not understood is refused, without the password", () => {
  test.each([
    ["http://:hunter2@host", "is not the URL of a Redis"],
    ["localhost:6379", "is not the URL of a Redis"],
    ["", "is not the URL of a Redis"],
    ["memory://localhost", "is not the URL of a Redis"],
    ["redis://:hunter2@a,b", "redis+cluster://"],
    ["redis://:hunter2@a:99999", "is not a host and port"],
    ["redis://:hunter2@a/first", "is not the number of a database"],
    ["redis://:100%@a", "%25"],
    ["unix:///run/100%.sock", "%25"],
    ["redis+sentinel://a/my%zz", "%25"],
    ["redis+cluster://a/1", "no numbered databases"],
    ["redis+cluster://a?db=1", "no numbered databases"],
    ["redis://:hunter2@a?family=6", '"?family=" is not understood'],
    ["redis://a?db=one", "is not the number of a database"],
    ["redis+sentinel://a", "name of the primary"],
    ["unix://:hunter2@run/r.sock", "three slashes"],
  ])("%s", (url, sentence) => {
    let error: unknown;
    try {
      readRedisUrl(url);
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: "CONNECT_URL", message: expect.stringContaining(sentence) });
    expect((error as Error).message).not.toContain("hunter2");
  });
});

test("a target is described without its password", () => {
  expect(describeTarget(readRedisUrl("redis://u:hunter2@a:1/2"))).toBe("a:1");
  expect(describeTarget(readRedisUrl("redis+sentinel://:hunter2@a,[::1]:2/main"))).toBe("main at a:26379, [::1]:2");
});
