/** What a timer, or an option of a client that becomes one, can hold: nearly 25 days. */
export const timerMax: number = 2 ** 31 - 1;

/** Calls back after so many milliseconds. A timer has 31 bits of them; what is longer is for ever. */
export function after(timeoutMs: number, call: () => void): NodeJS.Timeout | undefined {
  return timeoutMs <= timerMax ? setTimeout(call, timeoutMs) : undefined;
}

/** Waits for work, and not longer than so many milliseconds. */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = after(timeoutMs, () => reject(new Error(`No reply within ${timeoutMs} ms.`)));
  });
  try {
    return await Promise.race([work, expired]);
  } finally {
    clearTimeout(timer);
  }
}
