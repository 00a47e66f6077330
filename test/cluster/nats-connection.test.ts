// The connection of a process to NATS: that it is refused in words where it cannot be made, and comes back by itself.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { freePort } from "../../bin/cluster/servers/free-port.ts";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { targetOf } from "../../lib/cluster/nats/nats-address.ts";
import { type Nats, type NatsOptions, openNats } from "../../lib/cluster/nats/open-nats.ts";
import { waitFor } from "../support/wait-for.ts";

const opened: Nats[] = [];
const said: string[] = [];
async function open(options: Omit<NatsOptions, "name">): Promise<Nats> {
  const nats = await openNats({ name: "a test", tell: (words) => said.push(words), ...options });
  opened.push(nats);
  return nats;
}
afterEach(async () => {
  await Promise.all(opened.splice(0).map((nats) => nats.close()));
  said.length = 0;
});

/** Something else that listens: it says this to whoever comes. */
async function listener(greeting: string | null): Promise<{ end(): void; url: string }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    if (greeting === null) socket.end();
    else socket.write(greeting);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const end = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { end, url: `nats://127.0.0.1:${port}` };
}

describe("an address", () => {
  test.each([
    ["nats://10.0.0.1:4222", /plain text.*tls:\/\/10\.0\.0\.1:4222/],
    ["nats://127.0.0.1:4222,nats://nats.example:4222", /nats\.example:4222 would be reached in plain text/],
    ["http://127.0.0.1", /begins with http:\/\/ and must begin with nats:\/\//],
    ["", /names no server/],
    ["nats://", /no address|names no host/],
    ["nats://a:b@127.0.0.1:1,nats://c:d@127.0.0.1:2", /more than one kind of credentials/],
  ])("%s is refused in words, without its secrets", (url, words) => {
    expect(() => targetOf({ url })).toThrow(words);
  });

  test("carries credentials, which are not shown", () => {
    expect(targetOf({ url: "nats://me:p%40ss@localhost" })).toEqual({
      servers: ["localhost:4222"],
      user: "me",
      pass: "p@ss",
      inboxPrefix: "_INBOX.me",
      ignoreClusterUpdates: true,
    });
    expect(targetOf({ url: "tls://t0ken@nats.example:7422,tls://10.0.0.2" })).toEqual({
      servers: ["nats.example:7422", "10.0.0.2:4222"],
      token: "t0ken",
      tls: { checkServerIdentity: expect.any(Function) },
      ignoreClusterUpdates: false,
    });
  });

  test("with a credentials file that is none is refused in words", () => {
    const url = "nats://127.0.0.1";
    expect(() => targetOf({ url, credentialsFile: "/nowhere" })).toThrow(
      /credentials file \/nowhere cannot be used/,
    );
    expect(() => targetOf({ url, credentialsFile: import.meta.filename })).toThrow(/cannot be used/);
  });
});

describe("what is not NATS", () => {
  test("nobody listens", async () => {
    const url = `nats://127.0.0.1:${await freePort()}`;
    await expect(open({ url })).rejects.toThrow(
      /There is no NATS at 127\.0\.0\.1:\d+: the connection was refused/,
    );
  });

  test("a name that nobody knows", async () => {
    await expect(open({ url: "tls://nats.invalid:4222" })).rejects.toThrow(/name of the host is not known/);
  });

  test.each([
    ["speaks something else", "SSH-2.0-OpenSSH_9\r\n", /is no NATS server/],
    ["says half of what NATS says", 'INFO {"server_id":\r\n', /is no NATS server/],
    ["hangs up", null, /closed the connection before it said what it is/],
    ["says nothing", "", /did not answer as NATS does in time/],
  ])("a server that %s", async (_what, greeting, words) => {
    const { end, url } = await listener(greeting);
    await expect(open({ url })).rejects.toThrow(words);
    end();
  });
});

describe("credentials and TLS", () => {
  let folder: string;
  let server: LocalServer;
  const pem = (name: string) => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "macjarvis-nats-tls-"));
    const openssl = (...args: string[]) => execFileSync("openssl", args, { stdio: "ignore" });
    const subject = ["-subj", "/CN=a test", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
    openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-days",
      "2",
      ...subject,
      "-keyout",
      pem("key.pem"),
      "-out",
      pem("cert.pem"),
    );
    const tls = `tls { cert_file: ${JSON.stringify(pem("cert.pem"))}, key_file: ${JSON.stringify(pem("key.pem"))} }`;
    server = await startNats({ config: `authorization { user: me, password: secret }\n${tls}` });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });
  const at = (host: string, credentials = "me:secret@") => `tls://${credentials}${host}:${server.port}`;

  test.each(["localhost", "127.0.0.1"])(
    "a certificate for %s is believed if its authority is known",
    async (host) => {
      const nats = await open({ url: at(host), tls: { caFile: pem("cert.pem") } });
      expect(await nats.check()).toBeUndefined();
    },
  );

  test("a certificate of a stranger is refused in words", async () => {
    await expect(open({ url: at("localhost") })).rejects.toThrow(
      /certificate of NATS at localhost:\d+ is not trusted/,
    );
  });

  test.each(["me:wrong@", "", "token@"])(
    "wrong credentials (%s) are refused in words that do not quote them",
    async (wrong) => {
      const refused = open({ url: at("localhost", wrong), tls: { caFile: pem("cert.pem") } });
      await expect(refused).rejects.toThrow(/^NATS at localhost:\d+ does not accept the credentials\. Check/);
    },
  );

  test("a server without TLS is refused where TLS was asked for", async () => {
    const plain = await startNats();
    await expect(open({ url: plain.url.replace("nats:", "tls:") })).rejects.toThrow(/has no TLS/);
    await plain.stop();
  });
});

