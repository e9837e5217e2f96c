import { RedluaError } from "../core/index.ts";

/** A factory took longer than it may, and there was no stale value to answer instead. */
export class CacheTimeoutError extends RedluaError {
  override readonly code = "CACHE_TIMEOUT";
  readonly key: string;
  readonly timeoutMs: number;

  constructor(key: string, timeoutMs: number, option: "hardTimeout" | "factoryTimeout") {
    super(
      option === "hardTimeout"
        ? `The factory for "${key}" took longer than hardTimeout, ${timeoutMs} ms. It goes on, and its value will be cached.`
        : `The factory for "${key}" took longer than factoryTimeout, ${timeoutMs} ms, and was told to stop.`,
    );
    this.key = key;
    this.timeoutMs = timeoutMs;
  }
}

/** A value has more bytes than an entry may have. Nothing was stored. */
export class CacheTooLargeError extends RedluaError {
  override readonly code = "CACHE_TOO_LARGE";
  readonly key: string;
  readonly size: number;
  readonly limit: number;

  constructor(key: string, size: number, limit: number) {
    super(`The entry for "${key}" has ${size} bytes; the limit is ${limit}. Cache less of it, compress it, or raise the limit.`);
    this.key = key;
    this.size = size;
    this.limit = limit;
  }
}
