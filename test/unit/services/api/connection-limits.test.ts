// Many connections of one address do not keep others out.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { pino } from "pino";
import { limitConnections } from "../../../../services/api/open-server.ts";
import { waitFor } from "../../../support/wait-for.ts";

let server: Server;
let open: Socket[];
beforeEach(async () => {
  open = [];
  server = createServer((_request, response) => response.end("served"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const limit = (perAddress: number, exempt?: string) =>
  limitConnections(
    server,
    { perAddress, isExempt: (address) => address === exempt },
    pino({ level: "silent" }),
  );

/** A connection from an address of loopback. @returns whether it is served; it stays open then */
async function tryFrom(localAddress: string): Promise<boolean> {
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1", localAddress });
  open.push(socket);
  socket.on("error", () => undefined);
  const answered = once(socket, "data").then(() => true);
  const cut = once(socket, "close").then(() => false);
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  return Promise.race([answered, cut]);
}

describe("connections", () => {
  test("beyond an address's number are cut, those of others are not, and one that ends makes room", async () => {
    limit(2);
    expect([await tryFrom("127.0.0.2"), await tryFrom("127.0.0.2")]).toEqual([true, true]);
    expect([await tryFrom("127.0.0.2"), await tryFrom("127.0.0.3")]).toEqual([false, true]);
    open[0]?.destroy();
    await waitFor("there is room again", () => tryFrom("127.0.0.2"));
    expect(await tryFrom("127.0.0.2")).toBe(false);
  });

  test("of a trusted proxy have no such number", async () => {
    limit(1, "127.0.0.2");
    expect([await tryFrom("127.0.0.2"), await tryFrom("127.0.0.2")]).toEqual([true, true]);
  });

  test("altogether leave room for files", () => {
    limit(1);
    expect(server.maxConnections === undefined || server.maxConnections >= 64).toBe(true);
  });
});
