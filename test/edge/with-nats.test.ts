// `npm start -- --with-nats`: one machine that accepts Macs, with nothing to set up, as people start it.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import { findServer } from "../../bin/cluster/servers/find-server.ts";
import { firstAnswer } from "../../bin/cluster/servers/first-answer.ts";
import { freePort } from "../../bin/cluster/servers/free-port.ts";
import { commandLineOf, familyOf, isAlive } from "../../bin/cluster/servers/process-family.ts";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { readConfiguration } from "../../lib/edge/server-configuration.ts";
import { connectAs, makeMac } from "../support/edge/edge-users.ts";
import { environment } from "../support/environment.ts";
import { makeCertificate } from "../support/servers/certificate.ts";
import { startServer, type TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const PATH = [findServer("nats").folder, process.env.PATH].join(delimiter);
const CANARY = "sk-canary-of-the-edge-4711";
const ENV = { PATH, OPENAI_API_KEY: CANARY, SANDBOX: "off" };

const homes: string[] = [];
let running: TestServer | undefined;
afterEach(async () => {
  await running?.kill();
  running = undefined;
});
afterAll(() => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "macjarvis-with-nats-"));
  homes.push(home);
  return home;
}

async function start(home = newHome(), args: string[] = [], env: Record<string, string> = {}) {
  running = await startServer({ ...ENV, ...env }, { home, args: ["--with-nats", ...args] });
  return running;
}

const keysOf = ({ home }: TestServer) => join(home, "edge");
const isNats = (pid: number) => commandLineOf(pid).includes("nats-server");
const natsOf = ({ pid }: TestServer) =>
  waitFor("nats-server runs", () => familyOf(pid).find((one) => isNats(one) && isAlive(one)));
/** Of its banner, which comes a moment after the line of its log that it runs. */
const urlIn = (server: TestServer) =>
  waitFor("it says where Macs join", () => /Macs +((?:nats|tls):\/\/\S+)/.exec(server.output())?.[1]);

/** A Mac of its keys comes in. */
async function macComes(server: TestServer): Promise<void> {
  const mac = await makeMac({ keysFolder: keysOf(server) }, "nod_01");
  const url = await urlIn(server);
  const connection = await waitFor("a Mac comes in", () => connectAs({ url }, mac).catch(() => undefined));
  await connection.flush();
  await connection.close();
}

