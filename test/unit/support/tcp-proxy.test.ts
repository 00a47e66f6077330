import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startTcpProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { waitFor } from "../../support/wait-for.ts";

let echo: Server;
let atServer: Socket[];
let heard: string;
let proxy: TcpProxy;
let clients: Socket[];

beforeEach(async () => {
  atServer = [];
  clients = [];
  heard = "";
  echo = createServer((socket) => {
    atServer.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (piece: Buffer) => {
      heard += piece.toString();
      socket.write(piece);
    });
  });
  await once(echo.listen(0, "127.0.0.1"), "listening");
  proxy = await startTcpProxy((echo.address() as AddressInfo).port);
});

afterEach(() => {
  proxy.stop();
  for (const socket of [...clients, ...atServer]) socket.destroy();
  echo.close();
});

/** A client and all that it has heard. */
async function join() {
  const socket = connect(proxy.port, "127.0.0.1");
  clients.push(socket);
  const client = { socket, said: "", isGone: false, failure: "" };
  socket.on("data", (piece: Buffer) => (client.said += piece.toString()));
  socket.on("error", (error: NodeJS.ErrnoException) => (client.failure = error.code ?? ""));
  socket.once("close", () => (client.isGone = true));
  await once(socket, "connect");
  return client;
}

test("what one end says the other hears, up to its end", async () => {
  const client = await join();
  client.socket.write("one ");
  await waitFor("the first echo", () => client.said === "one ");
  client.socket.end("two");
  await waitFor("the end", () => client.isGone);
  expect([client.said, client.failure]).toEqual(["one two", ""]);
});

test("a cut ends all connections at both ends, and new ones are made", async () => {
  const client = await join();
  client.socket.write("a");
  await waitFor("the echo", () => client.said === "a");
  proxy.cut();
  await waitFor("both ends know", () => client.isGone && atServer[0]?.destroyed);
  expect(client.failure).toBe("ECONNRESET");
  const other = await join();
  other.socket.write("b");
  await waitFor("the other's echo", () => other.said === "b");
});

test("who is refused cannot connect, those that stand go on, and it can be healed", async () => {
  const client = await join();
  proxy.refuse();
  await expect(join()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  client.socket.write("still");
  await waitFor("the echo", () => client.said === "still");
  await proxy.heal();
  const other = await join();
  other.socket.write("again");
  await waitFor("the other's echo", () => other.said === "again");
});

test("a delay holds up each way, and keeps the order", async () => {
  const client = await join();
  proxy.delay(100);
  const start = performance.now();
  client.socket.write("1");
  await waitFor("its echo", () => client.said === "1");
  expect(performance.now() - start).toBeGreaterThanOrEqual(199);
  client.socket.write("2");
  // Long enough for the proxy to have it, usually: then the one that is not held up must not pass it.
  await setTimeout(50);
  proxy.delay(0);
  client.socket.write("3");
  await waitFor("all came", () => client.said === "123");
});

test("what is swallowed never comes, in one direction or both, and nobody is told", async () => {
  const client = await join();
  proxy.swallow("client");
  client.socket.write("lost");
  await waitFor("only the server has it", () => heard === "lost" && proxy.swallowed() === 4);
  proxy.swallow();
  client.socket.write("lost at once");
  const other = await join();
  other.socket.write("lost too");
  await waitFor("both are swallowed", () => proxy.swallowed() === 24);
  await proxy.heal();
  client.socket.write(" and heard");
  await waitFor("the echo of what came later", () => client.said === " and heard");
  expect(heard).toBe("lost and heard");
  expect([client.isGone, other.isGone]).toEqual([false, false]);
});

test("a server that is not there ends whoever asks for it", async () => {
  echo.close();
  const client = await join();
  await waitFor("it is gone", () => client.isGone);
});
