import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const source: string = fileURLToPath(new URL("./src", import.meta.url));

/** Tests that put something else in place of a module of Node. */
const mocked: string[] = ["src/testing/no-redis-server.test.ts", "src/embedded/aof/disk.test.ts"];

const config: ViteUserConfig = defineConfig({
  resolve: {
    // Tests of the source import what users import, and get the source.
    alias: [
      { find: /^redlua$/, replacement: `${source}/index.ts` },
      { find: /^redlua\/(.+)$/, replacement: `${source}/$1/index.ts` },
    ],
  },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "redis",
          include: ["src/**/*.test.ts", "test/**/*.test.ts", "examples/**/*.test.ts"],
          exclude: mocked,
          env: { REDLUA_TEST_ENGINE: "redis-server" },
          provide: { engine: "redis-server" },
        },
      },
      {
        extends: true,
        test: { name: "mocked", include: mocked, isolate: true },
      },
      {
        extends: true,
        test: {
          name: "embedded",
          // The same tests, and the servers that they start are the embedded engine, which is what users' tests get: one switch.
          include: [
            "src/{atomic,lock,rate-limit,breaker,cache,jobs,worker,http}/**/*.test.ts",
            "examples/stock/*.test.ts",
            "test/engine.test.ts",
          ],
          exclude: ["**/cluster.test.ts"],
          env: { REDLUA_TEST_ENGINE: "embedded" },
          provide: { engine: "embedded" },
        },
      },
    ],
    globalSetup: "./test/global-setup.ts",
    reporters: ["default", "./scripts/closing-line.mjs"],
    // Most tests wait for Redis or for a deadline, not for the processor: four files at a time even on one core.
    maxWorkers: Math.max(4, availableParallelism()),
    // Files share a process, and the modules in it: loading them anew for each took a quarter of the time of a run.
    isolate: false,
    testTimeout: 15_000,
    // What is waited for comes later on a machine that is busy: a second is too little when several copies run at once.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 30_000,
    dangerouslyIgnoreUnhandledErrors: false,
  },
});

export default config;