/** What a start that fails says. */
function failedStart(home: string, args: string[], env: Record<string, string> = {}) {
  const { status, stderr } = spawnSync(NODE, ["bin/start.ts", ...args], {
    cwd: ROOT,
    env: environment({ MACJARVIS_HOME: home, PORT: "0", LOG_LEVEL: "silent", ...ENV, ...env }),
    encoding: "utf8",
    // One that does not fail would run for ever.
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  return { status, stderr };
}

function doctor(home: string) {
  const { stdout } = spawnSync(NODE, ["bin/doctor.ts", "--json"], {
    cwd: ROOT,
    env: environment({ MACJARVIS_HOME: home, PORT: "0", ...ENV }),
    encoding: "utf8",
  });
  const { findings } = JSON.parse(stdout) as { findings: { id: string; state: string }[] };
  return Object.fromEntries(findings.map(({ id, state }) => [id, state]));
}

describe("npm start -- --with-nats", () => {
  test("makes keys, runs nats-server with none of its secrets, and says where Macs join; doctor finds all in order", async () => {
    const server = await start();
    expect(await urlIn(server)).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
    await macComes(server);
    const pid = await natsOf(server);
    expect(readFileSync(`/proc/${pid}/environ`, "utf8")).not.toContain(CANARY);
    expect(doctor(server.home)).toMatchObject({ edge_keys: "ok", edge: "ok", edge_claims: "ok" });
    await server.kill("SIGTERM");
    expect(isAlive(pid)).toBe(false);
    expect(server.output()).toContain('"msg":"stopped"');
    expect(doctor(server.home)).toMatchObject({ edge_keys: "ok", "edge.absent": "ok" });
  });

  test("starts nats-server again when it dies, on its port and with its keys", async () => {
    const server = await start();
    const [pid, url] = [await natsOf(server), await urlIn(server)];
    for (let times = 0, last = pid; times < 2; times += 1) {
      process.kill(last, "SIGKILL");
      await waitFor("it is another process", async () => (await natsOf(server)) !== last);
      last = await natsOf(server);
      await macComes(server);
    }
    // A Mac may come in before it is said.
    await waitFor("it says so", () =>
      /nats-server has ended[\s\S]*nats-server runs again/.test(server.output()),
    );
    expect(await urlIn(server)).toBe(url);
  });

  test("killed, it leaves no nats-server; started again at once it has the same port and keys", async () => {
    const first = await start();
    const [pid, url] = [await natsOf(first), await urlIn(first)];
    const mac = await makeMac({ keysFolder: keysOf(first) }, "nod_01");
    await first.kill("SIGKILL");
    const second = await start(first.home);
    expect(isAlive(pid)).toBe(false);
    expect(await urlIn(second)).toBe(url);
    await (await connectAs({ url }, mac)).close();
    const again = await natsOf(second);
    await second.kill("SIGKILL");
    await waitFor("its nats-server has gone as well", () => !isAlive(again));
  });

  test("for the network it needs a certificate, and then speaks TLS only", async () => {
    const { cert, key, folder } = makeCertificate();
    homes.push(folder);
    const port = await freePort();
    const publicUrl = `tls://127.0.0.1:${port}`;
    const home = newHome();
    const plain = failedStart(home, ["--with-nats", "--nats-listen", `0.0.0.0:${port}`]);
    expect(plain).toMatchObject({ status: 1, stderr: expect.stringContaining("plain text") });
    const tls = ["--nats-listen", `0.0.0.0:${port}`, "--nats-tls-cert", cert, "--nats-tls-key", key];
    expect(failedStart(home, ["--with-nats", ...tls]).stderr).toContain("EDGE_PUBLIC_URL");
    const server = await start(home, tls, { EDGE_PUBLIC_URL: publicUrl });
    expect(await urlIn(server)).toBe(publicUrl);
    expect(await firstAnswer(port, "")).toContain('"tls_required":true');
    const credentialsFile = join(keysOf(server), "hub.creds");
    const hub = await openNats({ url: publicUrl, name: "a test", credentialsFile, tls: { caFile: cert } });
    expect(await hub.check()).toBeUndefined();
    await hub.close();
  });

  test("tells what nats-server warns of, and of a flood only how much", async () => {
    const server = await start();
    const mac = await makeMac({ keysFolder: keysOf(server) }, "nod_01");
    const connection = await connectAs({ url: await urlIn(server) }, mac);
    for (let times = 0; times < 500; times += 1) connection.publish("MOL-macjarvis.REQ.core", "{}");
    await connection.flush();
    await connection.close();
    await waitFor("the log tells of it", () => server.output().includes("Publish Violation"));
    const told = server.output().match(/Publish Violation/g) ?? [];
    expect(told.length).toBeLessThanOrEqual(20);
  });
});

describe("in words it is told", () => {
  test("that nats-server is missing and how to get it", () => {
    const home = newHome();
    const { status, stderr } = failedStart(home, ["--with-nats"], { PATH: "/nowhere" });
    expect(status).toBe(1);
    expect(stderr).toMatch(/brew install nats-server[\s\S]*apt install nats-server/);
    expect(readdirSync(home)).not.toContain("edge");
  });

  test("that something else has its port", async () => {
    const port = await freePort();
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
    const { status, stderr } = failedStart(newHome(), ["--with-nats", "--nats-listen", `127.0.0.1:${port}`]);
    other.close();
    expect(status).toBe(1);
    expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}`);
    expect(stderr).toContain("--nats-listen");
  });

  test.each([
    [["--nats-listen", "127.0.0.1:4223"], {}, "--nats-listen goes with --with-nats only"],
    [["--with-nats"], { EDGE_URL: "nats://127.0.0.1:1", SERVICES: "" }, /EDGE_KEYS|EDGE_URL is set/],
    [["--with-nats", "--nats-listen", "4223"], {}, "must be HOST:PORT"],
    [["--with-nats", "--nats-tls-cert", "/nowhere"], {}, "belong together"],
    [
      ["--with-nats", "--nats-tls-cert", "/nowhere", "--nats-tls-key", "/nowhere"],
      {},
      "/nowhere cannot be read",
    ],
  ])("%j", (args, env, words) => {
    const { status, stderr } = failedStart(newHome(), args, env as Record<string, string>);
    expect(status).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain("    at ");
  });

  test("that the keys of an edge are half gone", async () => {
    const server = await start();
    await server.kill("SIGTERM");
    rmSync(join(keysOf(server), "grants.seed"));
    const { stderr } = failedStart(server.home, ["--with-nats"]);
    expect(stderr).toMatch(/lack grants\.seed\. New ones would not fit/);
    expect(readConfiguration(keysOf(server))?.port).toBeGreaterThan(0);
  });
});
