import type { RedisPort } from "../client/index.ts";
import { InvalidInputError } from "../core/index.ts";

/**
 * Makes sure that the servers of a Redlock are different ones: one server under two names would count twice, and half a majority
 * would pass for a whole one.
 *
 * A server that is away is asked again until it has answered once. One that may not be asked is believed.
 */
export class NodeIdentities {
  readonly #nodes: readonly RedisPort[];
  readonly #timeoutMs: number;
  readonly #seen = new Map<string, number>();
  readonly #known = new Set<number>();
  readonly #groups = new Set<string>();
  #asking: Promise<void> | undefined;
  #looked = false;
  #same: InvalidInputError | undefined;

  constructor(nodes: readonly RedisPort[], timeoutMs: number) {
    this.#nodes = nodes;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Waits for the first look only: a server that is away must not make every lease late. What a later look finds is told to
   * whoever comes next.
   *
   * @throws {InvalidInputError} two connections lead to the same server
   */
  async check(): Promise<void> {
    if (this.#same !== undefined) throw this.#same;
    if (this.#known.size === this.#nodes.length) return;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      this.#looked = true;
    });
    if (!this.#looked) await this.#asking;
    if (this.#same !== undefined) throw this.#same;
  }

  async #ask(): Promise<void> {
    const unknown = [...this.#nodes.entries()].filter(([node]) => !this.#known.has(node));
    await Promise.all(unknown.map(([node, redis]) => this.#identify(node, redis)));
  }

  async #identify(node: number, redis: RedisPort): Promise<void> {
    let info = "";
    try {
      info = String(await redis.send(["INFO"], { readOnly: false, resend: "ok", timeoutMs: this.#timeoutMs }));
    } catch (error) {
      // Not allowed to ask: there is nothing to find out. Anything else is asked again next time.
      if ((error as { readonly reply?: string }).reply === undefined) return;
    }
    const id = /^run_id:(\w+)/m.exec(info)?.[1] ?? `node ${node}`;
    const twin = this.#seen.get(id);
    if (twin !== undefined && twin !== node) {
      this.#same = new InvalidInputError(
        "INPUT_INVALID",
        "Redlock.nodes",
        `Servers ${Math.min(twin, node)} and ${Math.max(twin, node)} of this Redlock are the same one. A majority needs servers that fail independently.`,
      );
      return;
    }
    this.#seen.set(id, node);
    this.#known.add(node);
    this.#warnOfReplica(node, /^master_replid:(\w+)/m.exec(info)?.[1]);
  }

  #warnOfReplica(node: number, group: string | undefined): void {
    if (group === undefined) return;
    if (this.#groups.has(group)) {
      const message = `Server ${node} of a Redlock replicates, or is replicated by, another of its servers: they do not fail independently.`;
      process.emitWarning(message, { code: "REDLUA_REDLOCK" });
    }
    this.#groups.add(group);
  }
}
