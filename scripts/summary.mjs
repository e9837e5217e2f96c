/** The closing line of a test run: `120 passed, 0 failed, 2 skipped`. */
export function summary({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Counts of a run that ended badly: if no test failed, what failed was outside of any (no such file, a crashed worker). */
export function withFailure(counts) {
  return { ...counts, failed: Math.max(counts.failed, 1) };
}
