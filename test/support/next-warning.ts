/**
 * Resolves with the first warning of the process from now on that says `text`: what ended before may warn late.
 *
 * @public
 */
export function nextWarning(text: string): Promise<Error> {
  return new Promise((resolve) => {
    process.on("warning", function hear(warning) {
      if (!warning.message.includes(text)) return;
      process.off("warning", hear);
      resolve(warning);
    });
  });
}
