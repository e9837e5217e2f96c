import { type CommandSpec, databaseAt } from "../../command/index.ts";
import {
  integerArgument,
  MapReply,
  OK,
  PONG,
  Refusal,
  type Reply,
  refusals,
  refuse,
  Status,
  wrongArity,
} from "../../value/index.ts";
import { mode } from "../restraint.ts";
import type { Session } from "../session.ts";
import { endTransaction } from "../transaction.ts";
import { define } from "./define.ts";
import { version } from "./version.ts";

const flags = "noscript loading stale fast no_auth allow_busy";
const badProtocol = refuse("Protocol version is not an integer or out of range");
const noProtocol = new Refusal("NOPROTO unsupported protocol version");
const wrongPassword = new Refusal("WRONGPASS invalid username-password pair or user is disabled.");
const noPassword = refuse(
  "AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?",
);
const authenticateFirst = new Refusal(
  "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time",
);
export const badName: Refusal = refuse("Client names cannot contain spaces, newlines or special characters.");

/** PING, ECHO, SELECT, AUTH, HELLO, RESET and QUIT. */
export const connectionCommands: readonly CommandSpec[] = [
  define("ping", -1, "connection", "fast", (session, args) => {
    if (args.length > 2) throw wrongArity("ping");
    if ((session.mode & mode.listening) !== 0 && session.resp === 2) return ["pong", args[1] ?? ""];
    return args[1] ?? PONG;
  }),
  define("echo", 2, "connection", "loading stale fast", (_session, args) => args[1] as string),
  define("select", 2, "connection", "loading stale fast", (session, args) => {
    session.db = databaseAt(session.keyspace.databases, args[1]);
    return OK;
  }),
  define("auth", -2, "connection", flags, (session, args) => {
    if (args.length > 3) throw refusals.syntax;
    if (args.length === 2 && !session.engine.configuration.guarded) throw noPassword;
    authenticate(session, args.length === 2 ? "default" : (args[1] as string), args.at(-1) as string);
    return OK;
  }),
  define("hello", -1, "connection", flags, hello),
  define("reset", 1, "connection", flags, (session) => {
    endTransaction(session);
    session.engine.channels.forget(session);
    session.leaveMonitor();
    session.db = session.keyspace.databases[0] as typeof session.db;
    session.resp = 2;
    session.name = "";
    // CLIENT REPLY OFF is over; what SKIP has skipped stays so.
    if (session.silence < 0) session.silence = 0;
    session.noEvict = false;
    if (session.engine.configuration.guarded) session.mode |= mode.unauthenticated;
    return new Status("RESET");
  }),
  define("quit", -1, "connection", flags, (session) => {
    session.end();
    return OK;
  }),
];

/** True if a client may be called so: no blanks, nothing unprintable, as CLIENT LIST separates with them. */
export function isName(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    const code = name.charCodeAt(at);
    if (code < 33 || code > 126) return false;
  }
  return true;
}

function authenticate(session: Session, user: string, password: string): void {
  const { configuration } = session.engine;
  if (user !== "default" || (configuration.guarded && configuration.get("requirepass") !== password)) throw wrongPassword;
  session.mode &= ~mode.unauthenticated;
}

function hello(session: Session, args: readonly string[]): Reply {
  const protocol = args.length === 1 ? session.resp : integerArgument(args[1], badProtocol);
  if (protocol !== 2 && protocol !== 3) throw noProtocol;
  let credentials: readonly [string, string] | undefined;
  let name: string | undefined;
  for (let at = 2; at < args.length; at++) {
    const option = (args[at] as string).toLowerCase();
    const left = args.length - at - 1;
    if (option === "auth" && left >= 2) {
      credentials = [args[at + 1] as string, args[at + 2] as string];
      at += 2;
    } else if (option === "setname" && left >= 1) {
      name = args[++at] as string;
      if (!isName(name)) throw badName;
    } else throw refuse(`Syntax error in HELLO option '${args[at]}'`);
  }
  if (credentials !== undefined) authenticate(session, ...credentials);
  if ((session.mode & mode.unauthenticated) !== 0) throw authenticateFirst;
  if (name !== undefined) session.name = name;
  session.resp = protocol;
  const { id } = session;
  const facts: Reply[] = ["server", "redis", "version", version, "proto", protocol, "id", id];
  return new MapReply([...facts, "mode", "standalone", "role", "master", "modules", []]);
}
