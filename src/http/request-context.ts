import { problem } from "./problem.ts";

const limits = { queryParams: 100, queryText: 4_000, header: 4_000 } as const;

/** The headers of a request that are kept with its job, by lower-case name: those on the list, and no other. */
export function keptHeaders(request: Request, names: readonly string[]): Record<string, readonly string[]> {
  const kept: Record<string, readonly string[]> = {};
  for (const name of names) {
    const value = request.headers.get(name);
    if (value === null) continue;
    if (value.length > limits.header) {
      throw problem("headers-too-large", `The header ${name} may have ${limits.header} characters.`, {
        members: { header: name },
      });
    }
    kept[name] = [value];
  }
  return kept;
}

/** The parameters of a request's query, each with all of its values. */
export function readQuery(request: Request): Record<string, readonly string[]> {
  const { search, searchParams } = new URL(request.url);
  if (search.length > limits.queryText || searchParams.size > limits.queryParams) {
    throw problem("bad-request", `A query may have ${limits.queryParams} parameters and ${limits.queryText} characters.`);
  }
  // No prototype: a parameter may be named __proto__.
  const query: Record<string, readonly string[]> = Object.create(null);
  for (const name of new Set(searchParams.keys())) query[name] = searchParams.getAll(name);
  return query;
}

/** The trace that a request belongs to, by its `traceparent` (W3C Trace Context), if it is one. */
export function traceOf(request: Request): string | undefined {
  const header = request.headers.get("traceparent") ?? "";
  const [, version, trace, span] = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(?:-.{0,200})?$/.exec(header) ?? [];
  if (version === undefined || version === "ff" || /^0+$/.test(trace ?? "0") || /^0+$/.test(span ?? "0")) return undefined;
  return header;
}
