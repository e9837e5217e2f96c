import type { Finished, Settled, StepReply, StepRequest } from "./claim.ts";
import { claimedJobs } from "./job-hash.ts";
import type { Step } from "./scripts.gen.ts";
import type { StoreLimits } from "./store-options.ts";

type StepArgs = Step["args"];
type Claimed = StepArgs["claims"][number];

/** At most so many jobs are promoted, recovered or dropped in one script, so that none holds Redis up. */
export const sweep = 200;

/** A turn, as the script takes it. Written out: to copy and spread so many costs a turn 30 µs. bench/README.md */
export function stepArgs(request: StepRequest, limits: StoreLimits, listens: boolean, sure: boolean): StepArgs {
  const { claims, completed, others } = settlementOf(request.finished);
  return {
    worker: request.worker,
    token: request.token,
    want: request.want,
    leaseMs: request.leaseMs,
    keepCompletedMs: limits.keepCompletedMs,
    keepCompleted: limits.keepCompleted,
    keepFailedMs: limits.keepFailedMs,
    keepFailed: limits.keepFailed,
    maxRecoveries: limits.maxRecoveries,
    sweep,
    resume: request.resume,
    listed: request.listed,
    listens,
    sure,
    now: limits.now(),
    claims,
    completed,
    others,
  };
}

/** What finished, as the script takes it: completed jobs by the claim they have in common, and the others. */
function settlementOf(finished: readonly Finished[]): Pick<StepArgs, "claims" | "completed" | "others"> {
  const claims: Claimed[] = [];
  const completed: StepArgs["completed"][number][] = [];
  const others: Finished[] = [];
  let last: Claimed | undefined;
  for (const each of finished) {
    const { id, token, leaseEndsAt = null, result } = each;
    if (each.outcome !== "completed") {
      others.push(each);
      continue;
    }
    // Those of a claim mostly follow each other; where they do not, it is told again.
    if (last?.token !== token || last.ends !== leaseEndsAt) {
      last = { token, ends: leaseEndsAt };
      claims.push(last);
    }
    completed.push({ id, claim: claims.length, result });
  }
  return { claims, completed, others };
}

/**
 * What a turn answered, in the caller's terms and order.
 *
 * @param text payloads are text, not bytes
 */
export function readTurn({ worker, finished, leaseMs }: StepRequest, reply: Step["reply"], text: boolean): StepReply {
  const { nowMs } = reply;
  const claim = { status: "in-progress", workerId: worker, startedAt: nowMs, lastUpdatedAt: nowMs } as const;
  const jobs = claimedJobs(reply.jobs, claim, text);
  const settled = statusesOf(finished, reply);
  return { settled, jobs, leaseEndsAt: nowMs + leaseMs, nextInMs: reply.nextInMs ?? undefined, idle: reply.idle };
}

/** What was answered for each that finished: completed ones are told only if they were refused. */
function statusesOf(finished: readonly Finished[], { refused, settled }: Step["reply"]): readonly Settled[] {
  const notCompleted = new Map(refused.map(({ place, status }) => [place, status]));
  const statuses: Settled[] = [];
  let place = 0;
  let other = 0;
  for (const { outcome } of finished) {
    const status = outcome === "completed" ? (notCompleted.get(++place) ?? "completed") : settled[other++];
    statuses.push(status as Settled);
  }
  return statuses;
}
