// A Mac that is let through to the web and nowhere else: it pairs and works over `wss://`, through an nginx that ends TLS in front of the
// nats-server of `--with-nats`; all of them real programs.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { findServer } from "../../bin/cluster/servers/find-server.ts";
import { firstAnswer } from "../../bin/cluster/servers/first-answer.ts";
import { freePort } from "../../bin/cluster/servers/free-port.ts";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { commandLineOf, familyOf, isAlive } from "../../bin/cluster/servers/process-family.ts";
import { startProgram } from "../../bin/cluster/servers/start-program.ts";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { Client } from "../support/client.ts";
import type { Opened } from "../support/edge/pair-mac.ts";
import { environment } from "../support/environment.ts";
import { type Certificate, makeCertificate } from "../support/servers/certificate.ts";
import { startServer, type TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const base = mkdtempSync(join(tmpdir(), "macjarvis-websocket-"));

let certificate: Certificate;
let nginx: LocalServer;
/** Between the Mac and nginx. */
let network: Passage;
let server: TestServer;
let owner: Client;
let mac: ChildProcess;
let said = "";
let id = "";
let publicUrl = "";

beforeAll(async () => {
  certificate = makeCertificate();
  const webSocketPort = await freePort();
  nginx = await startNginx(webSocketPort);
  network = await openPassage(nginx.port);
  publicUrl = `wss://127.0.0.1:${network.port}/edge`;
  server = await startServer(
    {
      ...{ PATH: [findServer("nats").folder, process.env.PATH].join(delimiter), EDGE_PUBLIC_URL: publicUrl },
      ...{ SANDBOX: "off" },
    },
    { args: ["--with-nats", "--nats-websocket", `127.0.0.1:${webSocketPort}`] },
  );
  owner = new Client(server.url, await server.ownerKey());
  await owner.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
});
afterAll(async () => {
  mac?.kill("SIGKILL");
  await server?.remove();
  network?.stop();
  await nginx?.stop();
  for (const folder of [base, certificate.folder]) rmSync(folder, { recursive: true, force: true });
});

type Passage = { port: number; stall(): void; stop(): void };

/** Passes all on until it stalls: then nobody at either end of what stands is read any more. New connections are passed on again. */
async function openPassage(target: number): Promise<Passage> {
  const pairs: [Socket, Socket][] = [];
  const listener = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) socket.on("error", () => undefined);
    client.pipe(upstream).pipe(client);
    pairs.push([client, upstream]);
  });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  return {
    port: (listener.address() as AddressInfo).port,
    stall() {
      for (const [client, upstream] of pairs.flatMap(
        ([one, other]) =>
          [
            [one, other],
            [other, one],
          ] as const,
      ))
        client.unpipe(upstream).pause();
    },
    stop() {
      for (const socket of pairs.flat()) socket.destroy();
      listener.close();
    },
  };
}

/** As docs/operations/edge.md has it. */
function startNginx(webSocketPort: number): Promise<LocalServer> {
  const { folder, version } = findServer("nginx");
  return startProgram({
    ...{ name: "nginx", version, file: join(folder, "nginx"), endsBy: "SIGTERM" },
    args: (place) => ["-p", place.folder, "-c", join(place.folder, "nginx.conf"), "-e", "stderr"],
    url: ({ port }) => `https://127.0.0.1:${port}`,
    async prepare({ folder, port }) {
      const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
      writeFileSync(
        join(folder, "nginx.conf"),
        `daemon off; pid ${folder}/nginx.pid; error_log stderr warn;
         events {}
         http {
           access_log off;
           ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
           server {
             listen 127.0.0.1:${port} ssl;
             ssl_certificate ${certificate.cert}; ssl_certificate_key ${certificate.key};
             location /edge {
               proxy_pass http://127.0.0.1:${webSocketPort}/;
               proxy_http_version 1.1;
               proxy_set_header Upgrade $http_upgrade;
               proxy_set_header Connection "upgrade";
               proxy_read_timeout 1h;
             }
           }
         }`,
      );
    },
    serves: async ({ port }) => (await firstAnswer(port, "GET / HTTP/1.0\r\n\r\n")).includes("400"),
  });
}

const nodeNow = async () =>
  (await owner.call<{ node: { status: string; tools: unknown[] } }>("GET", `/nodes/${id}`)).body.node;
