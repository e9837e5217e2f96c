/**
 * What an example says that it prints: the lines of comment after `// Output:` at its foot, or `undefined` if it says nothing.
 */
export function promisedOutput(source: string): string | undefined {
  const foot = /^\/\/ Output:\n((?:\/\/.*\n)+)\s*$/m.exec(source)?.[1];
  return foot?.replace(/^\/\/ ?/gm, "");
}
