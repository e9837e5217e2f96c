/** What a client prefers (RFC 7240), as far as it concerns a job. */
export interface Preferences {
  /** It would rather have 202 than wait. */
  readonly respondAsync: boolean;
  /** How long it is willing to wait, in seconds. */
  readonly waitSeconds: number | undefined;
}

const preference = /([!#$%&'*+\-.^_`|~\w]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+\-.^_`|~\w]*)))?/y;

/** What lies between commas that are not in quotes. */
const parts = /(?:[^,"]|"(?:[^"\\]|\\.)*"|")+/g;

/**
 * Reads a `Prefer` header. What it does not know, or cannot read, it passes over, as RFC 7240 asks; of a preference that is
 * given twice the first counts.
 *
 * @example
 * readPrefer("respond-async, wait=10"); // { respondAsync: true, waitSeconds: 10 }
 */
export function readPrefer(header: string | null): Preferences {
  let respondAsync = false;
  let waitSeconds: number | undefined;
  for (const part of (header ?? "").slice(0, 1_000).match(parts) ?? []) {
    preference.lastIndex = part.length - part.trimStart().length;
    const [, name = "", quoted, token] = preference.exec(part) ?? [];
    if (name.toLowerCase() === "respond-async") respondAsync = true;
    if (name.toLowerCase() !== "wait" || waitSeconds !== undefined) continue;
    const value = quoted ?? token ?? "";
    if (/^\d{1,9}$/.test(value)) waitSeconds = Number(value);
  }
  return { respondAsync, waitSeconds };
}

/** What to answer in `Preference-Applied`: what was kept to, and for how long the answer was held back at most. */
export function appliedPreferences({ respondAsync, waitSeconds }: Preferences): Record<string, string> {
  const applied = [...(respondAsync ? ["respond-async"] : []), ...(waitSeconds === undefined ? [] : [`wait=${waitSeconds}`])];
  return applied.length === 0 ? {} : { "preference-applied": applied.join(", ") };
}
