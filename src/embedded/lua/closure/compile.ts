import { LuaError } from "../error.ts";
import type { Runtime } from "../runtime.ts";
import { SiteList } from "../site-list.ts";
import type { Chunk } from "../syntax/index.ts";
import type { LuaTable } from "../table.ts";
import type { LuaFunction } from "../value.ts";
import { Activation } from "./activation.ts";
import { callAll } from "./calls.ts";
import { evaluator } from "./expressions.ts";
import { innerFunction, makeFunction } from "./functions.ts";
import { type Maker, Plan } from "./plan.ts";
import { blockExecutor } from "./statements.ts";
import { yieldingBlock } from "./yielding-statements.ts";

const maker: Maker = { value: evaluator, call: callAll, closure: innerFunction, block: blockExecutor, yieldingBlock };

const noCounts = new Float64Array();

/**
 * Makes a chunk a tree of closures.
 *
 * @throws {LuaError} if it nests deeper than the stack
 */
export function compileToClosures(
  chunk: Chunk,
  chunkName: string,
  counts: Float64Array = noCounts,
): (rt: Runtime, env: LuaTable) => LuaFunction {
  const sites = new SiteList();
  const passing = { chunk: chunkName, list: sites.list };
  try {
    const make = makeFunction(new Plan(chunk.main, { maker, sites, passing, mayYield: chunk.mayYield, counts }));
    return (rt, env) => make(new Activation(rt, env, [], []));
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new LuaError(`${chunkName}:1: chunk has too many syntax levels`);
    throw thrown;
  }
}