const isOnline = async () => {
  const node = await nodeNow();
  return node?.status === "online" && node.tools.length > 0;
};
const echo = (text: string) =>
  owner.call<{ ok?: boolean; stdout?: string }>("POST", "/tools/execute_shell_command/execute", {
    args: { command: `echo ${text}` },
    node_id: id,
  });
const answers = (text: string) =>
  waitFor(`it answers ${text}`, async () => (await echo(text)).body.stdout === `${text}\n`);

describe("a Mac over wss://", () => {
  test("pairs, trusts the authority that it was given, and runs calls with large answers", async () => {
    const { body } = await owner.call<Opened>("POST", "/nodes/pairings", {});
    const home = join(base, "node");
    mkdirSync(home, { mode: 0o700 });
    writeFileSync(join(home, "policy.json"), JSON.stringify({ roots: [base], sandbox: "off" }), {
      mode: 0o600,
    });
    mac = spawn(NODE, [join(ROOT, "bin/node.ts"), "join", server.url, body.code, "--ca", certificate.cert], {
      env: environment({ HOME: base, MACJARVIS_NODE_HOME: home, LOG_LEVEL: "info" }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [mac.stdout, mac.stderr]) stream?.on("data", (piece) => (said += String(piece)));
    const confirmed = await waitFor("it is confirmed", async () => {
      const path = `/nodes/pairings/${body.id}/confirm`;
      const answer = await owner.call<{ node: { id: string } }>("POST", path, {});
      return answer.status === 200 && answer.body.node;
    });
    id = confirmed.id;
    await waitFor("it is online", isOnline);
    await answers("first");
    const large = await owner.call<{ stdout: string }>("POST", "/tools/execute_shell_command/execute", {
      args: { command: "head -c 900000 /dev/zero | tr '\\0' x" },
      node_id: id,
    });
    expect(large.body.stdout).toBe("x".repeat(900_000));
  });

  test("comes back when nats-server was killed and is started again", async () => {
    const isNats = (pid: number) => commandLineOf(pid).includes("nats-server") && isAlive(pid);
    const before = familyOf(server.pid).find(isNats) ?? 0;
    process.kill(before, "SIGKILL");
    await waitFor("it runs again", () => familyOf(server.pid).some((pid) => pid !== before && isNats(pid)));
    await answers("again");
  });

  test("lets go of a connection that takes nothing any more, makes another, and answers over that", async () => {
    const [gate, open] = [join(base, "gate"), "head -c 1000000 /dev/zero | tr '\\0' x"];
    const command = `touch ${base}/began-$$; until [ -e ${gate} ]; do sleep 0.05; done; ${open}; ${open} >&2`;
    // More than the system holds for a connection.
    const calls = Array.from({ length: 10 }, () =>
      owner.call<{ stdout: string }>("POST", "/tools/execute_shell_command/execute", {
        args: { command },
        node_id: id,
      }),
    );
    const began = () => readdirSync(base).filter((name) => name.startsWith("began-")).length;
    await waitFor("all of them run", () => began() === calls.length);
    network.stall();
    writeFileSync(gate, "");
    const answered = await Promise.all(calls);
    expect(answered.map(({ body }) => body.stdout?.length)).toEqual(calls.map(() => 1_000_000));
    expect(began()).toBe(calls.length);
  });

  test("is cut off when it is revoked, and is not let in again", async () => {
    const ended = once(mac, "exit");
    expect((await owner.call("DELETE", `/nodes/${id}`)).status).toBeLessThan(300);
    await ended;
    expect(said).toMatch(/revoked/);
  });
});

describe("the door to the web", () => {
  const hub = () => ({
    ...{ name: "a test", url: publicUrl, credentialsFile: join(server.home, "edge/hub.creds") },
    tls: { caFile: certificate.cert },
  });

  test("is for Macs: a hub's credentials are worth nothing there, and its address is none for hubs", async () => {
    await expect(openNats({ ...hub(), mayBeWeb: true })).rejects.toThrow(/does not accept the credentials/);
    await expect(openNats(hub())).rejects.toThrow(/must begin with nats:\/\/ or tls:\/\//);
  });

  test("is not opened with a certificate that nobody has signed", async () => {
    await expect(openNats({ ...hub(), mayBeWeb: true, tls: {} })).rejects.toThrow(/cannot be used/);
  });
});
