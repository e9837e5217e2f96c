/** What is measured, who takes part, and what is wanted of redlua's own engine. */
export const measures = {
  "script-sequential": {
    title: "representative script, one after the other, /s",
    contestants: ["embedded", "embedded-port", "ioredis-mock", "redis"],
    targets: [
      { text: "≥ 150,000/s in process", met: (of) => of.embedded.median >= 150_000 },
      { text: "≥ 100 × ioredis-mock", met: (of) => of["ioredis-mock"].ratio <= 1 / 100 },
      { text: "≥ 10 × real Redis", met: (of) => of.redis.ratio <= 1 / 10 },
    ],
  },
  "jobs-process": {
    title: "jobs through Queue and Worker, concurrency 100, /s",
    contestants: ["embedded-port", "redis"],
    targets: [{ text: "≥ 50,000/s in memory", met: (of) => of["embedded-port"].median >= 50_000 }],
  },
  "jobs-add": {
    title: "jobs added by 100 callers, /s",
    contestants: ["embedded-port", "redis"],
    targets: [],
  },
  fresh: {
    title: "a fresh engine and its first command, ms",
    contestants: ["embedded", "ioredis-mock"],
    targets: [{ text: "< 1 ms", met: (of) => of.embedded.median < 1 }],
  },
  memory: {
    title: "1,000,000 keys, MiB",
    contestants: ["embedded", "redis"],
    targets: [{ text: "≤ 3 × Redis", met: (of) => of.redis.ratio >= 1 / 3 }],
  },
};
