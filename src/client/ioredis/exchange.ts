import type { Arg, ClientError, Reply } from "../../port/index.ts";
import { failure, refusal } from "../../port/index.ts";
import { argText, asArguments } from "../arguments.ts";
import { portable, resp2Shape, shapeDiffers } from "../reply-shape.ts";
import type { PortCommand, PortCommandClass } from "./command.ts";

/** A command in ioredis' terms. */
export function portCommand(
  Command: PortCommandClass,
  command: readonly Arg[],
  options: { readonly bytes?: boolean | undefined; readonly readOnly?: boolean | undefined; readonly resend: "never" | "ok" },
): PortCommand {
  // In capitals: ioredis reshapes the replies of commands that it knows by their small letters (HGETALL becomes an object).
  const sent = new Command(argText(command[0]).toUpperCase(), asArguments(command, 1), {
    replyEncoding: options.bytes ? null : "utf8",
    readOnly: options.readOnly === true,
  });
  if (options.resend === "never") {
    sent.pipelineIndex = -1;
    sent.once = true;
  }
  return sent;
}

/** A reply as the port gives it. */
export function readReply(raw: unknown, sent: PortCommand): Reply {
  // A client may have asked ioredis for RESP3's own shapes.
  const reply = sent.replyMapping === "resp3" ? portable(raw) : (raw as Reply);
  return Array.isArray(reply) && shapeDiffers(sent.commandName) ? resp2Shape(sent.commandName, reply) : reply;
}

/** An error as the port gives it. */
export function readError(error: unknown, sent: PortCommand, status: string): ClientError {
  const { name, message } = error as Error;
  if (name === "ReplyError") return refusal(message, sent.commandName, error);
  if (message === "Command timed out")
    return failure(sent.written ? "CLIENT_TIMEOUT" : "CLIENT_UNAVAILABLE", sent.written, error);
  if (sent.written) return failure("CLIENT_DISCONNECTED", true, error);
  return failure(status === "end" ? "CLIENT_CLOSED" : "CLIENT_UNAVAILABLE", false, error);
}
