/**
 * The commands, family by family. Each is a {@link CommandSpec}: what it is called, where its keys are, and what it does.
 *
 * @module
 */
export { databaseAt } from "./generic/moving.ts";
export { Blocked, type CommandContext, type CommandFlag, type CommandGroup, type CommandSpec } from "./spec.ts";
