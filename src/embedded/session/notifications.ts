import type { EventClass } from "../store/index.ts";
import type { Channels } from "./channels.ts";

const classes = "g$lshzxetdmn";
/** What `A` stands for: all but keys that are missed and keys that come to be. */
const everything = "g$lshzxetd";

const shownFirst = `${everything}n`;

/** Keyspace events, as `notify-keyspace-events` chooses them. */
export class Notifications {
  #chosen = "";
  #keyspace = false;
  #keyevent = false;
  /** Whether anything is told. */
  on = false;

  /** Chooses by letters. @returns false if one is unknown; then nothing was changed */
  choose(letters: string): boolean {
    let chosen = "";
    let keyspace = false;
    let keyevent = false;
    for (const letter of letters) {
      if (letter === "K") keyspace = true;
      else if (letter === "E") keyevent = true;
      else if (letter === "A") chosen += everything;
      else if (classes.includes(letter)) chosen += letter;
      else return false;
    }
    this.#keyspace = keyspace;
    this.#keyevent = keyevent;
    this.#chosen = [...classes].filter((letter) => chosen.includes(letter)).join("");
    this.on = (keyspace || keyevent) && chosen !== "";
    return true;
  }

  /** Whether events of a class are chosen. */
  has(kind: EventClass): boolean {
    return this.on && this.#chosen.includes(kind);
  }

  /** As CONFIG GET shows it: in an order of Redis' own. */
  toString(): string {
    const all = [...everything].every((letter) => this.#chosen.includes(letter));
    const shown = all ? "A" : [...shownFirst].filter((letter) => this.#chosen.includes(letter)).join("");
    return shown + (this.#keyspace ? "K" : "") + (this.#keyevent ? "E" : "") + (this.#chosen.includes("m") ? "m" : "");
  }

  /** Publishes an event, if its class was chosen. One without a name is a change that Redis keeps to itself. */
  tell(channels: Channels, database: number, key: string, kind: EventClass, event: string): void {
    if (event === "" || !this.#chosen.includes(kind)) return;
    if (this.#keyspace) channels.publish(`__keyspace@${database}__:${key}`, event);
    if (this.#keyevent) channels.publish(`__keyevent@${database}__:${event}`, key);
  }
}
