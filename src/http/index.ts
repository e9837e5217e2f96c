/**
 * HTTP endpoints that answer at once and work later: 202 and where to look, by the RFCs.
 *
 * @module
 * @example
 * const api = asyncEndpoints({ queue, routes: [{ path: "/api/summaries", job: "summary", body: "text", accepts: ["text/csv"] }] });
 * createServer(api.listener).listen(3000);
 */
export { type AsyncEndpoints, asyncEndpoints } from "./endpoints.ts";
export type { JobLinks, JobView } from "./job-view.ts";
export type { AsyncEndpointsOptions, BodyKind, Route, RouteOptions, Submission } from "./options.ts";
export { ProblemError, type ProblemFacts } from "./problem.ts";
