// The bus when something of it fails: NATS goes, the connection is cut or half-open, rights are missing, a process is killed or frozen.
import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { freePort } from "../../bin/cluster/servers/free-port.ts";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { busErrorType } from "../../lib/broker/bus-errors.ts";
import { servicesThere } from "../../lib/broker/services-there.ts";
import { typeOf } from "../../lib/errors.ts";
import { type BusNode, startBusNode } from "../support/bus-node.ts";
import { environment } from "../support/environment.ts";
import { farService } from "../support/far-service.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** What is promised is 15 s; the machine of the tests may be slow. */
const PROMISED_MS = 15_000;

let nodes: BusNode[] = [];
async function node(options: Parameters<typeof startBusNode>[0]): Promise<BusNode> {
  const started = await startBusNode(options);
  nodes.push(started);
  return started;
}
async function stopNodes() {
  await Promise.all(nodes.map((one) => one.stop()));
  nodes = [];
}

/** What becomes of a call, in the catalogue's words, and after how long. */
async function outcome(call: Promise<unknown>): Promise<{ type: string; afterMs: number }> {
  const begun = performance.now();
  const type = await call.then(
    () => "done",
    (thrown: unknown) => typeOf(thrown) ?? busErrorType(thrown) ?? String(thrown),
  );
  return { type, afterMs: performance.now() - begun };
}

type Patient = { discoverer: { opts: { heartbeatTimeout: number } } };

const pendingOf = (one: BusNode) => one.broker.transit?.pendingRequests.size;
const answers = (one: BusNode) => async () =>
  (await outcome(one.call("far.length", { text: "" }, undefined, 1_000))).type === "done";

