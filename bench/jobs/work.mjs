/** The work that every contestant is given, and the proof that it was done. */

/** A payload of about 170 bytes of JSON, numbered. */
export function payloadOf(n) {
  return {
    n,
    to: "ada.lovelace@example.com",
    template: "welcome-to-the-analytical-engine",
    locale: "en-GB",
    tags: ["new", "newsletter", "trial"],
    subject: "Your first steps",
  };
}

/** What every handler answers. */
export function resultOf(n) {
  return { sent: true, receipt: `receipt-${n}` };
}

/** Payloads 1 to `count`. */
export function payloads(count) {
  return Array.from({ length: count }, (_, index) => payloadOf(index + 1));
}

/** A worker that starts no job for so long never will. */
const stuckMs = 30_000;

/**
 * Hears of every job that is handled, and knows when it was the last. It adds up what the payloads say, so a job that is lost, run
 * twice or handed over wrong is found.
 */
export class Tally {
  firstAt = 0;
  #count = 0;
  #sum = 0;
  #expected;
  #done = withResolvers();

  constructor(expected) {
    this.#expected = expected;
  }

  /** The handler. */
  handle = async ({ n }) => {
    if (this.#count === 0) this.firstAt = performance.now();
    this.#sum += n;
    if (++this.#count === this.#expected) this.#done.resolve();
    return resultOf(n);
  };

  /** Resolves when as many jobs were handled as there are. @throws if they stop coming before that */
  async done() {
    let seen = -1;
    const timer = setInterval(() => {
      if (this.#count === seen) this.#done.reject(new Error(`stuck: ${seen} of ${this.#expected} jobs were handled`));
      seen = this.#count;
    }, stuckMs);
    try {
      await this.#done.promise;
    } finally {
      clearInterval(timer);
    }
  }

  /** @throws if not every payload from 1 to the last came once */
  check() {
    const sum = (this.#expected * (this.#expected + 1)) / 2;
    if (this.#count === this.#expected && this.#sum === sum) return;
    throw new Error(
      `${this.#expected} jobs were added, and ${this.#count} handled; their numbers add up to ${this.#sum}, not ${sum}`,
    );
  }
}

/** Node 20 has no Promise.withResolvers. */
function withResolvers() {
  let resolve;
  let reject;
  const promise = new Promise((...both) => {
    [resolve, reject] = both;
  });
  return { promise, resolve, reject };
}
