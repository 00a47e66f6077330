// A core process with the services that Macs meet, on a real nats-server, and Macs that were paired before: each with a folder of its own.

import { writeFileSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { NodeId, UserId } from "../../../contracts/ids.ts";
import type { EdgeCredentials } from "../../../contracts/pairing.ts";
import { EdgeSigner } from "../../../lib/edge/keys/edge-signer.ts";
import { KEY_FILES, readKeyFile } from "../../../lib/edge/keys/key-files.ts";
import { Signer } from "../../../lib/edge/keys/signatures.ts";
import { newId } from "../../../lib/ids.ts";
import { LivePolicy } from "../../../mac-node/policy/live-policy.ts";
import { nodeFolder, prepareNodeFolder } from "../../../mac-node/program/folder.ts";
import { FileFreezer } from "../../../mac-node/program/freeze.ts";
import { keepPairing } from "../../../mac-node/program/identity.ts";
import { makeKey, type NodeKey } from "../../../mac-node/program/key.ts";
import type { Serving } from "../../../mac-node/program/serving.ts";
import { serveEdge } from "../../../mac-node/serve-edge.ts";
import type { NodesTables } from "../../../services/nodes/tables.ts";
import { nodesService } from "../../../services/nodes.service.ts";
import { quotaService } from "../../../services/quota.service.ts";
import type { Edge } from "../../../services/tools/hub/edge.ts";
import type { Hub } from "../../../services/tools/hub/hub.ts";
import type { Machine } from "../../../services/tools/machines/machine.ts";
import type { Machines } from "../../../services/tools/machines/machines.ts";
import { toolsService } from "../../../services/tools.service.ts";
import { startTestBroker, type TestBroker } from "../test-broker.ts";
import { waitFor } from "../wait-for.ts";
import { MacProcess } from "./mac-process.ts";
import { type EdgeServer, startEdgeServer } from "./start-edge-server.ts";

export type PairedMac = {
  id: NodeId;
  name: string;
  owner: UserId;
  key: NodeKey;
  home: string;
  /** The folder that its tools work in. */
  root: string;
  credentials(lifetimeS?: number): Promise<EdgeCredentials>;
  /** As a process of its own, started as its owner starts it; the same folder each time. */
  spawn(url?: string, flags?: string[]): Promise<MacProcess>;
  /** One more process of it, in this one. */
  serve(options?: { folder?: string; url?: string; onProblem?: (error: Error) => void }): Promise<Serving>;
};

export type EdgeStack = {
  server: EdgeServer;
  /** Asks a Mac as the tools service does, for its owner. */
  machine(mac: PairedMac): Machine;
  /** The hub of the core process. */
  hub(): Hub;
  /** What stands of the Mac in the audit trail, the oldest first. */
  audited(mac: PairedMac): Promise<{ entry: string; details: string }[]>;
  /** Answers when hubs hear it. */
  connected(mac: PairedMac): Promise<void>;
  readonly stack: TestBroker;
  /** The core's process ends, with its hub, and another one comes on the same data. */
  restartCore(): Promise<void>;
  /** As when the process with the hub is killed and another one takes its place. */
  restartHub(): Promise<void>;
  pair(owner: UserId, name: string, policy?: object): Promise<PairedMac>;
  stop(): Promise<void>;
};

export async function startEdgeStack(): Promise<EdgeStack> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-edge-")));
  const server = await startEdgeServer();
  const edge = { url: server.url, publicUrl: server.url, keysFolder: server.keysFolder };
  const startCore = () =>
    startTestBroker([nodesService({ hostTools: "owner", edge }), quotaService(), toolsService({ edge })], {
      home: join(base, "core"),
    });
  let stack = await startCore();
  const signer = new EdgeSigner(server.keysFolder);
  const grants = new Signer(readKeyFile(server.keysFolder, KEY_FILES.grantsSeed));
  const serving: Serving[] = [];
  const spawnedMacs: MacProcess[] = [];
  const tools = () => stack.broker.getLocalService("tools") as unknown as { machines: Machines; edge: Edge };
  return {
    server,
    get stack() {
      return stack;
    },
    async restartCore() {
      await stack.stop();
      stack = await startCore();
    },
    machine: ({ id, name, owner }) => tools().machines.at({ id, name, way: { kind: "edge" }, userId: owner }),
    hub() {
      const { hub } = tools().edge;
      if (!hub) throw new Error("the hub is not open");
      return hub;
    },
    audited: ({ id }) =>
      stack.broker.core.ports
        .sql<{ audit: { seq: number; subject: string; entry: string; details: string } }>()
        .selectFrom("audit")
        .select(["entry", "details"])
        .where("subject", "=", id)
        .orderBy("seq")
        .execute(),
    async connected({ id }) {
      await waitFor(`${id} is connected`, () => tools().edge.hub?.instanceOf(id) !== undefined);
    },
    restartHub: () => tools().edge.reopen(),
    async pair(owner, name, policy) {
      const [id, key, home] = [newId<NodeId>("node"), await makeKey(), join(base, name)];
      const root = join(home, "work");
      await mkdir(root, { recursive: true });
      await stack.broker.core.ports
        .sql<NodesTables>()
        .insertInto("nodes")
        .values({
          ...{ id, name, labels: "{}", is_host: 0, machine: null, description: null, last_seen_at: null },
          ...{ created_at: new Date().toISOString(), owner_id: owner, public_key: key.publicKey },
          ...{
            instance: null,
            online_until: 0,
            revoked_at: null,
            cut_off_at: 0,
            problem: null,
            vitals: null,
          },
        })
        .execute();
      await stack.broker.core.ports.audit.append({
        ...{ subject: id, entry: "node.paired", user_id: owner, details: { public_key: key.publicKey } },
      });
      const credentials = async (lifetimeS = 1_800) => {
        const { jwt, expiresAt } = await signer.signMacUser({
          publicKey: key.publicKey,
          nodeId: id,
          name,
          lifetimeS,
        });
        return {
          ...{ jwt, expires_at: expiresAt.toISOString(), edge_url: server.url },
          ...{ grant_keys: [grants.publicKey], server_time: new Date().toISOString() },
        };
      };
      const identity = {
        ...{ node_id: id, server: "http://127.0.0.1:9", user_id: owner, owner: "somebody", name },
        ...{ public_key: key.publicKey, grant_keys: [grants.publicKey], edge_url: server.url },
        paired_at: new Date().toISOString(),
      };
      return {
        ...{ id, name, owner, key, home, root, credentials },
        async spawn(url = server.url, flags = []) {
          const folder = nodeFolder(join(home, "node"));
          prepareNodeFolder(folder);
          writeFileSync(folder.policy, JSON.stringify({ roots: [root], ...policy }), { mode: 0o600 });
          const given = { ...(await credentials(86_400)), edge_url: url, offset_ms: 0 };
          keepPairing(folder, { identity, key, credentials: given, authorities: undefined });
          const spawned = new MacProcess(folder.path, home, flags);
          spawnedMacs.push(spawned);
          return spawned;
        },
        async serve({ folder: path = join(home, "node"), url, onProblem = () => undefined } = {}) {
          const folder = nodeFolder(path);
          prepareNodeFolder(folder);
          writeFileSync(folder.policy, JSON.stringify({ roots: [root], ...policy }), { mode: 0o600 });
          const freezer = new FileFreezer(folder.frozen);
          // As kept ones: others than before make it connect anew.
          const kept = { ...(await credentials()), ...(url ? { edge_url: url } : {}) };
          const made = await serveEdge({
            ...{ folder, key, freezer, onProblem, authorities: undefined },
            identity,
            policy: new LivePolicy(folder.policy),
            secrets: { get: async () => undefined, all: async () => [] },
            credentials: async () => kept,
            refused: () => undefined,
            log: pino({ level: process.env.EDGE_LOG ?? "silent" }),
            onChange: () => undefined,
          });
          serving.push(made);
          return made;
        },
      };
    },
    async stop() {
      await Promise.all([...serving, ...spawnedMacs].map((one) => one.stop()));
      await stack.stop();
      await server.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
}