describe("a connection", () => {
  let server: LocalServer;
  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(() => server.stop());

  test("comes back after a kill, and tells it", async () => {
    const nats = await open({ url: server.url });
    let returned = 0;
    nats.onReturn(() => {
      returned += 1;
    });
    expect(nats.isThere).toBe(true);
    await server.kill();
    await waitFor("it is known to be away", () => !nats.isThere);
    expect(await nats.check()).toBe("NATS is away");
    expect(nats.publish("a", "dropped")).toBe(false);
    await expect(nats.settled(50)).rejects.toMatchObject({ type: "store_unavailable" });
    await server.restart();
    await waitFor("it is back", () => nats.isThere && returned === 1);
    expect(await nats.check()).toBeUndefined();
    await waitFor("both were told", () => said.length === 2);
    expect(said.map((words) => words.slice(0, 13))).toEqual(["NATS is away;", "NATS is there"]);
  });

  test("comes back with the password that a restarted server wants again, however often it was refused", async () => {
    const other = await startNats({ config: "authorization { user: me, password: one }" });
    const nats = await open({ url: other.url.replace("//", "//me:one@") });
    const path = join(other.folder, "nats.conf");
    const settings = readFileSync(path, "utf8");
    writeFileSync(path, settings.replace("password: one", "password: two"));
    await other.restart();
    // Each refusal is a line in its log.
    const refusals = () =>
      readFileSync(join(other.folder, "log"), "utf8").match(/authentication error/g)?.length ?? 0;
    await waitFor("it was refused several times", () => refusals() >= 4);
    writeFileSync(path, settings);
    await other.restart();
    await waitFor("it is back", () => nats.isThere);
    await nats.close();
    await other.stop();
  });

  test("to a server that is frozen is known to be none, also when much waits to be sent, and what waits is bounded", async () => {
    const nats = await open({ url: server.url });
    await server.pause();
    const since = performance.now();
    const mebibyte = Buffer.alloc(1024 * 1024);
    let sent = 0;
    while (nats.publish("a", mebibyte)) {
      sent += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(sent).toBeGreaterThan(1);
    expect(sent).toBeLessThan(40);
    expect(await nats.check()).toMatch(/^NATS (does not answer|is away)$/);
    await waitFor("it is known to be away", () => !nats.isThere);
    expect(performance.now() - since).toBeLessThan(20_000);
    server.resume();
    await waitFor("it is back", () => nats.isThere);
  });

  test("ends in bounded time while the server is frozen, and is not made again", async () => {
    const nats = await open({ url: server.url });
    await server.pause();
    await Promise.all([nats.close(), nats.close()]);
    server.resume();
    expect(nats.isThere).toBe(false);
    expect(nats.publish("a", "b")).toBe(false);
    expect(await nats.check()).toBe("NATS is away");
  });

  test("that is just being made again ends for good when it is closed", async () => {
    const nats = await open({ url: server.url });
    await server.kill();
    await waitFor("it is known to be away", () => !nats.isThere);
    await nats.close();
    await server.restart();
    const watcher = await open({ url: server.url });
    expect(await watcher.check()).toBeUndefined();
    expect(nats.isThere).toBe(false);
  });

  test("tells when the server takes too small messages", async () => {
    expect((await open({ url: server.url })).maxPayload).toBe(8 * 1024 * 1024);
    expect(said).toEqual([]);
    const small = await startNats({ config: "max_payload: 1MB" });
    await open({ url: small.url });
    expect(said[0]).toMatch(/up to 1048576 bytes only: set max_payload to 8MB/);
    await small.stop();
  });
});
