import { problem } from "./problem.ts";

/**
 * Reads a body to its end, and not a byte beyond the limit, whatever its headers say.
 *
 * @throws {ProblemError} `body-too-large`; `bad-request` if the client went away in the middle
 */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  if (request.body === null) return new Uint8Array();
  const reader = (request.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw problem("bad-request", "The body did not arrive in full.", { cause: error });
    });
    if (done) return Buffer.concat(chunks, size);
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel().catch(() => {});
      throw tooLarge(maxBytes);
    }
    chunks.push(value);
  }
}

function tooLarge(maxBytes: number): Error {
  return problem("body-too-large", `A body may have ${maxBytes} bytes here and no more.`, { members: { maxBytes } });
}

/** The text of a body in UTF-8. @throws {ProblemError} `bad-encoding` */
export function readText(body: Uint8Array, keepBom: boolean): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: keepBom }).decode(body);
  } catch (error) {
    throw problem("bad-encoding", "Some of its bytes are no UTF-8. Send it in UTF-8.", { cause: error });
  }
}

/**
 * Checks that a body is of a type that is taken, uncompressed, and in UTF-8 if it says how it is encoded.
 *
 * @param accepts such as `text/csv`, `text/*`, `application/*+json`
 * @throws {ProblemError} `unsupported-media-type`
 */
export function checkContentType(request: Request, accepts: readonly string[]): void {
  const offered = { [request.method === "PATCH" ? "accept-patch" : "accept-post"]: accepts.join(", ") };
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding !== "identity" && encoding !== "") {
    const headers = { ...offered, "accept-encoding": "identity" };
    throw problem("unsupported-media-type", "Send it without a Content-Encoding.", { headers });
  }
  const [type = "", ...parameters] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  if (!accepts.some((each) => fits(type.trim(), each))) {
    const has = type.trim() === "" ? "It has no Content-Type" : "Its Content-Type is another";
    throw problem("unsupported-media-type", `${has}; this takes ${accepts.join(", ")}.`, { headers: offered });
  }
  const charset = parameters
    .find((each) => each.trim().startsWith("charset="))
    ?.trim()
    .slice(8)
    .replace(/"/g, "");
  if (charset !== undefined && !["utf-8", "utf8", "us-ascii"].includes(charset)) {
    throw problem("unsupported-media-type", "Send it in UTF-8.", { headers: offered });
  }
}

function fits(type: string, pattern: string): boolean {
  if (pattern === "*/*") return true;
  const star = pattern.indexOf("*");
  if (star === -1) return type === pattern;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return type.length > before.length + after.length && type.startsWith(before) && type.endsWith(after);
}
