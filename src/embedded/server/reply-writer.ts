import { BigNumber, Double, MapReply, NullArray, Refusal, type Reply, SetReply, Status, Verbatim } from "../value/index.ts";

/** A reply in RESP, as a byte string. */
export function encodeReply(reply: Reply, resp: 2 | 3): string {
  if (typeof reply === "string") return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === "number" || typeof reply === "bigint") return `:${reply}\r\n`;
  if (reply === null) return resp === 2 ? "$-1\r\n" : "_\r\n";
  if (reply instanceof Status) return `+${reply.text}\r\n`;
  if (Array.isArray(reply)) return encodeAll(`*${reply.length}\r\n`, reply, resp);
  if (reply instanceof Refusal) return `-${reply.message.replace(/[\r\n]/g, " ")}\r\n`;
  if (typeof reply === "boolean") return resp === 2 ? (reply ? ":1\r\n" : "$-1\r\n") : reply ? "#t\r\n" : "#f\r\n";
  return encodeRich(reply as Exclude<Reply, boolean | readonly Reply[]>, resp);
}

/** A message that nobody asked for: of a channel, or of MONITOR. */
export function encodePush(items: readonly Reply[], resp: 2 | 3): string {
  return encodeAll(`${resp === 2 ? "*" : ">"}${items.length}\r\n`, items, resp);
}

function encodeRich(reply: Reply, resp: 2 | 3): string {
  if (reply instanceof Double) {
    return resp === 2 ? encodeReply(reply.text, 2) : `,${reply.text}\r\n`;
  }
  if (reply instanceof MapReply) {
    const { entries } = reply;
    return encodeAll(resp === 2 ? `*${entries.length}\r\n` : `%${entries.length / 2}\r\n`, entries, resp);
  }
  if (reply instanceof SetReply) return encodeAll(`${resp === 2 ? "*" : "~"}${reply.members.length}\r\n`, reply.members, resp);
  if (reply instanceof Verbatim) {
    if (resp === 2) return encodeReply(reply.text, 2);
    return `=${reply.text.length + 4}\r\n${reply.format}:${reply.text}\r\n`;
  }
  if (reply instanceof BigNumber) return resp === 2 ? encodeReply(reply.digits, 2) : `(${reply.digits}\r\n`;
  if (reply instanceof NullArray) return resp === 2 ? "*-1\r\n" : "_\r\n";
  throw new TypeError(`A reply cannot be a ${typeof reply}.`);
}

function encodeAll(head: string, items: readonly Reply[], resp: 2 | 3): string {
  let text = head;
  for (const item of items) text += encodeReply(item, resp);
  return text;
}
