import type { Context } from "hono";
import { hasEnded, type StoredJob } from "../jobs/index.ts";
import { eventsResponse } from "./job-events.ts";
import { jobResponse, resultResponse } from "./job-view.ts";
import type { WaitingRoom } from "./patience.ts";
import { problem } from "./problem.ts";
import type { Settings } from "./settings.ts";

/** `GET /jobs/{id}`, `GET /jobs/{id}/result`, `DELETE /jobs/{id}`. */
export class JobResource {
  readonly #settings: Settings;
  readonly #room: WaitingRoom;
  readonly #names: ReadonlySet<string>;

  constructor(settings: Settings, room: WaitingRoom) {
    this.#settings = settings;
    this.#room = room;
    this.#names = new Set(settings.routes.map((route) => route.job));
  }

  /** The job, or its result: now, or as soon as it has ended if the client prefers to wait. */
  async get(request: Request, id: string, part: "job" | "result"): Promise<Response> {
    const found = await this.#find(request, id, part);
    const { waitMs, headers } = this.#room.patienceFor(request);
    const waits = waitMs > 0 && !hasEnded(found.status);
    const job = waits ? await this.#room.waitFor(request, id, waitMs, part) : found;
    if (job === undefined) throw unknown();
    const respond = part === "job" ? jobResponse : resultResponse;
    return respond(this.#settings, request, job, headers);
  }

  /** The job as it changes. */
  async events(c: Context, id: string): Promise<Response> {
    return eventsResponse(c, this.#settings, await this.#find(c.req.raw, id, "job"), this.#room);
  }

  /** Cancels a job. Canceling twice is answered as once was. */
  async cancel(request: Request, id: string): Promise<Response> {
    await this.#find(request, id, "job");
    const { status } = await this.#settings.queue.cancel(id);
    const job = status === "unknown" ? undefined : await this.#settings.queue.storeOf(id).peek(id);
    if (job === undefined) throw unknown();
    if (status === "canceled") return jobResponse(this.#settings, request, job, {});
    throw problem("job-ended", `It is ${status}, so there is nothing to cancel.`, { members: { job: { id, status } } });
  }

  /**
   * A job of one of the routes that the client may see. One that it may not see is answered as one that is not there:
   * 403 would tell that it is.
   */
  async #find(request: Request, id: string, part: "job" | "result"): Promise<StoredJob> {
    const { queue, authorize } = this.#settings;
    if (!/^\S{1,200}$/.test(id)) throw unknown();
    const job = await queue.storeOf(id).peek(id, { result: part === "result" });
    if (job === undefined || !this.#names.has(job.name)) throw unknown();
    if (!(await authorize(request, { ...job, result: undefined }))) throw unknown();
    return job;
  }
}

function unknown(): Error {
  return problem("job-unknown", "There is none of this id, or none any more: ended jobs are kept for a while.");
}
