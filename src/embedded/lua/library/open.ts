import type { Runtime } from "../runtime.ts";
import { baseFunctions } from "./base.ts";
import { bitLibrary } from "./bit.ts";
import { cjsonLibrary } from "./cjson.ts";
import { cmsgpackLibrary } from "./cmsgpack.ts";
import { controlFunctions } from "./control.ts";
import { coroutineLibrary } from "./coroutine.ts";
import { tableOf } from "./function-table.ts";
import { mathLibrary } from "./math.ts";
import { stringLibrary } from "./string.ts";
import { structLibrary } from "./struct.ts";
import { tableLibrary } from "./table.ts";

/**
 * Puts into the globals of a runtime what scripts of Redis 7.0.15 find there, `redis` excepted; and gives strings their methods.
 *
 * There is no `os`, `io`, `print`, `require`, `dofile`, `loadfile`, `setfenv`, `getfenv`, `newproxy`, `debug` or `package`: Redis takes them away.
 */
export function openLibraries(rt: Runtime): void {
  const { globals } = rt;
  const base = { ...baseFunctions(rt), ...controlFunctions(rt) };
  for (const name in base) globals.set(name, base[name]);
  const string = stringLibrary(rt);
  globals.set("_G", globals);
  globals.set("string", string);
  globals.set("table", tableLibrary(rt));
  globals.set("math", mathLibrary());
  globals.set("coroutine", coroutineLibrary(rt));
  globals.set("bit", bitLibrary());
  globals.set("struct", structLibrary(rt));
  globals.set("cjson", cjsonLibrary(rt));
  globals.set("cmsgpack", cmsgpackLibrary(rt));
  rt.stringMetatable = tableOf({ __index: string });
}
