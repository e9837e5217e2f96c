import type { Finished, Settled, StepReply, StepRequest } from "./claim.ts";
import type { StoredJob } from "./job.ts";
import { fromHash, plainJobs } from "./job-hash.ts";
import type { Step } from "./scripts.gen.ts";

/** What a turn answered, in the caller's terms and order. */
export function readTurn({ worker, finished }: StepRequest, reply: Step["reply"]): StepReply & { readonly nowMs: number } {
  const { nowMs } = reply;
  const claim = { status: "in-progress", workerId: worker, startedAt: nowMs, lastUpdatedAt: nowMs } as const;
  const jobs = plainJobs(reply.plain);
  for (const { place, hash } of reply.full) jobs.splice(place - 1, 0, fromHash(hash) as StoredJob);
  for (const job of jobs) Object.assign(job, claim);
  return { settled: statusesOf(finished, reply), jobs, nextInMs: reply.nextInMs ?? undefined, idle: reply.idle, nowMs };
}

/** What was answered for each that finished: completed ones are told only if they were refused. */
function statusesOf(finished: readonly Finished[], { refused, settled }: Step["reply"]): readonly Settled[] {
  const notCompleted = new Map(refused.map(({ place, status }) => [place, status]));
  let place = 0;
  let other = 0;
  return finished.map(({ outcome }) => {
    const status = outcome === "completed" ? (notCompleted.get(++place) ?? "completed") : settled[other++];
    return status as Settled;
  });
}
