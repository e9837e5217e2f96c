/** Which lines of a script a test ran: here nobody has asked for more than there is. */
import { coverageByFile, createEmbedded, formatLcov } from "redlua/embedded";
import { defineScript, run } from "redlua/script";

const reserve = defineScript({
  name: "stock.reserve",
  keys: { stock: "string" },
  args: { count: "integer" },
  reply: { outcomes: { reserved: { left: "integer" }, short: {} } },
  writes: "once",
  lua: `local left = tonumber(redis.call("GET", KEYS[1]) or 0) - tonumber(ARGV[1])
if left < 0 then
  return { "short" }
end
redis.call("SET", KEYS[1], left)
return { "reserved", left }`,
});

await using redis = createEmbedded({ coverage: true });
const port = redis.connect();
redis.execute("SET", "stock:1", "5");
console.log(await run(port, reserve, { stock: "stock:1" }, { count: 2 }));
await run(port, reserve, { stock: "stock:1" }, { count: 1 });

const [script] = redis.coverage();
const source = script?.source.split("\n") ?? [];
for (const { line, hits } of script?.lines ?? []) console.log(`${hits} ×  ${source[line - 1]}`);

// What an editor shows beside the lines, under the script's name.
console.log(
  formatLcov(coverageByFile(redis.coverage(), [reserve]))
    .split("\n")
    .slice(1, 6)
    .join(" "),
);

// Output:
// { outcome: 'reserved', left: 3 }
// 2 ×  local left = tonumber(redis.call("GET", KEYS[1]) or 0) - tonumber(ARGV[1])
// 2 ×  if left < 0 then
// 0 ×    return { "short" }
// 2 ×  redis.call("SET", KEYS[1], left)
// 2 ×  return { "reserved", left }
// SF:stock.reserve DA:1,2 DA:2,2 DA:3,0 DA:5,2
