/**
 * The commands that are about a client or the server itself: they need a session, not only a keyspace.
 *
 * @module
 */
import type { CommandSpec } from "../../command/index.ts";
import { aclCommands } from "./acl.ts";
import { clientCommands } from "./client.ts";
import { clusterCommands } from "./cluster.ts";
import { commandCommands } from "./command.ts";
import { configCommands } from "./config.ts";
import { connectionCommands } from "./connection.ts";
import { debugCommands } from "./debug.ts";
import { infoCommands } from "./info.ts";
import { observeCommands } from "./observe.ts";
import { pubsubCommands } from "./pubsub.ts";
import { serverCommands } from "./server.ts";
import { transactionCommands } from "./transactions.ts";

/** Commands of the session itself: every engine has them. */
export const sessionCommands: readonly CommandSpec[] = [
  ...connectionCommands,
  ...clientCommands,
  ...configCommands,
  ...transactionCommands,
  ...pubsubCommands,
  ...infoCommands,
  ...commandCommands,
  ...serverCommands,
  ...observeCommands,
  ...aclCommands,
  ...clusterCommands,
  ...debugCommands,
];
