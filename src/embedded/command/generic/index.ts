/**
 * Commands on keys of any type: being there, names, expiry, order, what they take, and their serialised form.
 *
 * @module
 */
import type { CommandSpec } from "../spec.ts";
import { browsing } from "./browsing.ts";
import { dumping } from "./dumping.ts";
import { expiring } from "./expiring.ts";
import { inspecting } from "./inspecting.ts";
import { moving } from "./moving.ts";
import { presence } from "./presence.ts";
import { sorting } from "./sorting.ts";

export const genericCommands: readonly CommandSpec[] = [
  ...presence,
  ...browsing,
  ...moving,
  ...expiring,
  ...inspecting,
  ...sorting,
  ...dumping,
];
