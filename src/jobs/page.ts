import { boolean, integer, readOptions, withDefault } from "../core/index.ts";

/** The sets that hold jobs. */
export type JobSet = "ready" | "scheduled" | "leased" | "dead" | "done";

/** Which jobs of a set a page has. */
export interface PageOptions {
  /** @default 0 */
  readonly offset?: number;
  /** At most 1,000. @default 50 */
  readonly limit?: number;
  /** The last ones first. @default false */
  readonly newest?: boolean;
  /** With payloads and results. @default false */
  readonly full?: boolean;
}

/** A script that did more at once would hold Redis up; and above 4,000 Lua's stack would end it half way. */
export const pageMax = 1_000;

/** @throws {InvalidInputError} an option is unknown or does not fit */
export function readPage(options: PageOptions): Required<PageOptions> {
  return readOptions("list", options, {
    offset: withDefault(integer({ min: 0 }), 0),
    limit: withDefault(integer({ min: 1, max: pageMax }), 50),
    newest: withDefault(boolean(), false),
    full: withDefault(boolean(), false),
  });
}
