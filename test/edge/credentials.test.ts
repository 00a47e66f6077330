// Who comes onto the edge, and who is thrown out: revoked, expired, forged, silent.
import { readFileSync } from "node:fs";
import { connect as connectSocket, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { NatsConnection } from "nats";
import { openClaims } from "../../lib/edge/keys/claims.ts";
import { EdgeSigner, sayTheSame } from "../../lib/edge/keys/edge-signer.ts";
import { KEY_FILES, readKeyFile } from "../../lib/edge/keys/key-files.ts";
import { makeKey, Signer } from "../../lib/edge/keys/signatures.ts";
import { rightsOfMac } from "../../lib/edge/keys/subjects.ts";
import { signUser } from "../../lib/edge/keys/users.ts";
import { connectAs, connectWith, type Mac, makeMac } from "../support/edge/edge-users.ts";
import { type EdgeServer, startEdgeServer } from "../support/edge/start-edge-server.ts";
import { waitFor } from "../support/wait-for.ts";

let server: EdgeServer;
const opened: NatsConnection[] = [];
beforeAll(async () => {
  server = await startEdgeServer();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.close()));
});
afterAll(() => server.stop());

async function come(mac: Omit<Mac, "publicKey">): Promise<NatsConnection> {
  const connection = await connectAs(server, mac);
  opened.push(connection);
  return connection;
}
const REFUSED = /Authorization Violation/;
const HOUR_MS = 3_600_000;

describe("a revoked Mac", () => {
  test("is cut off within a second and stays out, also after nats-server was started again; others stay", async () => {
    const [bad, good] = [await makeMac(server, "nod_bad"), await makeMac(server, "nod_good")];
    const [connection, bystander] = [await come(bad), await come(good)];
    const signer = new EdgeSigner(server.keysFolder);
    const claims = await openClaims(server);
    const began = performance.now();
    await claims.pushClaims(
      await signer.edgeAccountClaims([{ publicKey: bad.publicKey, revokedAt: Date.now() }]),
    );
    expect(String(await connection.closed())).toMatch(/Revoked/);
    // A second is promised (seen: 50 ms to 0.8 s); this machine may be many times slower.
    expect(performance.now() - began).toBeLessThan(20_000);
    await expect(come(bad)).rejects.toThrow(REFUSED);
    // What somebody whose clock is ahead, or who did not know yet, signs for it afterwards is worth nothing.
    const again = await signer.signMacUser({ ...bad, nodeId: "nod_bad", name: "bad", lifetimeS: 60 });
    await expect(come({ ...bad, jwt: again.jwt })).rejects.toThrow(REFUSED);
    await bystander.flush();
    await claims.close();
    await server.restart();
    await expect(come(bad)).rejects.toThrow(REFUSED);
    await (await come(good)).flush();
  });

  test("comes back with claims that do not name it, and the server says which it has", async () => {
    const mac = await makeMac(server, "nod_01");
    const signer = new EdgeSigner(server.keysFolder);
    const claims = await openClaims(server);
    const revoked = [{ publicKey: mac.publicKey, revokedAt: Date.now() - HOUR_MS }];
    const wanted = await signer.edgeAccountClaims(revoked);
    await claims.pushClaims(wanted);
    await claims.pushClaims(wanted);
    await expect(come(mac)).rejects.toThrow(REFUSED);
    const held = (await claims.readClaims()) ?? "";
    expect(sayTheSame(held, await signer.edgeAccountClaims(revoked))).toBe(true);
    expect(sayTheSame(held, await signer.edgeAccountClaims([]))).toBe(false);
    await claims.pushClaims(await signer.edgeAccountClaims([]));
    await (await come(mac)).flush();
    await claims.close();
  });
});

test("claims of another operator, another account, or none at all are not taken, and nothing changes", async () => {
  const claims = await openClaims(server);
  const before = await claims.readClaims();
  const other = await startEdgeServer();
  const foreign = await new EdgeSigner(other.keysFolder).edgeAccountClaims([]);
  await other.stop();
  for (const jwt of [foreign, `${before?.slice(0, -4)}AAAA`, "", "x".repeat(100_000)])
    await expect(claims.pushClaims(jwt)).rejects.toThrow(/did not take the claims/);
  expect(await claims.readClaims()).toBe(before);
  await claims.close();
});

test("when its credentials expire, nats-server closes the connection", async () => {
  const connection = await come(await makeMac(server, "nod_01", 2));
  expect(String(await connection.closed())).toMatch(/Expired/);
});

