import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { pino } from "pino";
import { OwnersGate } from "../../../../mac-node/edge/owners-gate.ts";
import { askServer } from "../../../../mac-node/program/ask-server.ts";
import { nodeFolder } from "../../../../mac-node/program/folder.ts";
import { freeze, thaw } from "../../../../mac-node/program/freeze.ts";
import { readIdentity } from "../../../../mac-node/program/identity.ts";
import { pair } from "../../../../mac-node/program/pair.ts";
import { type ServeEvent, serveNode } from "../../../../mac-node/program/serve-node.ts";
import type { Serve, ServeGiven } from "../../../../mac-node/program/serving.ts";
import { statusOf } from "../../../../mac-node/program/status.ts";
import { CODE, type PairingServer, startPairingServer } from "../../../support/pairing-server.ts";
import { waitFor } from "../../../support/wait-for.ts";

let base = "";
let server: PairingServer;
let stopper: AbortController;
let events: ServeEvent[];
/** What the bus was given, and how often it was stopped. */
let bus: ServeGiven | undefined;
let stops: number;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "macjarvis-serve-"));
  server = await startPairingServer();
  stopper = new AbortController();
  events = [];
  bus = undefined;
  stops = 0;
});
afterEach(async () => {
  stopper.abort();
  await server.stop();
  rmSync(base, { recursive: true, force: true });
});

const folder = () => nodeFolder(base);

async function pairMac(): Promise<void> {
  server.confirmed = true;
  await pair({
    ...{ folder: folder(), access: { url: server.url }, ask: askServer, code: CODE, name: "studio" },
    version: "1.0.0",
    signal: new AbortController().signal,
    waiting: () => {},
  });
  server.told = [];
}

const serve: Serve = async (given) => {
  bus = given;
  return {
    state: () => ({ state: "connecting", since: new Date() }),
    async stop() {
      stops += 1;
    },
  };
};

function serving(over: { serve?: Serve } = {}) {
  return serveNode({
    ...{ folder: folder(), ask: askServer, serve, log: pino({ level: "silent" }) },
    signal: stopper.signal,
    tell: (event) => void events.push(event),
    wordsOf: ({ message }) => `in words: ${message}`,
    ...over,
  });
}
const kinds = () => events.map(({ kind }) => kind);

test("gives the bus key, credentials, policy and freezing, and says what it is told", async () => {
  await pairMac();
  const ended = serving();
  const given = await waitFor("the bus is opened", () => bus);
  expect(given.identity.node_id).toBe("nod_1");
  expect(given.key.publicKey).toBe(given.identity.public_key);
  await expect(given.credentials()).resolves.toMatchObject({ edge_url: "tls://edge.example.com:4222" });
  expect(server.told).toEqual([]);
  given.onChange({ state: "connected", since: new Date("2026-01-01T00:00:00Z") });
  expect(await statusOf(folder())).toMatchObject({
    serving: { pid: process.pid, state: "connected", since: "2026-01-01T00:00:00.000Z", trouble: null },
  });
  expect(given.policy.now()).toEqual({ ok: true, policy: {}, isThere: false });
  writeFileSync(folder().policy, '{"tools": {"allow": ["read"]}}');
  expect(given.policy.now()).toMatchObject({ ok: true, policy: { tools: { allow: ["read"] } } });
  let frozen = false;
  given.freezer.onFreeze(() => {
    frozen = true;
  });
  freeze(folder().frozen);
  expect(given.freezer.isFrozen()).toBe(true);
  await waitFor("the freezing is heard", () => frozen);
  thaw(folder().frozen);
  stopper.abort();
  await ended;
  expect(stops).toBe(1);
  expect(kinds()).toEqual(["begun", "state", "policy", "frozen", "stopping"]);
  expect((await statusOf(folder())).serving).toBeNull();
});

test("a policy with other folders, or without a damage that it had, is served anew; what else changes is not", async () => {
  await pairMac();
  const policy = (text: string) => {
    writeFileSync(folder().policy, text, { mode: 0o600 });
    return bus?.policy.now();
  };
  policy('{"roots": [');
  const ended = serving();
  const first = await waitFor("the bus is opened", () => bus);
  const gate = new OwnersGate(first.policy, first.freezer, first.identity.user_id);
  bus = undefined;
  writeFileSync(folder().policy, '{"roots": ["/srv"]}', { mode: 0o600 });
  const call = {
    tool: { name: "x", category: "x", risk: "read" },
    args: {},
    given: {},
    userId: "",
    running: 0,
  };
  expect(gate.refuses(call as never)).toMatchObject({ result: { error: { code: "busy" } } });
  await waitFor("the bus is opened again", () => bus);
  expect(stops).toBe(1);
  policy('{"roots": ["/srv"], "tools": {"deny": ["execute"]}}');
  expect(
    new OwnersGate(first.policy, first.freezer, first.identity.user_id).refuses(call as never),
  ).toBeUndefined();
  bus = undefined;
  first.policy.now();
  writeFileSync(folder().policy, '{"roots": ["/srv"], "sandbox": "off"}', { mode: 0o600 });
  first.policy.now();
  await waitFor("the bus is opened again", () => bus);
  expect(stops).toBe(2);
  stopper.abort();
  await ended;
});

test("a Mac that is revoked stops the bus, says so, and asks no more with the next start", async () => {
  await pairMac();
  rmSync(folder().credentials);
  server.refusal = { status: 410, code: "node_revoked" };
  await expect(serving()).rejects.toMatchObject({ problem: { kind: "revoked", server: server.url } });
  expect(stops).toBe(1);
  expect(readIdentity(folder())?.revoked_at).toBeDefined();
  expect(server.told).toHaveLength(1);
  await expect(serving()).rejects.toMatchObject({ problem: { kind: "revoked" } });
  expect(server.told).toHaveLength(1);
});

test("a second process is told that one serves already, and disturbs nothing", async () => {
  await pairMac();
  const ended = serving();
  await waitFor("the bus is opened", () => bus);
  await expect(serving()).rejects.toMatchObject({ problem: { kind: "in_use" } });
  expect((await statusOf(folder())).serving?.pid).toBe(process.pid);
  stopper.abort();
  await ended;
});

test("what ends the bus ends the serving, and lets go of the folder", async () => {
  await pairMac();
  const ended = serving();
  (await waitFor("the bus is opened", () => bus)).onProblem(new Error("the bus is broken"));
  await expect(ended).rejects.toThrow("the bus is broken");
  expect(stops).toBe(1);
  expect(existsSync(folder().holder)).toBe(false);
  const unopened = serving({
    serve: async () => {
      throw new Error("no such place");
    },
  });
  await expect(unopened).rejects.toThrow("no such place");
});

test("new credentials are kept for the next start", async () => {
  await pairMac();
  server.lifeS = 100;
  rmSync(folder().credentials);
  const ended = serving();
  const given = await waitFor("the bus is opened", () => bus);
  const { jwt } = await given.credentials();
  await waitFor("they are on the disk", () => existsSync(folder().credentials));
  expect(JSON.parse(readFileSync(folder().credentials, "utf8")).jwt).toBe(jwt);
  stopper.abort();
  await ended;
});

test("a Mac that is not paired does not serve", async () => {
  await expect(serving()).rejects.toMatchObject({ problem: { kind: "not_paired" } });
});
