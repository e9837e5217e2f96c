/** Scripts by name and version, for a program that learns at run time what to run. */
import { connect } from "redlua";
import { defineScript, ScriptRegistry } from "redlua/script";

const redis = await connect(process.env["REDIS_URL"] ?? "memory:", { prefix: `example-${process.pid}` });

const greetingOf = (lua: string) =>
  defineScript({ name: "greet", keys: {}, args: { whom: "string" }, reply: "string", writes: "none", lua });

const registry = new ScriptRegistry(redis);
registry.register(greetingOf(`return "Hello, " .. ARGV[1]`), { version: "1" });
registry.register(greetingOf(`return "Hello, " .. ARGV[1] .. "!"`), { version: "2" });
await registry.prepare();

const call = { keys: {}, args: { whom: "Ada" } };
console.log(await registry.execute("greet", call));
console.log(await registry.execute("greet", { ...call, version: "1" }));
console.log(registry.info("greet")?.versions.map(({ version }) => version));

for (const [name, args] of [
  ["greed", call.args],
  ["greet", { whim: "Ada" }],
] as const) {
  await registry.execute(name, { keys: {}, args }).catch((error: Error) => console.log(error.message));
}

await redis.close();

// Output:
// Hello, Ada!
// Hello, Ada
// [ '1', '2' ]
// No script is registered as "greed". Did you mean "greet"?
// greet has no option "whim". Did you mean "whom"?
