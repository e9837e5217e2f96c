/**
 * Clients of the engine: which command runs, what a transaction has queued, who listens and who waits.
 *
 * @module
 */
export { type CommandLog, Engine, type EngineSnapshot } from "./engine.ts";
export { Session } from "./session.ts";
