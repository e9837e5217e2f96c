/** Nothing is left behind: what was started is ended when the run ends, however it ends. */

/** The run was interrupted at the terminal. */
export class InterruptedError extends Error {}

const cleanUps = new Set();
const controller = new AbortController();

/** Fires when the run is interrupted. */
export const interrupted = controller.signal;

/** Has `cleanUp` called at the end. @param {() => Promise<void>} cleanUp @returns a function that does it now */
export function atEnd(cleanUp) {
  const once = async () => {
    if (cleanUps.delete(once)) await cleanUp();
  };
  cleanUps.add(once);
  return once;
}

/** Ends everything that was started. */
export async function endAll() {
  await Promise.allSettled([...cleanUps].map((cleanUp) => cleanUp()));
}

/** Ends the run in good order on Ctrl-C. */
export function stopOnSignals() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => controller.abort());
}

/** Waits, unless the run is interrupted. */
export function pause(ms) {
  return new Promise((resolve, reject) => {
    if (interrupted.aborted) return reject(new InterruptedError());
    const timer = setTimeout(end, ms);
    interrupted.addEventListener("abort", end);
    function end() {
      clearTimeout(timer);
      interrupted.removeEventListener("abort", end);
      if (interrupted.aborted) reject(new InterruptedError());
      else resolve();
    }
  });
}
