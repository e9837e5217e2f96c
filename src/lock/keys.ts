import { InvalidInputError, show } from "../core/index.ts";
import { hashTag } from "../script/index.ts";

/** The keys of a resource that can be locked. */
export interface LockKeys {
  readonly lease: string;
  readonly fence: string;
  readonly queue: string;
  readonly tickets: string;
}

/** The keys of a resource that has so many permits. */
export interface SemaphoreKeys {
  readonly permits: string;
  readonly fence: string;
}

/**
 * `lock:{<resource>}:…`: one hash tag, so a resource lives in one slot. A resource that has a hash tag of its own keeps it
 * (`{order:7}:items` → `lock:{order:7}:items:…`): resources with the same tag are locked together in one script.
 */
export function lockKeys(resource: string): LockKeys {
  const base = tagged("lock", resource);
  return {
    lease: `${base}:lease`, // STRING  owner of the lease. Expires with it; also the channel on which waiters are woken
    fence: `${base}:fence`, // STRING  last token handed out. Expires `keepFence` after the last lease
    queue: `${base}:queue`, // ZSET    owner → place in line. Expires with the last place
    tickets: `${base}:tickets`, // ZSET    owner → when the place lapses, ms. Expires with the last place
  };
}

/** `semaphore:{<resource>}:…` */
export function semaphoreKeys(resource: string): SemaphoreKeys {
  const base = tagged("semaphore", resource);
  return {
    permits: `${base}:permits`, // ZSET    owner → lease end, ms. Expires with the last lease
    fence: `${base}:fence`, // STRING  last token handed out. Expires `keepFence` after the last lease
  };
}

/** The channel on which holders hear that a lease was taken from them: the message is the owner. */
export const revokedChannel = "lock:revoked";

function tagged(feature: string, resource: unknown): string {
  if (typeof resource === "string" && resource.length > 0 && resource.length <= 512) {
    // Most names have neither brace, and need no closer look.
    if (!resource.includes("}")) return `${feature}:{${resource}}`;
    const base = hashTag(resource) === undefined ? `${feature}:{${resource}}` : `${feature}:${resource}`;
    if (hashTag(base) !== undefined) return base;
  }
  throw new InvalidInputError(
    "INPUT_INVALID",
    "resource",
    `A resource must be text of 1 to 512 characters that does not begin with "}", not ${show(resource)}.`,
  );
}