describe("is not let in:", () => {
  const account = () => readKeyFile(server.keysFolder, KEY_FILES.edgeAccount);
  const user = (publicKey: string) => ({
    ...{ name: "x", publicKey, rights: rightsOfMac("nod_x"), subscriptions: 10 },
    connections: ["STANDARD" as const],
  });

  test("who has the credentials of a Mac and not its key", async () => {
    const mac = await makeMac(server, "nod_01");
    await expect(come({ jwt: mac.jwt, seed: makeKey("user").seed })).rejects.toThrow(REFUSED);
  });

  test("who has signed itself, with a key of its own, in the name of the account", async () => {
    const [mac, signing] = [makeKey("user"), makeKey("account")];
    const jwt = await signUser(user(mac.publicKey), { publicKey: account(), signingSeed: signing.seed });
    await expect(come({ ...mac, jwt })).rejects.toThrow(REFUSED);
  });

  test("a user of another operator", async () => {
    const other = await startEdgeServer();
    const mac = await makeMac(other, "nod_01");
    await other.stop();
    await expect(come(mac)).rejects.toThrow(REFUSED);
  });

  test("who has changed its rights, or has no signature", async () => {
    const mac = await makeMac(server, "nod_01");
    const [header = "", body = "", signature = ""] = mac.jwt.split(".");
    const wider = Buffer.from(body, "base64url").toString().replaceAll("nod_01", "nod_02");
    const none = Buffer.from('{"typ":"JWT","alg":"none"}').toString("base64url");
    const forged = Buffer.from(wider).toString("base64url");
    for (const jwt of [
      `${header}.${forged}.${signature}`,
      `${none}.${forged}.`,
      `${header}.${body}.`,
      "",
      ".",
    ])
      await expect(come({ ...mac, jwt })).rejects.toThrow();
  });
});

describe("a connection on which nothing comes", () => {
  /** What is said to a server by hand, and how it ends. */
  async function byHand(hello: (nonce: string) => string): Promise<{ said: string; afterMs: number }> {
    const began = performance.now();
    const socket: Socket = connectSocket({ port: server.port, host: "127.0.0.1" });
    let said = "";
    socket.on("data", (piece) => {
      if (said === "") socket.write(hello(/"nonce":"([^"]+)"/.exec(String(piece))?.[1] ?? ""));
      said += String(piece);
    });
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.once("close", resolve));
    return { said, afterMs: performance.now() - began };
  }

  test("is closed when it does not say who it is", async () => {
    const { said, afterMs } = await byHand(() => "");
    expect(said).toMatch(/Authentication Timeout/);
    expect(afterMs).toBeLessThan(60_000);
  });

  test("is noticed within 15 s when a Mac does not answer any more", async () => {
    const mac = await makeMac(server, "nod_01");
    const { said, afterMs } = await byHand((nonce) => {
      const sig = new Signer(mac.seed).sign(nonce);
      return `CONNECT ${JSON.stringify({ jwt: mac.jwt, sig, verbose: false, protocol: 1 })}\r\nPING\r\n`;
    });
    expect(said).toMatch(/PONG[\s\S]*Stale Connection/);
    expect(afterMs).toBeLessThan(90_000);
  });
});

test("who does not read what is said to it is cut off, and nobody else notices", async () => {
  const mac = await makeMac(server, "nod_slow");
  const socket = connectSocket({ port: server.port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) =>
    socket.once("data", (info) => {
      const sig = new Signer(mac.seed).sign(/"nonce":"([^"]+)"/.exec(String(info))?.[1] ?? "");
      socket.write(`CONNECT ${JSON.stringify({ jwt: mac.jwt, sig, verbose: false, protocol: 1 })}\r\n`);
      socket.write("SUB MOL-edge.*.hub.*.nod_slow 1\r\nPING\r\n");
      socket.once("data", () => resolve());
    }),
  );
  socket.pause();
  const hub = await connectWith(server, KEY_FILES.hubCreds);
  opened.push(hub);
  const piece = Buffer.alloc(4 * 1024 * 1024);
  for (let pieces = 0; pieces < 20; pieces += 1) {
    hub.publish("MOL-edge.REQ.hub.h.nod_slow", piece);
    await hub.flush();
  }
  await waitFor("it was cut off", () =>
    readFileSync(join(server.folder, "log"), "utf8").includes("Slow Consumer Detected"),
  );
  await hub.flush();
  socket.destroy();
});
