import type { CommandSpec } from "../../command/index.ts";
import { OK, type Reply, refusals, refuse, Status, Verbatim } from "../../value/index.ts";
import { mode } from "../restraint.ts";
import { NO_REPLY, type Session } from "../session.ts";
import { define, help } from "./define.ts";
import { version } from "./version.ts";

const saving = "admin noscript no_async_loading";
const replicating = "admin noscript stale no_async_loading";
const noFile = refuse("the embedded engine of redlua keeps no file here: make it with a file, or connect to a Redis server");
const noReplicas = refuse("the embedded engine of redlua is nobody's replica: connect to a Redis server for that");
const noModules = refuse(
  'MODULE command not allowed. If the enable-module-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
);

/** What concerns the server as a whole: time, files, replicas, modules, MONITOR. */
export const serverCommands: readonly CommandSpec[] = [
  define("time", 1, "server", "loading stale fast", ({ keyspace }) => {
    const seconds = Math.floor(keyspace.now / 1000);
    return [String(seconds), String(Math.floor((keyspace.now - seconds * 1000) * 1000))];
  }),
  define("lastsave", 1, "server", "loading stale fast", ({ engine, keyspace }) => {
    return Math.floor((engine.log === undefined ? engine.startedAt : keyspace.now) / 1000);
  }),
  define("save", 1, "server", `${saving} no_multi`, (session) => {
    requireFile(session);
    return OK;
  }),
  define("bgsave", -1, "server", saving, (session, args) => {
    if (args.length > 2 || (args.length === 2 && args[1]?.toLowerCase() !== "schedule")) throw refusals.syntax;
    requireFile(session);
    return new Status("Background saving started");
  }),
  define("bgrewriteaof", 1, "server", saving, (session) => {
    requireFile(session);
    session.engine.log?.rewrite?.();
    return new Status("Background append only file rewriting started");
  }),
  define("shutdown", -1, "server", "admin noscript loading stale no_multi allow_busy", shutdown),
  define("role", 1, "server", "noscript loading stale fast", () => ["master", 0, []]),
  define("replicaof", 3, "server", replicating, replicaOf),
  define("slaveof", 3, "server", replicating, replicaOf),
  define("failover", -1, "server", "admin noscript stale", () => {
    throw refuse("FAILOVER requires connected replicas.");
  }),
  define("monitor", 1, "server", "admin noscript loading stale", (session) => {
    if (session.confirmations !== undefined) throw refuse("MONITOR isn't allowed for DENY BLOCKING client");
    if ((session.mode & mode.monitoring) !== 0) return NO_REPLY;
    session.mode |= mode.monitoring;
    session.engine.monitors++;
    return OK;
  }),
  define("lolwut", -1, "server", "readonly fast", () => new Verbatim(`Redis ver. ${version}\n`)),
  define("module|list", 2, "server", "admin noscript", () => []),
  define("module|load", -3, "server", saving, withoutModules),
  define("module|loadex", -3, "server", saving, withoutModules),
  define("module|unload", 3, "server", saving, withoutModules),
  help("module", "server", [
    ["LIST", "None: modules are for a Redis server."],
    ["LOAD <path> [<arg> ...]", "Not here."],
    ["LOADEX <path> [CONFIG <name> <value> ...] [ARGS ...]", "Not here."],
    ["UNLOAD <name>", "Not here."],
  ]),
];

function requireFile({ engine }: Session): void {
  if (engine.log === undefined) throw noFile;
}

function withoutModules(): Reply {
  throw noModules;
}

function replicaOf(_session: Session, args: readonly string[]): Reply {
  const [, host = "", port = ""] = args;
  if (host.toLowerCase() === "no" && port.toLowerCase() === "one") return OK;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw refuse("Invalid master port");
  throw noReplicas;
}

const shutdownOptions: ReadonlySet<string> = new Set(["nosave", "save", "now", "force", "abort"]);

function shutdown({ engine }: Session, args: readonly string[]): Reply {
  const options = args.slice(1).map((arg) => arg.toLowerCase());
  const abort = options.includes("abort");
  if (options.some((option) => !shutdownOptions.has(option)) || (abort && options.length > 1)) throw refusals.syntax;
  if (options.includes("save") && options.includes("nosave")) throw refusals.syntax;
  if (abort) throw refuse("No shutdown in progress.");
  const { onShutdown } = engine;
  if (onShutdown === undefined)
    throw refuse("the embedded engine of redlua ends with the program that made it, or by its stop()");
  engine.outbox.add(() => onShutdown(), undefined);
  return NO_REPLY;
}
