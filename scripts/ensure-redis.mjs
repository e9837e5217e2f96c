// Makes sure that there is a redis-server, or says what to type. The logic is the package's own: src/testing.
// Usage: node scripts/ensure-redis.mjs, after a build.
import { ensureRedisServer } from "../dist/testing/index.js";

try {
  await ensureRedisServer((line) => console.error(line));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
