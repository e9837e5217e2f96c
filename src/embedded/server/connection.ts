import type { Socket } from "node:net";
import type { Session } from "../session/index.ts";
import { engineFailed, type Reply } from "../value/index.ts";
import { encodePush, encodeReply } from "./reply-writer.ts";
import { ProtocolError, RequestReader } from "./request-reader.ts";

const megabyte = 1024 * 1024;
/** So many bytes of replies leave in one piece. */
const pieceMax = 16 * megabyte;
/** A client that does not read is not read from, beyond so many bytes that wait for it. Below, it may write all before it reads. */
const unreadMax = 128 * megabyte;
/** Nobody waits for the answer of one who only listens: it is let go beyond so many, as `client-output-buffer-limit` of Redis has it… */
const unheardMax = 32 * megabyte;
/** …and whoever is in MONITOR, beyond so many. */
const unseenMax = 1024 * megabyte;
/** What a client may send while its last request waits, as `client-query-buffer-limit` of Redis. */
const heldMax = 1024 * megabyte;

/** One client on a socket: bytes in, requests to its session, replies out in one piece per turn. */
export class Connection {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #reader = new RequestReader();
  /** What arrived and is not read yet, because the client's last request waits or its replies are not taken. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #out = "";
  #flushing = false;
  /** It does not take its replies. */
  #choked = false;
  #paused = false;
  #ended = false;

  constructor(socket: Socket, session: Session) {
    this.#socket = socket;
    this.#session = session;
    session.onPush = (items) => this.#push(items);
    session.onEnd = () => this.#end();
    // Not at once: the engine is still busy with whoever ended the wait.
    session.onReady = () => setImmediate(() => this.#work());
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#arrived(chunk));
    socket.on("drain", () => this.#drained());
    // What a connection dies of is of no interest: its client is gone.
    socket.on("error", () => this.#drop());
    socket.on("close", () => this.#close());
  }

  /** Reads nothing and says nothing until {@link resume}. */
  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (!this.#choked) this.#socket.resume();
    this.#flush();
    this.#work();
  }

  /** Drops the client. */
  destroy(): void {
    this.#drop();
  }

  #arrived(chunk: Buffer): void {
    if (this.#ended) return;
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    if (this.#heldBytes > heldMax) this.#drop();
    else this.#work();
  }

  #work(): void {
    if (this.#ended || this.#waits) return;
    if (this.#held.length > 0) {
      this.#reader.push(this.#held.length === 1 ? (this.#held[0] as Buffer) : Buffer.concat(this.#held));
      this.#held = [];
      this.#heldBytes = 0;
    }
    try {
      while (!this.#ended && !this.#waits) {
        const args = this.#reader.next(this.#session.unauthenticated);
        if (args === undefined) break;
        this.#run(args);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#write(`-ERR Protocol error: ${error.message}\r\n`);
      this.#end();
    }
    this.#flush();
  }

  get #waits(): boolean {
    return this.#choked || this.#paused || this.#session.waiting;
  }

  #run(args: readonly string[]): void {
    // A browser was led here by a page that means harm, and hears nothing.
    if (isHttp(args[0] as string)) {
      this.#drop();
      return;
    }
    try {
      this.#session.call(args, this.#reply);
    } catch (error) {
      this.#failed(error);
    }
  }

  readonly #reply = (reply: Reply): void => {
    try {
      this.#write(encodeReply(reply, this.#session.resp));
    } catch (error) {
      // Longer than a string can be.
      if (error instanceof RangeError) this.#write("-ERR the reply is too long for the embedded engine\r\n");
      else this.#failed(error);
    }
  };

  #push(items: readonly Reply[]): void {
    try {
      this.#write(encodePush(items, this.#session.resp));
    } catch {
      // An error instead of it would answer another call.
      this.#drop();
    }
  }

  /** The program around it is not to end of it. */
  #failed(error: unknown): void {
    this.#write(encodeReply(engineFailed(error), this.#session.resp));
  }

  #write(text: string): void {
    if (this.#ended) return;
    if (this.#out.length + text.length > pieceMax) this.#flush();
    if (this.#ended) return;
    this.#out += text;
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#out === "" || this.#paused || this.#socket.destroyed) return;
    this.#socket.write(this.#out, "latin1");
    this.#out = "";
    const unread = this.#socket.writableLength;
    if (unread <= unheardMax) return;
    if (unread > (this.#session.listening ? unheardMax : unseenMax)) this.#drop();
    else if (unread > unreadMax && !this.#choked) {
      this.#choked = true;
      this.#socket.pause();
    }
  }

  #drained(): void {
    if (!this.#choked) return;
    this.#choked = false;
    if (!this.#paused) this.#socket.resume();
    this.#work();
  }

  /** Sends what there is to say, and closes. */
  #end(): void {
    if (this.#ended) return;
    this.#flush();
    this.#close();
    this.#socket.destroySoon();
  }

  #drop(): void {
    this.#close();
    this.#socket.destroy();
  }

  #close(): void {
    this.#ended = true;
    this.#out = "";
    this.#held = [];
    this.#session.close();
  }
}

/** The first word of a request of HTTP, or of a line in its head. */
function isHttp(word: string): boolean {
  if (word.length !== 4 && word.length !== 5) return false;
  const lower = word.toLowerCase();
  return lower === "post" || lower === "host:";
}
