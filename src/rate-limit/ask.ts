import type { RedisPort } from "../client/index.ts";
import { run } from "../script/index.ts";
import { readDecision, replyWidth } from "./decision.ts";
import type { Ask, Call } from "./dispatcher.ts";
import { gcraDecision } from "./gcra-decision.ts";
import type { LimiterKeys } from "./keys.ts";
import type { Settings } from "./options.ts";
import type { Policy } from "./policy.ts";
import { consume, consumeGcra } from "./scripts.gen.ts";

/** How a limiter asks Redis about the identities of a shard: by the script that suits its policies. */
export function askFor(redis: RedisPort, settings: Settings, keys: LimiterKeys, shard: number): Ask {
  const [policy, ...others] = settings.policies as readonly [Policy, ...Policy[]];
  return policy.algorithm === "gcra" && others.length === 0
    ? askGcra(redis, settings, keys, shard, policy)
    : askAny(redis, settings, keys, shard);
}

function askAny(redis: RedisPort, settings: Settings, keys: LimiterKeys, shard: number): Ask {
  const { policies, now } = settings;
  const words = policies.map((policy) => policy.words);
  const options = { timeout: settings.timeoutMs };
  const width = replyWidth(policies);
  return async (calls) => {
    const states: string[] = [];
    const places = new Map<string, number>();
    const call = calls.map(({ identity, cost }) => {
      let place = places.get(identity);
      if (place === undefined) {
        place = places.size;
        places.set(identity, place);
        keys.add(states, shard, identity);
      }
      return { identity: place, cost };
    });
    const reply = await run(redis, consume, { states }, { now: now?.(), policies: words, call }, options);
    return calls.map((_, index) => readDecision(policies, reply, index * width));
  };
}

/** Calls of one cost for one identity. */
interface Run {
  readonly cost: number;
  times: number;
  /** Where it stands among all, once they are. */
  place: number;
  /** Calls of another cost for the same identity. */
  next: Run | undefined;
}

function askGcra(redis: RedisPort, settings: Settings, keys: LimiterKeys, shard: number, policy: Policy): Ask {
  const { now } = settings;
  const { limit, perMs, burst } = policy.words;
  const options = { timeout: settings.timeoutMs };
  const ask = (states: readonly string[], runs: readonly Pick<Run, "cost" | "times">[]): Promise<readonly number[]> => {
    // What is not said need not be written and read: most calls cost 1.
    const said = runs.every(({ cost, times }) => cost === 1 && times === 1) ? [] : runs;
    return run(redis, consumeGcra, { states }, { now: now?.(), limit, perMs, burst, run: said }, options);
  };
  return async (calls) => {
    const states: string[] = [];
    if (calls.length === 1) {
      const { identity, cost } = calls[0] as Call;
      keys.add(states, shard, identity);
      const [allowed, level] = await ask(states, [{ cost, times: 1 }]);
      return [gcraDecision(policy, cost, allowed as number, level as number, 0)];
    }
    const firsts = new Map<string, Run>();
    const runOfCall = calls.map(({ identity, cost }) => runOf(firsts, identity, cost));
    const nthOfRun = runOfCall.map((run) => run.times++);
    const runs: Run[] = [];
    for (const [identity, first] of firsts) {
      for (let each: Run | undefined = first; each !== undefined; each = each.next) {
        each.place = runs.push(each) - 1;
        keys.add(states, shard, identity);
      }
    }
    const reply = await ask(states, runs);
    return runOfCall.map(({ place, cost }, index) =>
      gcraDecision(policy, cost, reply[2 * place] as number, reply[2 * place + 1] as number, nthOfRun[index] as number),
    );
  };
}

function runOf(firsts: Map<string, Run>, identity: string, cost: number): Run {
  let run = firsts.get(identity);
  if (run === undefined) {
    run = { cost, times: 0, place: 0, next: undefined };
    firsts.set(identity, run);
    return run;
  }
  while (run.cost !== cost) {
    run.next ??= { cost, times: 0, place: 0, next: undefined };
    run = run.next;
  }
  return run;
}
