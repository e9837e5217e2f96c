const LOW = 2 ** 24;
const RANGE = 2 ** 31 - 1;

/**
 * Redis' own random numbers, the same on every machine: drand48's linear congruence on 48 bits (POSIX `lrand48`).
 *
 * Redis 7.0 neither seeds it for a script nor at start, so the first numbers of an engine are always the same.
 */
export class Random {
  // The 48 bits of the state in two halves, so that products stay exact in a double.
  #high = 0x1234ab;
  #low = 0xcd330e;

  /** Starts over. Only the 32 bits of the seed count. */
  seed(seed: number): void {
    this.#high = (seed >>> 8) & 0xffffff;
    this.#low = (seed & 0xff) * 2 ** 16 + 0x330e;
  }

  /** From 0 to 1, both within. */
  next(): number {
    const low = this.#low * 0xece66d + 0xb;
    this.#high = (this.#high * 0xece66d + this.#low * 0x5de + Math.floor(low / LOW)) % LOW;
    this.#low = low % LOW;
    const bits = this.#high * 2 ** 7 + Math.floor(this.#low / 2 ** 17);
    return (bits % RANGE) / RANGE;
  }
}
