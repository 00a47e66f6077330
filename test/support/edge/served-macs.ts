// A whole installation with Macs, as people run it: the server's process, nats-server, and the programs of paired Macs; both ends of the bus
// behind networks that a test can spoil.
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../bin/cluster/servers/free-port.ts";
import { type NodeFolder, nodeFolder, prepareNodeFolder } from "../../../mac-node/program/folder.ts";
import { keepPairing } from "../../../mac-node/program/identity.ts";
import { readKey, writeKey } from "../../../mac-node/program/key.ts";
import { Client } from "../client.ts";
import { type Stack, startStack } from "../stack.ts";
import { startTcpProxy, type TcpProxy } from "../tcp-proxy.ts";
import { waitFor } from "../wait-for.ts";
import { MacProcess } from "./mac-process.ts";
import { pairMac } from "./pair-mac.ts";
import { type EdgeServer, startEdgeServer } from "./start-edge-server.ts";
import { startTamperer, type Tamperer } from "./tamperer.ts";

export type ServedMac = {
  id: string;
  /** The folder that its tools work in. */
  root: string;
  folder: NodeFolder;
  program: MacProcess;
  /** Another process with its key, on a copy of its folder as it is now. */
  copy(): Promise<MacCopy>;
};
export type MacCopy = { folder: NodeFolder; program: MacProcess };

export type ServedMacs = {
  stack: Stack;
  edge: EdgeServer;
  /** The owner of the server and of the Macs. */
  user: Client;
  /** The network of the Macs, and that of the hub. */
  macsWay: TcpProxy;
  hubsWay: TcpProxy;
  tamperer: Tamperer;
  /** @param policy more of what its owner allows */
  pair(name: string, policy?: object): Promise<ServedMac>;
  isOnline(mac: ServedMac): Promise<boolean>;
  online(mac: ServedMac): Promise<void>;
  stop(): Promise<void>;
};

export async function startServedMacs(env: Record<string, string> = {}): Promise<ServedMacs> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-macs-")));
  const edge = await startEdgeServer();
  const port = () => Number(new URL(edge.url).port);
  const tamperer = await startTamperer(port);
  const [macsWay, hubsWay] = [await startTcpProxy(tamperer.port), await startTcpProxy(port)];
  const stack = await startStack({
    // Macs and clients find it again when it was started anew.
    PORT: String(await freePort()),
    EDGE_URL: `nats://127.0.0.1:${hubsWay.port}`,
    EDGE_PUBLIC_URL: `nats://127.0.0.1:${macsWay.port}`,
    EDGE_KEYS: edge.keysFolder,
    ...env,
  });
  const user = new Client(stack.server.url, await stack.server.ownerKey());
  const rules = ["write", "execute"].map((risk) => ({ risk, decision: "allow" }));
  await user.call("PUT", "/users/me/policy", { rules });
  const programs: MacProcess[] = [];
  const start = ({ path }: NodeFolder, home: string) => {
    const program = new MacProcess(path, home);
    programs.push(program);
    return program;
  };
  const isOnline = async ({ id }: ServedMac) => {
    const { body } = await user.call<{ node: { status: string; tools: string[] } }>("GET", `/nodes/${id}`);
    return body.node.status === "online" && body.node.tools.length > 0;
  };
  return {
    ...{ stack, edge, user, macsWay, hubsWay, tamperer, isOnline },
    async online(mac) {
      await waitFor(`${mac.id} is online`, () => isOnline(mac).catch(() => false));
    },
    async pair(name, policy) {
      const home = join(base, name);
      const root = join(home, "work");
      mkdirSync(root, { recursive: true });
      const { key, given } = await pairMac(user);
      const folder = nodeFolder(join(home, "node"));
      prepareNodeFolder(folder);
      writeFileSync(folder.policy, JSON.stringify({ roots: [root], ...policy }), { mode: 0o600 });
      writeKey(folder.seed, { publicKey: "", seed: Buffer.from(key.seed), sign: () => "" });
      const { node_id, user_id, owner, credentials } = given;
      const { grant_keys, edge_url, server_time } = credentials;
      keepPairing(folder, {
        identity: {
          ...{ node_id, user_id, owner, name, grant_keys, edge_url, server: stack.server.url },
          ...{ public_key: key.publicKey, paired_at: new Date().toISOString() },
        },
        key: await readKey(folder.seed),
        credentials: { ...credentials, offset_ms: Date.parse(server_time) - Date.now() },
        authorities: undefined,
      });
      return {
        ...{ id: node_id, root, folder, program: start(folder, home) },
        async copy() {
          const other = nodeFolder(await mkdtemp(join(home, "copy-")));
          cpSync(folder.path, other.path, { recursive: true, preserveTimestamps: true });
          return { folder: other, program: start(other, home) };
        },
      };
    },
    async stop() {
      for (const way of [macsWay, hubsWay]) await way.heal();
      await Promise.all(programs.map((program) => program.kill()));
      await stack.stop();
      for (const way of [macsWay, hubsWay, tamperer]) way.stop();
      await edge.stop();
      await rm(base, { recursive: true, force: true });
    },
  };
}
