import { Gate } from "../gate.ts";
import type { IoredisClient } from "./client-shape.ts";

const gates = new WeakMap<IoredisClient, Gate>();

/** The gate of a client, which all of its ports share. Its listeners stay for as long as the client does. */
export function gateOf(client: IoredisClient): Gate {
  const known = gates.get(client);
  if (known !== undefined) return known;
  const gate = new Gate();
  gates.set(client, gate);
  // ioredis writes errors that nobody listens to on the console; a port's callers hear of them by their calls.
  client.on("error", () => {});
  client.on("ready", () => {
    if (client.status === "ready") gate.open();
  });
  client.on("end", () => gate.shut(new Error("The client was closed.")));
  return gate;
}
