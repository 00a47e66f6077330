// What `npm run doctor` says of an edge, on a real nats-server.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { hasServer } from "../../bin/cluster/servers/find-server.ts";
import { checkEdge } from "../../bin/doctor/edge.ts";
import { textsFor } from "../../bin/terminal/texts.ts";
import { inspectEdge } from "../../lib/edge/inspect-edge.ts";
import { accountClaims } from "../../lib/edge/keys/accounts.ts";
import { openClaims } from "../../lib/edge/keys/claims.ts";
import { EdgeSigner } from "../../lib/edge/keys/edge-signer.ts";
import { KEY_FILES, readKeyFile } from "../../lib/edge/keys/key-files.ts";
import { makeKeys } from "../../lib/edge/keys/make-keys.ts";
import { makeKey, Signer } from "../../lib/edge/keys/signatures.ts";
import { readEnvironment } from "../../lib/env.ts";
import { type EdgeServer, startEdgeServer } from "../support/edge/start-edge-server.ts";

let server: EdgeServer;
let home = "";
beforeAll(async () => {
  server = await startEdgeServer();
  home = mkdtempSync(join(tmpdir(), "macjarvis-doctor-edge-"));
});
afterAll(async () => {
  await server.stop();
  rmSync(home, { recursive: true });
});

/** Each finding of the edge with its state. */
async function look(more: Record<string, string> = {}) {
  const given = { MACJARVIS_HOME: home, EDGE_URL: server.url, EDGE_KEYS: server.keysFolder, ...more };
  const findings = await checkEdge(readEnvironment(given), textsFor("en"));
  return Object.fromEntries(findings.map(({ id, state }) => [id, state]));
}
const FINE = { edge_keys: "ok", edge: "ok", edge_claims: "ok" };

test("all is well as it was made, and when Macs were revoked", async () => {
  expect(await look()).toEqual(FINE);
  const revoked = [{ publicKey: makeKey("user").publicKey, revokedAt: Date.now() }];
  const claims = await openClaims(server);
  await claims.pushClaims(await new EdgeSigner(server.keysFolder).edgeAccountClaims(revoked));
  await claims.close();
  expect(await look()).toEqual(FINE);
  const settings = { url: server.url, publicUrl: server.url, keysFolder: server.keysFolder };
  expect(await inspectEdge(settings, revoked)).toMatchObject({ claims: "same" });
  expect(await inspectEdge(settings, [])).toMatchObject({ claims: "other" });
});

test("keys that others can read are found, before looking at them closes them", async () => {
  chmodSync(join(server.keysFolder, KEY_FILES.hubCreds), 0o644);
  expect(await look()).toMatchObject({ "edge_keys.open_to_others": "failure" });
  chmodSync(join(server.keysFolder, KEY_FILES.hubCreds), 0o600);
});

test("claims that these keys do not sign are found", async () => {
  const claims = await openClaims(server);
  const signer = new EdgeSigner(server.keysFolder);
  const { operatorSigningSeed, edgeSigningSeed } = KEY_FILES;
  const seed = readKeyFile(server.keysFolder, operatorSigningSeed);
  const push = async (signingKey: string) =>
    claims.pushClaims(await accountClaims("SYS", signer.account, seed, { signing_keys: [signingKey] }));
  await push(new Signer(readKeyFile(server.keysFolder, edgeSigningSeed)).publicKey);
  expect(await look()).toEqual({ edge_keys: "ok", edge: "ok", "edge_claims.other": "warning" });
  // Its own hub is out: the account does not name the key any more that has signed it.
  await push(makeKey("account").publicKey);
  expect(await look()).toEqual({ edge_keys: "ok", "edge.away": "failure" });
  await claims.pushClaims(await signer.edgeAccountClaims([]));
  await claims.close();
  expect(await look()).toEqual(FINE);
});

test("keys of another edge are told as such, and a server that is away", async () => {
  const EDGE_KEYS = join(home, "other");
  await makeKeys(EDGE_KEYS);
  expect(await look({ EDGE_KEYS })).toEqual({ edge_keys: "ok", "edge.away": "failure" });
  expect(await look({ EDGE_URL: "nats://127.0.0.1:1" })).toEqual({ edge_keys: "ok", "edge.away": "failure" });
});

test("an old nats-server serves, and is warned of", async () => {
  if (!hasServer("nats 2.10")) return;
  const old = await startEdgeServer({ generation: "2.10" });
  expect(await look({ EDGE_URL: old.url, EDGE_KEYS: old.keysFolder })).toEqual({
    ...{ edge_keys: "ok", "edge.old_server": "warning", edge_claims: "ok" },
  });
  await old.stop();
});
