import type { Arg, Reply } from "../../port/index.ts";
import { ClientError, failure, refusal } from "../../port/index.ts";
import { argText, asArguments } from "../arguments.ts";
import type { Reader } from "../calls.ts";
import type { Holdable } from "../gate.ts";
import { portable, resp2Shape, shapeDiffers } from "../reply-shape.ts";
import type { NodeCommandOptions } from "./client-shape.ts";

/** Numbers of the RESP types, which are the first bytes of a reply: `+ $ = , ( % ~`. */
const resp = { simple: 43, bulk: 36, verbatim: 61, double: 44, big: 40, map: 37, set: 126 } as const;

const asText = { [resp.double]: String, [resp.big]: String, [resp.map]: Array, [resp.set]: Array };
const asBytes = { ...asText, [resp.simple]: Buffer, [resp.bulk]: Buffer, [resp.verbatim]: Buffer, [resp.double]: Buffer };

// Without a timeout: node-redis would make a signal for each command, which costs 40 % of the throughput.
const plainOptions: NodeCommandOptions = { timeout: undefined };
const textOptions: NodeCommandOptions = { typeMapping: asText, timeout: undefined };
const bytesOptions: NodeCommandOptions = { typeMapping: asBytes, timeout: undefined };

const scripts = new Set(["EVALSHA", "EVALSHA_RO", "EVAL", "EVAL_RO", "FCALL", "FCALL_RO"]);

/** One command on its way through node-redis. */
export class Delivery implements Holdable {
  /** Name of the command, in capitals. */
  readonly name: string;
  readonly args: (string | Buffer)[];
  readonly options: NodeCommandOptions;
  /**
   * Whether node-redis has it. It is written at the end of the tick, and it is handed over to connected clients only; so what may be
   * called written and is not is what a connection took with it that was lost in this very tick.
   */
  written = false;
  withdrawn = false;
  released: (() => void) | undefined = undefined;

  /** @param chainId the same for commands of which none may be written once the connection of another is lost */
  constructor(command: readonly Arg[], bytes: boolean, chainId?: symbol) {
    this.name = argText(command[0]).toUpperCase();
    this.args = asArguments(command, 0);
    // Scripts answer what RESP2 and RESP3 have in common, and one option less makes node-redis a third faster.
    const options = bytes ? bytesOptions : scripts.has(this.name) ? plainOptions : textOptions;
    this.options = chainId === undefined ? options : { ...options, chainId };
  }

  /** The same for a client that maps types in its own way unless it is told otherwise. */
  get fullOptions(): NodeCommandOptions {
    return { ...textOptions, ...this.options };
  }

  /** What still waits in node-redis' queue becomes a PING: taking it out again breaks the queue of node-redis 5. */
  withdraw(): void {
    this.withdrawn = true;
    this.released?.();
    this.args.splice(0, Number.POSITIVE_INFINITY, "PING");
  }
}

/** node-redis does not say which of the two it is. */
const notOpen =
  "The node-redis client is not open: it was closed, or never connected. Call its connect() first. Nothing was sent.";

/** Turns what node-redis answers into what the port answers. */
export const reader: Reader<Delivery> = {
  reply(raw, { name }): Reply {
    if (typeof raw === "string" || raw === null) return raw;
    const reply = portable(raw);
    return Array.isArray(reply) && shapeDiffers(name) ? resp2Shape(name, reply) : reply;
  },
  error(error, { name, written }): ClientError {
    if (isKind(error, "ErrorReply")) return refusal((error as Error).message, name, error);
    if (isKind(error, "ClientClosedError")) return new ClientError("CLIENT_CLOSED", notOpen, { applied: "no", cause: error });
    if (isKind(error, "ClientOfflineError")) return failure("CLIENT_UNAVAILABLE", false, error);
    return written ? failure("CLIENT_DISCONNECTED", true, error) : failure("CLIENT_UNAVAILABLE", false, error);
  },
};

/** Whether an error is of a class. By name: the class is that of the client's own copy of node-redis. */
export function isKind(error: unknown, name: "ErrorReply" | "ClientClosedError" | "ClientOfflineError"): boolean {
  for (let each = (error as object | null)?.constructor; each?.name; each = Object.getPrototypeOf(each)) {
    if (each.name === name) return true;
  }
  return false;
}
