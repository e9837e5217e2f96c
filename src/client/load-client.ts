import { ConnectError } from "./errors.ts";

/**
 * Loads a client library that may not be installed.
 *
 * @returns `undefined` if it is not installed
 * @throws {ConnectError} `CONNECT_NO_CLIENT` if it is installed and cannot be loaded: that is another trouble, with another cure
 */
export async function loadClient<Library>(name: string, load: () => Promise<Library>): Promise<Library | undefined> {
  try {
    return await load();
  } catch (error) {
    if (isMissing(name, error)) return undefined;
    throw new ConnectError(
      "CONNECT_NO_CLIENT",
      `The package ${name} is installed but failed to load: ${(error as Error).message}`,
      error,
    );
  }
}

/** Whether the package itself is what was not found, and not something that it imports. */
function isMissing(name: string, error: unknown): boolean {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") return false;
  return new RegExp(`['"]${name}['"]`).test(message?.split("\n")[0]?.split(" imported from ")[0] ?? "");
}
