// Both sides sign: the Mac's own record of its calls and the server's audit trail, held against each other.
import { spawnSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { CallId, RunId, SessionId } from "../../contracts/ids.ts";
import type { ChainEntry } from "../../contracts/node-chain.ts";
import { compareNode, serversSide } from "../../lib/audit/compare-node.ts";
import { headOfEntry } from "../../lib/audit/node-chain.ts";
import { openAudit } from "../../lib/embedded/open-audit.ts";
import { newId } from "../../lib/ids.ts";
import { nodeFolder } from "../../mac-node/program/folder.ts";
import type { Serving } from "../../mac-node/program/serving.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import { aUser } from "../support/test-broker.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");

let edge: EdgeStack;
let mac: PairedMac;
let other: PairedMac;
let serving: Serving;
let entries: ChainEntry[];
const owner = aUser();

beforeAll(async () => {
  edge = await startEdgeStack();
  [mac, other] = [await edge.pair(owner.user_id, "studio"), await edge.pair(owner.user_id, "other")];
  serving = await mac.serve();
  await other.serve();
  for (const one of [mac, other])
    await waitFor("it has told of itself", async () => (await viewOf(one)).tools.length > 0);
  const rules = [
    { risk: "write", decision: "allow" },
    { risk: "execute", decision: "allow" },
  ] as const;
  await edge.stack.as(owner, "tools.setPolicy", { rules: [...rules] });
  await edge.stack.as(owner, "tools.execute", write("one.txt"));
  await edge.stack.as(owner, "tools.execute", write("two.txt"));
  await edge.stack.as(owner, "tools.execute", {
    ...{ name: "execute_shell_command", node_id: mac.id, args: { command: "echo three" } },
  });
  await edge.stack.as(owner, "tools.execute", { ...write("theirs.txt", other) });
  entries = await recordOf(mac);
});
afterAll(() => edge.stop());

const viewOf = async ({ id }: PairedMac) => (await edge.stack.as(owner, "nodes.get", { id })).node;
const write = (name: string, on = mac) => ({
  ...{ name: "write_file", node_id: on.id, args: { path: join(on.root, name), content: name } },
});
const recordOf = async ({ id }: PairedMac) =>
  (await edge.stack.as(owner, "tools.chain", { id, from: 1, limit: 200 })).entries;

async function compared(those: ChainEntry[]) {
  const { trail, close } = openAudit(edge.stack.home);
  try {
    return await compareNode(mac.id, await serversSide(trail, mac.id), {
      first: those[0]?.seq ?? 0,
      entries: those,
    });
  } finally {
    await close();
  }
}

/** As `npm run audit -- verify --node` does it, with the record in a file. */
async function command(those: ChainEntry[]) {
  const file = join(mac.home, "exported.jsonl");
  await writeFile(file, those.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  const args = [join(ROOT, "bin/audit.ts"), "verify", "--node", mac.id, "--chain", file];
  const env = { ...process.env, MACJARVIS_HOME: edge.stack.home, LANG: "C" };
  return spawnSync(NODE, args, { env, encoding: "utf8" });
}

describe("the record of a Mac and the server's trail", () => {
  test("say the same: an entry for each beginning and each end, and the heads stand in the trail", async () => {
    expect(entries.map(({ kind }) => kind)).toEqual(["begun", "ended", "begun", "ended", "begun", "ended"]);
    expect(await compared(entries)).toEqual({ entries: 6, calls: 3, faults: [], notes: [] });
    const { status, stdout } = await command(entries);
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining("say the same") });
  });

  test("a call of a run has its head in the run's outcome", async () => {
    const outcome = await edge.stack.as({ ...owner, service: "agent" }, "tools.run", {
      ...{
        call_id: newId<CallId>("call"),
        run_id: newId<RunId>("run"),
        session_id: newId<SessionId>("session"),
      },
      ...{ epoch: 1, name: "list_directory", args: { path: other.root }, node_id: other.id, approved: false },
      ...{ deadline_at: Date.now() + 60_000, attempt: 1 },
    });
    const [last] = (await recordOf(other)).slice(-1);
    expect(outcome).toMatchObject({ status: "done", node_head: headOfEntry(last as ChainEntry) });
  });

  test("a removed entry is named", async () => {
    const { faults } = await compared(entries.filter(({ seq }) => seq !== 2));
    expect(faults).toEqual([
      "the Mac's record: entry 2 is missing",
      expect.stringMatching(/knows entry 2, which is missing in the Mac's record$/),
    ]);
  });

  test("a changed entry is named", async () => {
    const changed = entries.map((entry) => (entry.seq === 3 ? { ...entry, tool: "read_file" } : entry));
    expect((await compared(changed as ChainEntry[])).faults).toEqual([
      expect.stringMatching(/^entry 3 \(begun call_\w+\) was changed: its hash does not fit$/),
    ]);
    const { status, stdout } = await command(changed as ChainEntry[]);
    expect({ status, stdout }).toMatchObject({ status: 1, stdout: expect.stringContaining("entry 3") });
  });

  test("an end that was cut off is named by the head that the server has", async () => {
    const { faults } = await compared(entries.slice(0, 4));
    expect(faults).toContainEqual(
      expect.stringMatching(/^the Mac's record ends at entry 4, but .* knows entry 6/),
    );
  });

  test("another machine's record is not taken for it", async () => {
    const { faults } = await compared(await recordOf(other));
    expect(faults).toContainEqual(expect.stringContaining("is not signed with the key of this Mac"));
    expect(faults).toContainEqual(expect.stringContaining("its end was cut off"));
  });

  test("a call that the server's trail does not have is named", async () => {
    const { calls, publicKey } = await serversSideOf();
    const [first = ""] = calls.keys();
    calls.delete(first);
    const { faults } = await compareNode(mac.id, { calls, publicKey }, { first: 1, entries });
    expect(faults).toEqual([expect.stringContaining(`${first}): the server's trail has no such call`)]);
  });

  test("only its owner and admins read it", async () => {
    const asked = { id: mac.id, from: 1, limit: 1 };
    await expect(edge.stack.as(aUser(), "tools.chain", asked)).rejects.toMatchObject({
      type: "node_not_found",
    });
    expect((await edge.stack.as(aUser({ role: "admin" }), "tools.chain", asked)).entries).toHaveLength(1);
  });
});

async function serversSideOf() {
  const { trail, close } = openAudit(edge.stack.home);
  const side = await serversSide(trail, mac.id);
  await close();
  return side;
}

describe("a Mac whose record was tampered with", () => {
  test("put back to an older state it is refused, audited and shown to its owner; what ran is told all the same", async () => {
    await serving.stop();
    const { records, journal } = nodeFolder(join(mac.home, "node"));
    const folder = join(records, mac.id);
    for (const name of await readdir(folder))
      if (name.startsWith("chain-")) {
        const lines = (await readFile(join(folder, name), "utf8")).split("\n");
        await writeFile(join(folder, name), `${lines.slice(0, 2).join("\n")}\n`);
      }
    await rm(journal, { recursive: true });
    serving = await mac.serve();
    await edge.connected(mac);
    const result = await edge.stack.as(owner, "tools.execute", write("three.txt"));
    expect(result.ok).toBe(true);
    const view = await waitFor("its owner is told", async () => {
      const node = await viewOf(mac);
      return node.record_problem === undefined ? undefined : node;
    });
    expect(view.record_problem).toMatch(/has gone back|another entry/);
    const rows = await edge.stack.broker.core.ports
      .sql<{ audit: { subject: string; entry: string; details: string } }>()
      .selectFrom("audit")
      .select("details")
      .where("subject", "=", mac.id)
      .where("entry", "like", "node.refused%")
      .execute();
    expect(rows.map(({ details }) => details)).toContainEqual(expect.stringContaining("record of calls"));
  });
});

describe("a trail that was tampered with on the server", () => {
  test("a changed row is named by the trail's own hashes, and by the Mac's record", async () => {
    const home = join(mac.home, "copy");
    await mkdir(home);
    const from = new DatabaseSync(join(edge.stack.home, "macjarvis.db"));
    from.exec(`VACUUM INTO '${join(home, "macjarvis.db")}'`);
    from.close();
    await writeFile(join(home, "audit-key"), await readFile(join(edge.stack.home, "audit-key")), {
      mode: 0o600,
    });
    const copy = new DatabaseSync(join(home, "macjarvis.db"));
    copy.exec(
      `UPDATE audit SET details = replace(details, '"name":"execute_shell_command"', '"name":"read_file"') WHERE entry = 'call.sent'`,
    );
    copy.close();
    const { trail, close } = openAudit(home);
    const { faults } = await compareNode(mac.id, await serversSide(trail, mac.id), { first: 1, entries });
    await close();
    expect(faults).toContainEqual(expect.stringContaining("another tool than entry 6"));
  });
});
