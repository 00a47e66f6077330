// The Macs of the installation: whose they are, whether they are there, what ran on one last, and the end of one.
import type { NodeId } from "../../../contracts/ids.ts";
import type { AdminNode } from "../../../contracts/nodes.ts";
import { presenceOf } from "../../terminal/presence.ts";
import type { Ask, Command } from "../room.ts";
import { line, table } from "../show.ts";

const LAST_ENTRIES = 40;
const PAGE = 100;

async function allMacs(ask: Ask): Promise<AdminNode[]> {
  const found: AdminNode[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await ask("nodes.adminList", { limit: PAGE, ...(cursor ? { cursor } : {}) });
    found.push(...page.nodes);
    cursor = page.next_cursor;
  }
  return found;
}

const list: Command = {
  name: "macs list",
  async run({ ask }, { texts }) {
    const { repl } = texts;
    const macs = await allMacs(ask);
    const { mac, name, user, state, tools, queue, seen } = repl.columns;
    const rows = macs.map((one) => [
      ...[one.id, one.name, one.owner_id, one.frozen ? repl.frozen : presenceOf(one, texts)],
      ...[String(one.tool_count), String(one.queue_length), one.last_seen_at || repl.none],
    ]);
    return { json: { macs }, show: table([mac, name, user, state, tools, queue, seen], rows, repl.noMacs) };
  },
};

/** By the Mac's own record, which has no arguments. */
const calls: Command = {
  name: "macs calls",
  takes: ["mac"],
  async run({ ask }, { words: [given = ""], texts: { repl, nodes } }) {
    const id = given as NodeId;
    const { last } = await ask("tools.chain", { id, from: 1, limit: 1 });
    const from = Math.max(1, last - LAST_ENTRIES + 1);
    const { entries } = await ask("tools.chain", { id, from, limit: LAST_ENTRIES });
    const ends = new Map(
      entries.flatMap((entry) => (entry.kind === "ended" ? [[entry.call_id, entry.status]] : [])),
    );
    const found = entries
      .filter((entry) => entry.kind === "begun")
      .map(({ call_id, tool, user_id, at }) => ({
        ...{ call_id, tool, user_id, at: new Date(at).toISOString(), status: ends.get(call_id) ?? null },
      }));
    const { begun, tool, user, state } = repl.columns;
    const rows = found.map((one) => [
      ...[one.at, one.tool, one.user_id],
      one.status === null ? nodes.runs : (nodes.ends[one.status] ?? one.status),
    ]);
    return { json: { calls: found }, show: table([begun, tool, user, state], rows, repl.nothing) };
  },
};

const revoke: Command = {
  name: "macs revoke",
  takes: ["mac"],
  async run({ ask }, { words: [id = ""], texts: { repl }, agree }) {
    await agree(repl.confirmRevokeMac(id), "y");
    await ask("nodes.adminRevoke", { id: id as NodeId });
    return { json: { id, status: "revoked" }, show: line(repl.macRevoked(id)) };
  },
};

export const MAC_COMMANDS = [list, calls, revoke];
