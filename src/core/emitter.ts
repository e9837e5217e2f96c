import { type Channel, channel } from "node:diagnostics_channel";
import { messageOf, show } from "./duration.ts";
import { InvalidInputError } from "./errors.ts";
import { nearest } from "./options.ts";

/** Stops a listener from being called. */
export type Off = () => void;

/**
 * Typed events of a thing that runs. Each is also published on the `diagnostics_channel` `redlua:<feature>:<event>`.
 *
 * A listener that throws, now or later, harms nobody else: its error becomes a process warning. An event nobody listens to, an error
 * included, is no reason to end the process.
 */
export class Emitter<Events extends object> {
  readonly #feature: string;
  readonly #names: readonly string[];
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();
  readonly #channels = new Map<keyof Events, Channel>();

  /**
   * @param feature second part of the channels' names: `worker`
   * @param names of all events: of a misspelt one nobody would ever hear
   */
  constructor(feature: string, names: { readonly [Name in keyof Events & string]: true }) {
    this.#feature = feature;
    this.#names = Object.keys(names);
  }

  /**
   * Calls a listener at each event of a name, until the function that this answers is called.
   *
   * @throws {InvalidInputError} `INPUT_INVALID` if there is no such event, or the listener is no function
   */
  on<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): Off {
    if (!this.#names.includes(name)) throw this.#noEvent(name);
    if (typeof listener !== "function") {
      throw new InvalidInputError(
        "INPUT_INVALID",
        "listener",
        `A listener of "${name}" must be a function, not ${show(listener)}.`,
      );
    }
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Whether anybody would hear an event: for events that cost something to describe. */
  heard(name: keyof Events & string): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0 || this.#channel(name).hasSubscribers;
  }

  emit<Name extends keyof Events & string>(name: Name, event: Events[Name]): void {
    for (const listener of this.#listeners.get(name) ?? []) {
      try {
        const answer = (listener as (event: Events[Name]) => unknown)(event);
        // Listeners may be async, and a promise that nobody looks after ends the process.
        if (answer instanceof Promise) answer.catch((error: unknown) => this.#warn(name, error));
      } catch (error) {
        this.#warn(name, error);
      }
    }
    const published = this.#channel(name);
    if (published.hasSubscribers) published.publish(event);
  }

  #warn(name: string, error: unknown): void {
    process.emitWarning(`A listener of "${name}" of ${this.#feature} threw: ${messageOf(error)}`, { code: "REDLUA_LISTENER" });
  }

  #noEvent(name: unknown): InvalidInputError {
    const near = nearest(String(name), this.#names);
    const hint = near === undefined ? `There are: ${this.#names.join(", ")}.` : `Did you mean "${near}"?`;
    return new InvalidInputError("INPUT_INVALID", "event", `${this.#feature} has no event ${show(name)}. ${hint}`);
  }

  #channel(name: keyof Events & string): Channel {
    const known = this.#channels.get(name);
    if (known !== undefined) return known;
    const made = channel(`redlua:${this.#feature}:${name}`);
    this.#channels.set(name, made);
    return made;
  }
}
