import { expect, test } from "vitest";
import { request } from "./fixtures/index.ts";
import { ProtocolError, RequestReader, requestLimits } from "./request-reader.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

/** All requests that the pieces hold. */
function read(pieces: Iterable<Buffer>): readonly (readonly string[])[] {
  const reader = new RequestReader();
  const found: (readonly string[])[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let args = reader.next(); args !== undefined; args = reader.next()) found.push(args);
  }
  return found;
}

const requests = [["SET", "key", "\r\n$3\r\n\xff\0"], ["GET", ""], ["*1", "$4"], ["ECHO", "x".repeat(300)], ["PING"]];
const stream = bytes(
  `${requests
    .slice(0, 4)
    .map((args) => request(...args))
    .join("")}*0\r\n\r\nPING\r\n`,
);

test("a request is the same wherever it is cut", () => {
  for (let at = 0; at <= stream.length; at++) expect(read([stream.subarray(0, at), stream.subarray(at)])).toEqual(requests);
});

test("a request is the same in three pieces, and in as many as it has bytes", () => {
  for (let first = 0; first < 80; first++) {
    for (let second = first; second < 80; second++) {
      const pieces = [stream.subarray(0, first), stream.subarray(first, second), stream.subarray(second)];
      expect(read(pieces)).toEqual(requests);
    }
  }
  expect(read([...stream].map((byte) => Buffer.from([byte])))).toEqual(requests);
});

test("an argument that comes byte by byte is put together once", () => {
  const text = request("SET", "key", "v".repeat(200_000));
  const [args] = read([...bytes(text)].map((byte) => Buffer.from([byte])));
  expect(args).toEqual(["SET", "key", "v".repeat(200_000)]);
});

test("64 KB of a line that has no end are the most, in pieces of any size", () => {
  for (const size of [16, 999, 65_536, 65_537]) {
    const reader = new RequestReader();
    const piece = bytes("x".repeat(size));
    let pushed = 0;
    const push = (): void => {
      reader.push(piece);
      pushed += size;
      reader.next();
    };
    while (pushed + size <= 65_536) push();
    expect(push).toThrow(new ProtocolError("too big inline request"));
  }
});

test("what is announced takes no memory until it comes", () => {
  const before = process.memoryUsage();
  const readers = Array.from({ length: 1000 }, () => {
    const reader = new RequestReader();
    reader.push(bytes(`*2147483647\r\n$${requestLimits.bulkMax}\r\nabc`));
    expect(reader.next()).toBeUndefined();
    return reader;
  });
  expect(readers).toHaveLength(1000);
  const after = process.memoryUsage();
  expect(after.rss - before.rss).toBeLessThan(200 * 2 ** 20);
});

test("an argument is no longer than a string can be, and a request no longer than its limit", () => {
  const refused = (text: string, limits = requestLimits): string => {
    const reader = new RequestReader(limits);
    reader.push(bytes(text));
    try {
      return String(reader.next());
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refused(`*1\r\n$${requestLimits.bulkMax + 1}\r\n`)).toBe("invalid bulk length");
  expect(refused(`*1\r\n$${requestLimits.bulkMax}\r\n`)).toBe("undefined");
  // Arguments without bytes count as well: 64 each.
  const limits = { ...requestLimits, requestMax: 640 };
  expect(refused(request(...Array.from({ length: 10 }, () => "")), limits)).toBe(",".repeat(9));
  expect(refused(request(...Array.from({ length: 11 }, () => "")), limits)).toBe("too big request");
  expect(refused(`*2\r\n$100\r\n${"x".repeat(100)}\r\n$500\r\n`, limits)).toBe("too big request");
});
