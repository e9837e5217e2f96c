import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

/**
 * TCP ports on 127.0.0.1 that nobody listens on.
 *
 * @param busOffset the port that is so much higher must be free too: a cluster node listens on both
 */
export async function freePorts(count: number, busOffset = 0): Promise<readonly number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  // All are held until all are chosen, so that none is chosen twice.
  for (let attempt = 0; ports.length < count; attempt++) {
    if (attempt > 200) throw new Error("No free TCP port on 127.0.0.1.");
    const first = await listen(0);
    if (first === undefined) continue;
    held.push(first);
    const { port } = first.address() as AddressInfo;
    if (busOffset > 0) {
      const second = port + busOffset > 65_535 ? undefined : await listen(port + busOffset);
      if (second === undefined) continue;
      held.push(second);
    }
    ports.push(port);
  }
  await Promise.all(held.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

async function listen(port: number): Promise<Server | undefined> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return server;
  } catch {
    return undefined;
  }
}
