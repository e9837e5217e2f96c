import { RedluaError } from "../core/index.ts";

/** No Redis client is installed, or the URL is not one that redlua understands. */
export class ConnectError extends RedluaError {
  override readonly code: "CONNECT_NO_CLIENT" | "CONNECT_URL" | "CONNECT_FAILED";

  constructor(code: ConnectError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
