import type { Site } from "./error.ts";

/** The call sites of a chunk and the globals it names, each once. */
export class SiteList {
  readonly list: Site[] = [];
  /** Names of globals. The place of each in the table of globals is looked up once for each instance of the chunk. */
  readonly globals: string[] = [];
  readonly #places = new Map<string, number>();

  /** Name of the variable that holds the place of a global. */
  globalPlace(name: string): string {
    const known = this.globals.indexOf(name);
    return `g${known < 0 ? this.globals.push(name) - 1 : known}`;
  }

  /** Number of this site. */
  place(line: number, callee?: string, method = false, tail = false): number {
    const key = `${line} ${callee ?? ""} ${method} ${tail}`;
    let place = this.#places.get(key);
    if (place === undefined) {
      place = this.list.push({ line, callee, method, tail }) - 1;
      this.#places.set(key, place);
    }
    return place;
  }
}
