import { Redis } from "ioredis";
import { open } from "./flexible.mjs";

/** @type {import("../contestant.mjs").Contestant} */
export const contestant = {
  title: "rate-limiter-flexible",
  package: "rate-limiter-flexible",
  remark: "RateLimiterRedis, whose windows are fixed; a denied call is counted and costs a round trip",

  open: async ({ host, port }) => open(new Redis({ host, port }), () => ({})),
};
