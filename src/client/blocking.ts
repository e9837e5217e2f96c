import { AbortListeners } from "../core/index.ts";
import type { Arg, BlockOptions, Reply } from "../port/index.ts";
import { ClientError, failure } from "../port/index.ts";

/** One connection for commands that block. It never reconnects by itself. */
export interface BlockingLink {
  /** Whether it may be used again. */
  readonly alive: boolean;
  send(command: readonly Arg[], bytes: boolean): Promise<Reply>;
  close(): void;
}

/** How an adapter opens connections. */
export interface BlockingSource {
  /** Names the node that serves a key, so that a connection to it can be used again. */
  place(key: Arg | undefined): string;
  open(key: Arg | undefined): Promise<BlockingLink>;
}

interface Idle {
  readonly link: BlockingLink;
  readonly place: string;
}

/** The waits that a signal ends. */
const aborts = new AbortListeners<() => void>((end) => end());

/** More connections than this are not kept for later. */
const idleMax = 16;

/** Connections that wait in a blocking command: one for each command that blocks at this moment, used again for the next. */
export class Blocking {
  readonly #source: BlockingSource;
  readonly #idle: Idle[] = [];
  readonly #waits = new Set<() => void>();
  #closed = false;

  constructor(source: BlockingSource) {
    this.#source = source;
  }

  /** Sends one command. When its signal fires the connection is dropped: there is no other way to take a command back. */
  async send(command: readonly Arg[], options: BlockOptions): Promise<Reply> {
    const { signal, key, bytes = false } = options;
    if (this.#closed) throw failure("CLIENT_CLOSED", false);
    if (signal.aborted) throw failure("CLIENT_ABORTED", false, signal.reason);
    const place = this.#source.place(key);
    let link: BlockingLink | undefined;
    let over = false;
    let aborted!: () => void;
    let closed!: () => void;
    const ended = new Promise<never>((_, reject) => {
      const end = (code: "CLIENT_ABORTED" | "CLIENT_CLOSED"): void => {
        over = true;
        reject(failure(code, link !== undefined, signal.reason));
      };
      aborted = () => end("CLIENT_ABORTED");
      closed = () => end("CLIENT_CLOSED");
    });
    aborts.add(signal, aborted);
    this.#waits.add(closed);
    const answer = this.#take(place, key).then((taken) => {
      if (over) return this.#giveBack(taken, place);
      link = taken;
      return taken.send(command, bytes);
    });
    try {
      const reply = await Promise.race([answer, ended]);
      if (link !== undefined) this.#giveBack(link, place);
      return reply;
    } catch (error) {
      link?.close();
      throw error instanceof ClientError ? error : failure("CLIENT_UNAVAILABLE", false, error);
    } finally {
      aborts.delete(signal, aborted);
      this.#waits.delete(closed);
    }
  }

  /** Ends every wait and every connection. */
  close(): void {
    this.#closed = true;
    for (const end of this.#waits) end();
    for (const { link } of this.#idle.splice(0)) link.close();
  }

  async #take(place: string, key: Arg | undefined): Promise<BlockingLink> {
    for (let index = this.#idle.length - 1; index >= 0; index--) {
      const idle = this.#idle[index] as Idle;
      if (idle.link.alive && idle.place !== place) continue;
      this.#idle.splice(index, 1);
      if (idle.link.alive) return idle.link;
      idle.link.close();
    }
    return this.#source.open(key);
  }

  #giveBack(link: BlockingLink, place: string): null {
    if (this.#closed || !link.alive || this.#idle.length >= idleMax) link.close();
    else this.#idle.push({ link, place });
    return null;
  }
}
