import { connect, type NetConnectOpts } from "node:net";
import { RespFrames } from "./resp-frames.ts";

/** Sends one command over a connection of its own, with nothing but a socket: setting up needs no client. Answers the reply as it came. */
export function ask(target: NetConnectOpts, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(target, () => socket.write(`${command}\r\n`));
    const answer = new RespFrames();
    socket.setTimeout(1_000, () => socket.destroy(new Error(`No answer to ${command} within 1 s.`)));
    socket.on("data", (chunk) => {
      const [whole] = answer.push(chunk);
      if (whole === undefined) return;
      socket.destroy();
      resolve(whole.toString("utf8"));
    });
    socket.on("error", reject);
    socket.on("close", () => reject(new Error(`The connection was closed before ${command} was answered.`)));
  });
}