describe("a process that", () => {
  let server: LocalServer;
  let near: BusNode;
  let child: ChildProcess;
  let output = "";
  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    output = "";
    near = await node({ url: server.url, nodeID: "near-1" });
    child = spawn(process.execPath, ["test/support/bus-process.ts", server.url, "far-child"], {
      cwd: ROOT,
      env: environment(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await servicesThere(near.broker, ["far"]);
  });
  afterEach(async () => {
    child.kill("SIGKILL");
    await stopNodes();
  });

  test("is killed: what it was asked fails in time, what comes then is refused at once", async () => {
    const pending = ["a", "b"].map((text) => outcome(near.call("far.wait", { text })));
    await waitFor("both are under way", () => output.includes("begun a") && output.includes("begun b"));
    const killed = performance.now();
    child.kill("SIGKILL");
    for (const { type } of await Promise.all(pending)) expect(type).toBe("request_timeout");
    expect(performance.now() - killed).toBeLessThan(PROMISED_MS);
    expect(await outcome(near.call("far.length", { text: "" }))).toMatchObject({ type: "busy" });
    expect(pendingOf(near)).toBe(0);
  });

  test("is frozen: as if it were killed, and it is back when it wakes", async () => {
    const pending = outcome(near.call("far.wait", { text: "a" }));
    await waitFor("it is under way", () => output.includes("begun a"));
    const frozen = performance.now();
    child.kill("SIGSTOP");
    expect(await pending).toMatchObject({ type: "request_timeout" });
    expect(performance.now() - frozen).toBeLessThan(PROMISED_MS);
    child.kill("SIGCONT");
    await waitFor("it can be called again", answers(near));
  });

  test("is frozen: what it was asked meanwhile it does not do when it wakes, because who asked was told that it is dead", async () => {
    child.kill("SIGSTOP");
    const asked = ["late-a", "late-b"].map((text) => outcome(near.call("far.wait", { text })));
    for (const { type } of await Promise.all(asked)) expect(type).toBe("request_timeout");
    child.kill("SIGCONT");
    await waitFor("it can be called again", answers(near));
    const next = outcome(near.call("far.wait", { text: "next" }));
    await waitFor("the next is under way", () => output.includes("begun next"));
    expect(output).not.toMatch(/late-[ab]/);
    await near.call("far.release", {});
    expect(await next).toMatchObject({ type: "done" });
  });

  test("stops in order: it finishes what it was asked, and is not asked any more", async () => {
    const pending = outcome(near.call("far.wait", { text: "a" }));
    await waitFor("it is under way", () => output.includes("begun a"));
    const gone = new Promise((resolve) => child.once("exit", resolve));
    await near.call("far.release", {});
    child.kill("SIGTERM");
    expect(await pending).toMatchObject({ type: "done" });
    expect(await gone).toBe(0);
    expect(await outcome(near.call("far.length", { text: "" }))).toMatchObject({ type: "busy" });
  });
});

describe("NATS", () => {
  let server: LocalServer;
  let far: BusNode;
  let near: BusNode;
  beforeEach(async () => {
    server = await startNats();
    far = await node({ url: server.url, nodeID: "far-1", services: [farService()] });
    near = await node({ url: server.url, nodeID: "near-1" });
    await servicesThere(near.broker, ["far"]);
  });
  afterEach(async () => {
    await stopNodes();
    await server.stop();
  });

  test("is away: calls are refused at once, and go on by themselves when it is back", async () => {
    await server.kill();
    await waitFor("both know", () => !near.nats.isThere && !far.nats.isThere);
    const refused = await outcome(near.call("far.length", { text: "" }));
    expect(refused.type).toBe("busy");
    expect(refused.afterMs).toBeLessThan(1_000);
    await expect(near.call("far.length", { text: "" })).rejects.toMatchObject({
      data: { retryAfterMs: expect.any(Number) },
    });
    await server.restart();
    await waitFor("calls go on", answers(near));
  });

  test("is restarted: an answer that fell into it is given after it", async () => {
    // A slow machine may need longer to start NATS again than one that is silent is taken for alive.
    for (const { broker } of [near, far])
      (broker.registry as unknown as Patient).discoverer.opts.heartbeatTimeout = 120;
    const pending = outcome(near.call("far.wait", { text: "a" }, undefined, 60_000));
    await waitFor("it is under way", () => pendingOf(near) === 1);
    expect(await near.call("far.length", { text: "" })).toBe(0);
    await server.kill();
    await waitFor("both know", () => !near.nats.isThere && !far.nats.isThere);
    expect(await far.call("far.release", {})).toBe(1);
    await server.restart();
    expect(await pending).toMatchObject({ type: "done" });
    await waitFor("calls go on", answers(near));
  });

  test("stays away: what was under way fails in time, though it had no time-out of its own", async () => {
    const pending = outcome(near.call("far.wait", { text: "a" }));
    await waitFor("it is under way", () => pendingOf(near) === 1);
    const killed = performance.now();
    await server.kill();
    expect(await pending).toMatchObject({ type: "request_timeout" });
    expect(performance.now() - killed).toBeLessThan(PROMISED_MS);
    await server.restart();
    await waitFor("calls go on", answers(near));
    await near.call("far.release", {});
  });
});

describe("the connection", () => {
  let server: LocalServer;
  let proxy: TcpProxy;
  let near: BusNode;
  beforeEach(async () => {
    server = await startNats();
    proxy = await startTcpProxy(server.port);
  });
  afterEach(async () => {
    proxy.stop();
    await stopNodes();
    await server.stop();
  });
  const start = async (nearPort: number, farPort: number) => {
    await node({ url: `nats://127.0.0.1:${farPort}`, nodeID: "far-1", services: [farService()] });
    near = await node({ url: `nats://127.0.0.1:${nearPort}`, nodeID: "near-1" });
    await servicesThere(near.broker, ["far"]);
  };

  test.each(["the caller", "the one that was asked"])(
    "of %s is cut: nothing waits for ever for an answer that may be lost",
    async (whose) => {
      await (whose === "the caller" ? start(proxy.port, server.port) : start(server.port, proxy.port));
      const pending = outcome(near.call("far.wait", { text: "a" }));
      await waitFor("it is under way", () => pendingOf(near) === 1);
      expect(await near.call("far.length", { text: "" })).toBe(0);
      proxy.cut();
      expect(await pending).toMatchObject({ type: "request_timeout" });
      await waitFor("calls go on", answers(near));
      await near.call("far.release", {});
    },
  );

  test("is half-open: calls fail in time, and go on when it is made anew", async () => {
    await start(proxy.port, server.port);
    proxy.swallow();
    const lost = await outcome(near.call("far.wait", { text: "a" }));
    expect(lost.type).toBe("request_timeout");
    expect(lost.afterMs).toBeLessThan(PROMISED_MS);
    await proxy.heal();
    proxy.cut();
    await waitFor("calls go on", answers(near));
  });
});

describe("a start is refused in words", () => {
  let server: LocalServer;
  const user = (name: string, denied: string) =>
    `{ user: ${name}, password: secret, permissions: { subscribe: { deny: "${denied}" } } }`;
  beforeAll(async () => {
    server = await startNats({
      config: `authorization { users: [${user("all", "none")}, ${user("deaf", "MOL-macjarvis.REQ.>")}] }`,
    });
  });
  afterAll(() => server.stop());
  afterEach(stopNodes);
  const at = (credentials: string) => `nats://${credentials}@127.0.0.1:${server.port}`;

  test("with a wrong password", async () => {
    await expect(node({ url: at("all:wrong"), nodeID: "a" })).rejects.toThrow(
      /does not accept the credentials/,
    );
  });

  test("where nobody listens", async () => {
    await expect(node({ url: `nats://127.0.0.1:${await freePort()}`, nodeID: "a" })).rejects.toThrow(
      /There is no NATS/,
    );
  });

  test("with plain text beyond this machine", async () => {
    await expect(node({ url: "nats://10.0.0.1:4222", nodeID: "a" })).rejects.toThrow(/plain text/);
  });

  test("with a user that may not hear what it is asked", async () => {
    await expect(node({ url: at("deaf:secret"), nodeID: "a", services: [farService()] })).rejects.toThrow(
      /does not let this process hear MOL-macjarvis\.REQ\.a .*could not be called/,
    );
    const other = await node({ url: at("all:secret"), nodeID: "b" });
    expect(other.broker.registry.getNodeList({ onlyAvailable: true })).toHaveLength(1);
  });
});

test("a process that loses its rights later says so, leaves, and is not asked any more", async () => {
  const users = (denied: string) =>
    `authorization { users: [{ user: all, password: x }, { user: far, password: x, permissions: { subscribe: { deny: "${denied}" } } }] }`;
  const server = await startNats({ config: users("none") });
  try {
    const at = (user: string) => `nats://${user}:x@127.0.0.1:${server.port}`;
    const far = await node({ url: at("far"), nodeID: "far-1", services: [farService()] });
    const near = await node({ url: at("all"), nodeID: "near-1" });
    await servicesThere(near.broker, ["far"]);
    const config = join(server.folder, "nats.conf");
    await writeFile(config, (await readFile(config, "utf8")).replace("none", "MOL-macjarvis.REQ.>"));
    await server.restart();
    await waitFor("it says so", () => far.deaf.length > 0);
    expect(far.deaf).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/does not let this process hear/) }),
    ]);
    expect(far.said.join("")).toMatch(/could not be called/);
    await waitFor("the other one does not ask it any more", async () => {
      return (await outcome(near.call("far.length", { text: "" }, undefined, 1_000))).type === "busy";
    });
  } finally {
    await stopNodes();
    await server.stop();
  }
});
