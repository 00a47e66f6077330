import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { askServer } from "../../../../mac-node/program/ask-server.ts";
import { nodeFolder } from "../../../../mac-node/program/folder.ts";
import { readIdentity } from "../../../../mac-node/program/identity.ts";
import { type Pairing, pair } from "../../../../mac-node/program/pair.ts";
import { NodeProblem } from "../../../../mac-node/program/problem.ts";
import { CODE, type PairingServer, startPairingServer } from "../../../support/pairing-server.ts";

let base = "";
let server: PairingServer;
let stopper: AbortController;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "macjarvis-pair-"));
  server = await startPairingServer();
  stopper = new AbortController();
});
afterEach(async () => {
  await server.stop();
  rmSync(base, { recursive: true, force: true });
});

function pairing(over: Partial<Pairing> = {}): Pairing {
  return {
    folder: nodeFolder(base),
    access: { url: server.url },
    ask: askServer,
    code: CODE,
    name: "studio",
    version: "1.0.0",
    signal: stopper.signal,
    waiting: () => {},
    everyMs: 5,
    ...over,
  };
}

test("a confirmation that crosses Ctrl-C is found by a last look and taken back on the server", async () => {
  const waiting = () => {
    server.confirmed = true;
    stopper.abort();
  };
  await expect(pair(pairing({ waiting, everyMs: 100_000 }))).rejects.toMatchObject({
    problem: { kind: "left_off", wasConfirmed: true },
  });
  expect(server.left).toBe(true);
  expect(readdirSync(base)).toEqual(["log"]);
});

test("a code is taken as it is typed: small letters, spaces, letters that look like digits", async () => {
  server.confirmed = true;
  const identity = await pair(pairing({ code: "ab12c d3fgh" }));
  expect(identity.node_id).toBe("nod_1");
  expect(server.told[0]?.body.code).toBe(CODE);
});

test("a network that is away while the person confirms ends no pairing", async () => {
  let asked = 0;
  const ask: Pairing["ask"] = async (...question) => {
    asked += 1;
    if (asked > 1 && asked < 8)
      throw new NodeProblem({ kind: "unreachable", url: server.url, error: new Error("away") });
    server.confirmed = asked > 8;
    return askServer(...question);
  };
  await pair(pairing({ ask }));
  expect(readIdentity(nodeFolder(base))?.name).toBe("studio");
});

test("what the server refuses while it is waited for ends it", async () => {
  const waiting = () => {
    server.refusal = { status: 410, code: "pairing_expired" };
  };
  await expect(pair(pairing({ waiting }))).rejects.toMatchObject({ problem: { kind: "code_expired" } });
  expect(readdirSync(base)).toEqual(["log"]);
});

test("an answer that is none of a pairing is no MacJarvis", async () => {
  const ask: Pairing["ask"] = async () => ({ status: 200, body: { hello: 1 }, retryAfterMs: undefined });
  await expect(pair(pairing({ ask }))).rejects.toMatchObject({ problem: { kind: "not_macjarvis" } });
});

test("where the disk does not take what pairing gave, the server is told to forget it", async () => {
  server.confirmed = true;
  const folder = { ...nodeFolder(base), identity: join(base, "log") };
  await expect(pair(pairing({ folder }))).rejects.toMatchObject({ problem: { kind: "folder" } });
  expect(server.left).toBe(true);
});
