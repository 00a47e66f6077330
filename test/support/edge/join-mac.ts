// A Mac that a user joins as people do: a code over HTTP, the real program that redeems it, the fingerprint confirmed; then its program
// serves as a process of its own.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeId } from "../../../contracts/ids.ts";
import type { Node } from "../../../contracts/nodes.ts";
import { nodeFolder, prepareNodeFolder } from "../../../mac-node/program/folder.ts";
import type { Client } from "../client.ts";
import { environment } from "../environment.ts";
import { waitFor } from "../wait-for.ts";
import { MacProcess } from "./mac-process.ts";
import type { Opened } from "./pair-mac.ts";

const PROGRAM = join(import.meta.dirname, "../../../bin/node.ts");

export type JoinedMac = {
  id: NodeId;
  name: string;
  /** The folder that its tools work in, and the one of its program. */
  root: string;
  folder: string;
  process: MacProcess;
  /** As its user sees it now. */
  view(): Promise<Node>;
  /** Its program ends in order; answers when the server knows. */
  sleep(): Promise<void>;
  /** The same folder again; answers when the server knows. */
  wake(): Promise<void>;
  remove(): Promise<void>;
};

/** Answers when the server knows what it can do. */
export async function joinMac(user: Client, name: string, policy: object = {}): Promise<JoinedMac> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "macjarvis-mac-")));
  const [root, folder] = [join(home, "work"), nodeFolder(join(home, "node"))];
  mkdirSync(root);
  prepareNodeFolder(folder);
  writeFileSync(folder.policy, JSON.stringify({ roots: [root], ...policy }), { mode: 0o600 });
  const id = await pair(user, name, { home, folder: folder.path });
  const process = new MacProcess(folder.path, home);
  const mac: JoinedMac = {
    ...{ id, name, root, folder: folder.path, process },
    view: async () => (await user.call<{ node: Node }>("GET", `/nodes/${id}`)).body.node,
    async sleep() {
      await process.stop();
      await waitFor(`${name} is away`, async () => (await mac.view()).status === "offline");
    },
    async wake() {
      process.restart();
      await isThere();
    },
    async remove() {
      await process.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
  const isThere = () =>
    waitFor(`${name} is there`, async () => {
      const { status, tools } = await mac.view();
      return status === "online" && tools.length > 0;
    });
  await isThere();
  return mac;
}

async function pair(user: Client, name: string, at: { home: string; folder: string }): Promise<NodeId> {
  const { body: opened } = await user.call<Opened>("POST", "/nodes/pairings", { name });
  const args = [PROGRAM, "join", user.url, opened.code, "--name", name, "--no-serve"];
  const env = environment({ HOME: at.home, MACJARVIS_NODE_HOME: at.folder });
  const joining = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [joining.stdout, joining.stderr])
    stream.on("data", (piece) => (said += String(piece)));
  const ended = once(joining, "close");
  const pairing = `/nodes/pairings/${opened.id}`;
  await waitFor("the code is redeemed", async () => {
    if (joining.exitCode !== null) throw new Error(said);
    return (await user.call<{ status: string }>("GET", pairing)).body.status === "redeemed";
  });
  const { body } = await user.call<{ node: Node }>("POST", `${pairing}/confirm`, {});
  await ended;
  if (joining.exitCode !== 0) throw new Error(said);
  return body.node.id as NodeId;
}
