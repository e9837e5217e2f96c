/** The keys of a breaker. */
export interface BreakerKeys {
  readonly state: string;
  readonly probes: string;
  readonly reports: string;
  readonly failing: string;
}

/**
 * `breaker:{<name>}:…`: one hash tag, so a breaker lives in one slot. All of them expire once the breaker has not been used for
 * the window, twice the longest open time and a minute; a forced state when its time is over and as long after that.
 */
export function breakerKeys(name: string): BreakerKeys {
  const base = `breaker:{${name}}`;
  return {
    state: `${base}:state`, // HASH  state, generation, endsAt, attempt, passed, failed, order; b0… one bucket of the window each
    probes: `${base}:probes`, // ZSET  permit → lease end, ms
    reports: `${base}:reports`, // ZSET  instance → number of its last report, near its time in ms
    failing: `${base}:failing`, // ZSET  instance → last failure, ms
  };
}

/** The channel on which transitions are published: it has the name of the key. */
export function breakerChannel(keys: BreakerKeys): string {
  return keys.state;
}
