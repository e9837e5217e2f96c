/** Where time comes from, and what wakes at a given time. */
export interface Clock {
  /** Milliseconds since 1970, with a fraction of microseconds. */
  now(): number;
  /** Calls back once, `ms` from now. Returns what calls it off. Never keeps the process alive by itself. */
  after(ms: number, wake: () => void): () => void;
}
