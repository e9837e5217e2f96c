/**
 * `npm run bench -- <part>`: measures redlua beside its peers, and prints a table. README.md says how to trust it.
 */
import { endAll, InterruptedError, stopOnSignals } from "./stop.mjs";
import { UsageError } from "./usage.mjs";

/** A part is a module with `usage` (a line) and `run(args)`, which answers whether all went well. */
const parts = {
  jobs: () => import("./jobs/part.mjs"),
  blocks: () => import("./blocks/part.mjs"),
  embedded: () => import("./embedded/part.mjs"),
};

stopOnSignals();
process.exitCode = await main(process.argv.slice(2));
await endAll();

async function main([name, ...args]) {
  try {
    if (name === "--help" || name === "-h") {
      for (const load of Object.values(parts)) console.log((await load()).usage);
      return 0;
    }
    if (name === undefined) throw new UsageError(`name a part: ${Object.keys(parts).join(", ")}`);
    if (!Object.hasOwn(parts, name))
      throw new UsageError(`there is no part "${name}". There is: ${Object.keys(parts).join(", ")}`);
    const part = await parts[name]();
    if (args.includes("--help")) {
      console.log(part.usage);
      return 0;
    }
    return (await part.run(args)) ? 0 : 1;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`bench: ${error.message}`);
      return 2;
    }
    if (error instanceof InterruptedError) {
      console.error("bench: interrupted");
      return 130;
    }
    console.error(`bench: ${error.message}`);
    return 1;
  }
}
