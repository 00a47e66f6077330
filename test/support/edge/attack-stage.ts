// Attacks by a Mac with valid credentials of its own: every attack of docs/moleculer-facts and more. What NATS itself refuses (another
// sender, another Mac's subjects) the hub cannot see: test/edge/rights.test.ts has it. test/edge/attacks/ has what reaches the hub.
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect } from "@jest/globals";
import type { Caller } from "../../../contracts/access.ts";
import type { CallId, RunId, UserId } from "../../../contracts/ids.ts";
import { newId } from "../../../lib/ids.ts";
import type { NodeCall } from "../../../services/tools/machines/machine.ts";
import { aUser } from "../test-broker.ts";
import { waitFor } from "../wait-for.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "./edge-stack.ts";
import { description, Rogue } from "./rogue.ts";

export const MIB = 1_048_576;
export const as = (user_id: UserId): Caller => aUser({ user_id });
export const seedOf = ({ key }: PairedMac) => Buffer.from(key.seed).toString();

export function call(name: string, args: Record<string, unknown>, more: Partial<NodeCall> = {}): NodeCall {
  return {
    ...{ call_id: newId<CallId>("call"), run_id: newId<RunId>("run"), epoch: 1, name, args, approved: true },
    ...{ deadline_at: Date.now() + 60_000, attempt: 1, ...more },
  };
}

/** An edge with one honest Mac, for all tests of a file. After each attack the honest Mac still works, and its owner sees it. */
export function attackStage() {
  const stage = {
    ...({} as { edge: EdgeStack; honest: PairedMac }),
    owner: newId<UserId>("user"),
    attacker: newId<UserId>("user"),
    /** What leaves after the test. */
    opened: [] as { leave(): Promise<void> }[],
    aRogue,
    execute,
    honestCall,
    oddities,
    settled,
  };

  beforeAll(async () => {
    stage.edge = await startEdgeStack();
    stage.honest = await stage.edge.pair(stage.owner, "honest");
    await stage.honest.serve();
    await stage.edge.connected(stage.honest);
  });
  afterEach(async () => {
    await Promise.all(stage.opened.splice(0).map((one) => one.leave()));
    await honestCall();
    const { nodes } = await stage.edge.stack.as(as(stage.owner), "nodes.list", {});
    expect(nodes).toContainEqual(expect.objectContaining({ id: stage.honest.id, status: "online" }));
  });
  afterAll(() => stage.edge.stop());

  /** A new rogue Mac that hubs hear. */
  async function aRogue(answers: (action: string) => unknown = () => undefined) {
    const mac = await stage.edge.pair(stage.attacker, `rogue-${randomUUID().slice(0, 8)}`);
    const rogue = await Rogue.connect(stage.edge, mac);
    stage.opened.push(rogue);
    rogue.answer = ({ action }) =>
      action === "node.describe" ? (answers(action) ?? description()) : answers(action);
    rogue.come();
    await stage.edge.connected(mac);
    return { mac, rogue };
  }

  function execute(mac: PairedMac, one: NodeCall, limitMs = 60_000) {
    return stage.edge.machine(mac).execute(one, limitMs);
  }

  /** A call on the honest Mac; milliseconds that it took. */
  async function honestCall(): Promise<number> {
    const began = performance.now();
    const file = join(stage.honest.root, "alive.txt");
    await writeFile(file, "alive");
    expect(await execute(stage.honest, call("read_file", { path: file }))).toMatchObject({ status: "done" });
    return performance.now() - began;
  }

  async function oddities(mac: PairedMac): Promise<string[]> {
    const rows = (await stage.edge.audited(mac)).filter(({ entry }) => entry.startsWith("node.refused"));
    return [...new Set(rows.map(({ details }) => (JSON.parse(details) as { what: string }).what))];
  }

  /** Answers when the hub has looked at all that was said before. */
  async function settled({ rogue }: { rogue: Rogue }): Promise<void> {
    const what = `X${randomUUID()}`;
    await rogue.connection.flush();
    rogue.say("PING", { id: what });
    await rogue.connection.flush();
    await stage.edge.hub().broker.transit?.discoverNodes();
    const heard = rogue.heard.length;
    await waitFor("the hub speaks", () => rogue.heard.length > heard);
  }

  return stage;
}
