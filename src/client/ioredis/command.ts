import type { Socket } from "node:net";
import type { Holdable } from "../gate.ts";
import type { IoredisClient } from "./client-shape.ts";

/** The part of ioredis' own Command that is used here. It is exported and documented by ioredis. */
interface BaseCommand {
  args: readonly (string | Buffer)[];
  readonly promise: Promise<unknown>;
  reject(error: Error): void;
  toWritable(socket?: Socket): string | Buffer;
  pipelineIndex?: number;
  slot?: number | null;
  /** Since ioredis 6: whether maps and doubles arrive as such. */
  readonly replyMapping?: string;
}

type BaseClass = new (
  name: string,
  args: readonly (string | Buffer)[],
  options: { readonly replyEncoding: "utf8" | null; readonly readOnly?: boolean },
) => BaseCommand;

/** A command that knows whether it was written, and that can be taken back. */
export type PortCommand = BaseCommand & Holdable & { readonly commandName: string; once: boolean };

export type PortCommandClass = new (...args: ConstructorParameters<BaseClass>) => PortCommand;

const none: readonly string[] = Object.freeze([]);

/** What is sent in place of a command that was taken back: nothing that anyone could notice. */
const ping = "*1\r\n$4\r\nPING\r\n";

/** The message does not matter: the port tells its caller by the facts. */
const lost = "The command was not sent a second time.";

/**
 * A Command class for this client, made from the one that its own copy of ioredis uses.
 *
 * ioredis sends again what it has no reply for, unless a command's place in its pipeline is wrong: then it rejects it as soon as
 * the connection closes. A place of -1 is always wrong, which gives at most once per command and leaves the client's options alone.
 * That rests on an inner rule of ioredis, so there is a second line: what would be written again, after its socket was lost,
 * turns into a PING.
 */
export function portCommandClass(client: IoredisClient): PortCommandClass {
  const Base = commandClass(client);
  return class extends Base implements Holdable {
    readonly commandName: string;
    /** At most once. */
    once = false;
    released: (() => void) | undefined;
    #socket: Socket | undefined;
    #written = false;
    #withdrawn = false;

    /**
     * Arguments are text and Buffers already; looking through them for lists and numbers costs 100 ns each. The name is in capitals,
     * but for scripts: ioredis makes small letters of it five times a command.
     */
    constructor(...[name, args, options]: ConstructorParameters<BaseClass>) {
      super(name === "EVALSHA" ? "evalsha" : name, none, options);
      this.args = args;
      this.commandName = name;
    }

    get written(): boolean {
      return this.#written;
    }

    withdraw(): void {
      this.#withdrawn = true;
      this.released?.();
    }

    override toWritable(socket?: Socket): string | Buffer {
      if (this.once && this.#socket?.destroyed) {
        this.#withdrawn = true;
        this.reject(new Error(lost));
      }
      if (this.#withdrawn) return ping;
      this.#written = true;
      this.#socket = socket;
      if (socket !== undefined) together(socket);
      return encode(this.commandName, this.args);
    }
  };
}

/** A command in RESP: text, unless there are bytes in it that are none. */
function encode(name: string, args: readonly (string | Buffer)[]): string | Buffer {
  let text = `*${args.length + 1}\r\n$${Buffer.byteLength(name)}\r\n${name}`;
  let parts: Buffer[] | undefined;
  for (const arg of args) {
    if (typeof arg === "string") {
      text += headOf(Buffer.byteLength(arg));
      text += arg;
    } else {
      parts ??= [];
      parts.push(Buffer.from(text + headOf(arg.length)), arg);
      text = "";
    }
  }
  text += "\r\n";
  if (parts === undefined) return text;
  parts.push(Buffer.from(text));
  return Buffer.concat(parts);
}

/** What comes between two arguments, by the length of the second, for lengths up to 1 KiB. Made anew each time, it is a fifth of what a command takes to encode. */
const heads: readonly string[] = Array.from({ length: 1_024 }, (_, length) => `\r\n$${length}\r\n`);

function headOf(length: number): string {
  return heads[length] ?? `\r\n$${length}\r\n`;
}

/** How many commands wait in each socket, in a tick in which it was written to. */
const waiting = new WeakMap<Socket, number>();

/**
 * So many commands leave in one piece. A system call for each costs a third of the throughput; all of a tick in one piece makes
 * the server wait for this process and this process for the server, by turns. With 50 calls in flight 8, 16, 32 and all
 * together did 214, 238, 162 and 130 thousand a second.
 */
const piece = 16;

/**
 * Holds a command back until there are enough of them, or the tick ends. The first of a tick leaves at once, so that the server works
 * on it while this process is still busy with it: for one caller that saves an eighth of a round trip.
 */
function together(socket: Socket): void {
  const count = waiting.get(socket);
  waiting.set(socket, count === undefined ? 0 : (count % piece) + 1);
  if (count === undefined) {
    process.nextTick(uncork, socket);
  } else if (count === 0) {
    socket.cork();
  } else if (count === piece) {
    socket.uncork();
    socket.cork();
  }
}

function uncork(socket: Socket): void {
  const count = waiting.get(socket);
  waiting.delete(socket);
  if (count !== 0) socket.uncork();
}

/**
 * The Command class of the client's own copy of ioredis. A cluster client does not carry it, and an import would give that of
 * another copy, so one is taken from where every client makes them: `call`, on a stand-in that only keeps what it is handed.
 */
function commandClass(client: IoredisClient): BaseClass {
  let seen: object | undefined;
  const standIn = {
    options: {},
    sendCommand(command: object): Promise<void> {
      seen = command;
      return Promise.resolve();
    },
  };
  (client as unknown as { call(this: object, name: string): unknown }).call.call(standIn, "ping");
  return (seen as object).constructor as BaseClass;
}
