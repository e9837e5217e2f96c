import type { Socket } from "node:net";
import { commandWords, isPush, RespFrames } from "./resp-frames.ts";

/** What happens to all connections of a proxy at this moment. */
export interface Weather {
  /** Milliseconds by which every piece of data is late. */
  delayMs: number;
  /** Nothing passes, in either direction. */
  silent: boolean;
  /** Whether the reply to a command is to be lost, asked once per reply. */
  dropsReplyTo(words: readonly string[]): boolean;
}

/** One direction of a connection. */
interface Line {
  /** How many pieces are delayed. */
  waiting: number;
  /** Resolves when the last of them has left. */
  last: Promise<void>;
}

/** One client's connection through the proxy, and the proxy's own to the server. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #weather: Weather;
  readonly #requests = new RespFrames();
  readonly #replies = new RespFrames();
  /** Commands on their way, in the order in which their replies will come. */
  readonly #asked: (readonly string[])[] = [];
  readonly #up: Line = { waiting: 0, last: Promise.resolve() };
  readonly #down: Line = { waiting: 0, last: Promise.resolve() };

  constructor(client: Socket, server: Socket, weather: Weather, closed: () => void) {
    this.#client = client;
    this.#server = server;
    this.#weather = weather;
    client.setNoDelay(true);
    client.on("data", (chunk) => this.#fromClient(chunk));
    server.on("data", (chunk) => this.#fromServer(chunk));
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.on("error", () => {});
      one.on("close", () => {
        if (!this.#dropped || one === client) other.destroy();
        if (one === client) closed();
      });
    }
    if (weather.silent) this.pause();
  }

  #dropped = false;

  /** Ends the connection with a RST, as a machine does that has forgotten it. */
  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.destroy();
  }

  /** Lets nothing pass. What is sent meanwhile waits, as it would in the network. */
  pause(): void {
    this.#client.pause();
    this.#server.pause();
  }

  resume(): void {
    this.#client.resume();
    this.#server.resume();
  }

  #fromClient(chunk: Buffer): void {
    for (const frame of this.#requests.push(chunk)) this.#asked.push(commandWords(frame));
    this.#later(this.#up, () => this.#server.write(chunk));
  }

  #fromServer(chunk: Buffer): void {
    if (this.#dropped) return;
    const frames = this.#replies.push(chunk);
    for (const [index, frame] of frames.entries()) {
      if (isPush(frame)) continue;
      if (!this.#weather.dropsReplyTo(this.#asked.shift() ?? [])) continue;
      // What the server said before still arrives; from here on the client hears nothing any more.
      this.#dropped = true;
      this.#later(this.#down, () => this.#client.end(Buffer.concat(frames.slice(0, index)), () => this.#client.destroy()));
      return;
    }
    const whole = Buffer.concat(frames);
    if (whole.length > 0) this.#later(this.#down, () => this.#client.write(whole));
  }

  /** What entered a line first leaves it first, also when the delay became shorter meanwhile: a stream has an order. */
  #later(line: Line, pass: () => void): void {
    const { delayMs } = this.#weather;
    if (delayMs === 0 && line.waiting === 0) {
      pass();
      return;
    }
    const leavesAt = performance.now() + delayMs;
    line.waiting++;
    line.last = line.last.then(async () => {
      await new Promise((done) => setTimeout(done, leavesAt - performance.now()));
      line.waiting--;
      pass();
    });
  }
}
