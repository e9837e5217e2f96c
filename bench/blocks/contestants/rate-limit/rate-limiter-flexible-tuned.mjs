import { Redis } from "ioredis";
import { open } from "./flexible.mjs";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "the same, tuned",
  remark: "with enableAutoPipelining of ioredis, and inMemoryBlockOnConsumed, which remembers denials",

  open: async ({ host, port }) =>
    open(new Redis({ host, port, enableAutoPipelining: true }), (limit) => ({ inMemoryBlockOnConsumed: limit })),
};
