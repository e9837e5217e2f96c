import { LRUCache } from "lru-cache";

/** What this process knows of a tag's epoch. One object for all values bound to it, so that one stroke ends them all. */
export interface Epoch {
  readonly tag: string;
  readonly epoch: string;
  /** On this process' clock: until then it may be believed without asking. */
  validUntil: number;
  /** It is known to be over, or would not be known to be. */
  replaced: boolean;
}

/** So many tags are known at least, and for each value in memory so many of its own. */
const known = { least: 10_000, each: 4 };

/** The epochs of tags as this process knows them, each asked for once in a while and when it is told that they changed. */
export class TagEpochs {
  readonly #ask: (tag: string) => Promise<string>;
  readonly #maxAgeMs: () => number;
  readonly #known: LRUCache<string, Epoch>;
  readonly #asked = new Map<string, Promise<Epoch>>();
  #unbound = unknown();

  /**
   * @param maxAgeMs for how long an epoch is believed; 0 asks each time
   * @param values how many values there may be in memory
   */
  constructor(ask: (tag: string) => Promise<string>, maxAgeMs: () => number, values = 0) {
    this.#ask = ask;
    this.#maxAgeMs = maxAgeMs;
    this.#known = new LRUCache({
      // In place of `max`, for which lists of that length would be made at once.
      maxSize: Math.max(known.least, known.each * values),
      sizeCalculation: () => 1,
      // What is forgotten cannot be told that it is over, so it is not believed any more.
      dispose: (epoch, _tag, reason) => {
        if (reason === "evict") end(epoch);
      },
    });
  }

  /** What a value is bound to whose epochs could not be asked for: any tag that is invalidated ends it. */
  get unbound(): Epoch {
    return this.#unbound;
  }

  /** The epochs of tags: at once if all are known, else after asking for those that are not. */
  take(tags: readonly string[]): readonly Epoch[] | Promise<readonly Epoch[]> {
    const now = performance.now();
    const epochs: Epoch[] = [];
    for (const tag of tags) {
      const epoch = this.#known.get(tag);
      if (epoch === undefined || now >= epoch.validUntil) return Promise.all(tags.map((each) => this.#one(each)));
      epochs.push(epoch);
    }
    return epochs;
  }

  /** The epochs of tags, believing nothing that was asked for before. */
  anew(tags: readonly string[]): Promise<readonly Epoch[]> {
    return Promise.all(tags.map((tag) => this.#asking(tag)));
  }

  /**
   * Asks for the epoch of a tag now, if it would have to be asked for once an entry has come: both then take one round trip.
   * What is answered held at some time since this call began, so it may be believed by whoever called.
   */
  ahead(tag: string): Promise<Epoch> | undefined {
    const epoch = this.#known.get(tag);
    if (epoch !== undefined && performance.now() < epoch.validUntil) return undefined;
    const answer = Promise.resolve(this.#one(tag));
    // Whoever needs it hears of a failure; nobody may.
    answer.catch(() => {});
    return answer;
  }

  /** A tag was invalidated: its epoch, and one that is being asked for, is over. */
  drop(tag: string): void {
    const epoch = this.#known.peek(tag);
    if (epoch !== undefined) end(epoch);
    this.#known.delete(tag);
    this.#asked.delete(tag);
    end(this.#unbound);
    this.#unbound = unknown();
  }

  /** Nothing is known any more. Epochs that were are not believed without asking. */
  flush(): void {
    for (const epoch of this.#known.values()) epoch.validUntil = Number.NEGATIVE_INFINITY;
    this.#known.clear();
    this.#asked.clear();
    end(this.#unbound);
    this.#unbound = unknown();
  }

  #one(tag: string): Epoch | Promise<Epoch> {
    const epoch = this.#known.get(tag);
    if (epoch !== undefined && performance.now() < epoch.validUntil) return epoch;
    return this.#asking(tag);
  }

  #asking(tag: string): Promise<Epoch> {
    const asked = this.#asked.get(tag);
    if (asked !== undefined) return asked;
    const answer = this.#fetch(tag, () => this.#asked.get(tag) === answer);
    this.#asked.set(tag, answer);
    const done = (): void => {
      if (this.#asked.get(tag) === answer) this.#asked.delete(tag);
    };
    // Whoever asks each time wants to know what holds now, so only those share an answer who ask at the same moment.
    if (this.#maxAgeMs() === 0) queueMicrotask(done);
    else answer.then(done, done);
    return answer;
  }

  /** @param current whether nothing happened to the tag since it was asked for */
  async #fetch(tag: string, current: () => boolean): Promise<Epoch> {
    const validUntil = performance.now() + this.#maxAgeMs();
    const epoch = await this.#ask(tag);
    if (!current()) return { tag, epoch, validUntil: Number.NEGATIVE_INFINITY, replaced: true };
    const before = this.#known.peek(tag);
    if (before?.epoch === epoch) {
      before.validUntil = validUntil;
      return before;
    }
    if (before !== undefined) end(before);
    const fresh: Epoch = { tag, epoch, validUntil, replaced: false };
    this.#known.set(tag, fresh);
    return fresh;
  }
}

function unknown(): Epoch {
  return { tag: "", epoch: "", validUntil: Number.POSITIVE_INFINITY, replaced: false };
}

function end(epoch: Epoch): void {
  epoch.validUntil = Number.NEGATIVE_INFINITY;
  epoch.replaced = true;
}
