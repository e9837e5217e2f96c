/**
 * The slots in which a worker's jobs run, shared by the partitions of its queue. Who finds none waits in line, so that a busy
 * partition does not take what the others wait for.
 */
export class Slots {
  readonly total: number;
  #free: number;
  /** There are several who take slots. */
  readonly shared: boolean;
  readonly #waiting = new Set<() => void>();

  constructor(total: number, shared: boolean) {
    this.total = total;
    this.shared = shared;
    this.#free = total;
  }

  /**
   * Takes up to `most` slots. Answers how many; if none is free, or others were in line before, the caller is in line.
   *
   * @param turn called when it is the caller's turn to try again; the same at each try
   */
  take(most: number, turn: () => void): number {
    const [first = turn] = this.#waiting;
    if (this.#free <= 0 || first !== turn) {
      this.#waiting.add(turn);
      return 0;
    }
    const taken = Math.min(most, this.#free);
    this.#free -= taken;
    this.leave(turn);
    return taken;
  }

  /** Gives slots back. */
  give(count: number): void {
    this.#free += count;
    this.#next();
  }

  /** Takes slots that were given away, there or not. Answers how many there were: jobs beyond those must not run. */
  takeBack(count: number): number {
    const room = Math.max(0, Math.min(count, this.#free));
    this.#free -= count;
    return room;
  }

  /** Goes out of line. */
  leave(turn: () => void): void {
    this.#waiting.delete(turn);
    this.#next();
  }

  #next(): void {
    if (this.#free <= 0 || this.#waiting.size === 0) return;
    const [first] = this.#waiting;
    first?.();
  }
}
