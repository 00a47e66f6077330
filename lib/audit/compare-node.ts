// Holds a Mac's own record of its calls against the server's audit trail: each has what the other one signed or hashed, so a change on
// either side is found, and named (docs/audit.md).
import type { ChainEntry, ChainFact, NodeHead } from "../../contracts/node-chain.ts";
import { nodeHead } from "../../contracts/node-chain.ts";
import type { AuditRow, AuditRows } from "../ports/audit.ts";
import { allRows, NO_HASH } from "./chain.ts";
import { faultOfEntry } from "./node-chain.ts";

/** What the server's trail says of one call on the Mac. */
type ServersCall = {
  user_id: string;
  /** Where its end stands, in words. */
  row: string;
  name?: unknown;
  args_sha256?: unknown;
  ended?: { status: unknown; result_sha256: unknown; head: NodeHead | undefined };
};
export type ServersSide = { publicKey: string | undefined; calls: Map<string, ServersCall> };

/** All that the trail says of a Mac. Details that cannot be read are found by verifying the trail itself. */
export async function serversSide(trail: AuditRows, nodeId: string): Promise<ServersSide> {
  const side: ServersSide = { publicKey: undefined, calls: new Map() };
  const ended: { row: AuditRow; details: Record<string, unknown> }[] = [];
  for (const writer of await trail.writers())
    for await (const row of allRows(trail, writer)) {
      const [entry] = row.entry.split(" ");
      if (entry !== "node.paired" && entry !== "call.sent" && entry !== "call.ended") continue;
      const details = detailsOf(row);
      if (entry === "node.paired" && row.subject === nodeId && typeof details.public_key === "string")
        side.publicKey = details.public_key;
      if (entry === "call.sent" && details.node_id === nodeId) {
        const { name, args_sha256 } = details;
        const call = { user_id: row.user_id, row: nameOf(row), name, args_sha256 };
        side.calls.set(callOf(row, details), call);
      }
      if (entry === "call.ended") ended.push({ row, details });
    }
  // Of other writers, an end may come before its beginning.
  for (const { row, details } of ended) {
    const call = side.calls.get(callOf(row, details));
    const head = nodeHead.safeParse(details.node_head).data;
    const { status, result_sha256 } = details;
    if (call) Object.assign(call, { row: nameOf(row), ended: { status, result_sha256, head } });
  }
  return side;
}

const nameOf = ({ writer, seq, entry, subject }: AuditRow) => `${writer} row ${seq} (${entry} of ${subject})`;
const callOf = ({ subject }: AuditRow, { call_id }: Record<string, unknown>) => String(call_id ?? subject);

function detailsOf({ details }: AuditRow): Record<string, unknown> {
  try {
    return Object(JSON.parse(details)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export type MacsSide = {
  /** In order, as the Mac gives them. */
  entries: AsyncIterable<ChainEntry> | Iterable<ChainEntry>;
  /** As the Mac says: the oldest that it has kept. */
  first: number;
};
/** `entries`: how many the Mac has; `calls`: ends that both sides have. `notes`: what is no fault, and yet worth a look. */
export type Comparison = { entries: number; calls: number; faults: string[]; notes: string[] };

type Begun = Extract<ChainFact, { kind: "begun" }>;

export async function compareNode(nodeId: string, server: ServersSide, mac: MacsSide): Promise<Comparison> {
  const { publicKey = "", calls } = server;
  const found: Comparison = { entries: 0, calls: 0, faults: [], notes: [] };
  const heads = new Map<number, { callId: string; row: string; hash: string }>();
  for (const [callId, { ended, row }] of calls)
    if (ended?.head) heads.set(ended.head.seq, { callId, row, hash: ended.head.hash });
  const begun = new Map<string, Begun>();
  const known = new Set<string>();
  const older = [...heads.keys()].filter((seq) => seq < mac.first);
  let before = { seq: mac.first - 1, hash: mac.first <= 1 ? NO_HASH : heads.get(mac.first - 1)?.hash };
  if (mac.first > 1)
    found.notes.push(`the Mac has kept nothing before entry ${mac.first}: ${older.length} calls are older`);
  for await (const entry of mac.entries) {
    found.entries += 1;
    const name = `entry ${entry.seq} (${entry.kind} ${entry.call_id})`;
    found.faults.push(...placeFaults(entry, before, name));
    const own = faultOfEntry(entry, publicKey, nodeId);
    if (own !== undefined) found.faults.push(`${name} ${own}`);
    before = { seq: entry.seq, hash: entry.hash };
    const kept = heads.get(entry.seq);
    heads.delete(entry.seq);
    if (kept && kept.hash !== entry.hash)
      found.faults.push(`${name} is not the one that the Mac told of when ${kept.row} was written`);
    if (own !== undefined) continue;
    if (entry.kind === "begun") begun.set(entry.call_id, entry);
    const call = calls.get(entry.call_id);
    if (!call) {
      if (!known.has(entry.call_id))
        found.faults.push(`${name}: the server's trail has no such call, and the Mac has run it`);
      known.add(entry.call_id);
    } else if (entry.kind === "ended") compareCall(entry, begun.get(entry.call_id), call, name, found);
  }
  for (const [seq, { row }] of heads)
    if (seq > before.seq)
      found.faults.push(
        `the Mac's record ends at entry ${before.seq}, but ${row} knows entry ${seq}: its end was cut off`,
      );
    else if (seq >= mac.first && mac.first > 0)
      found.faults.push(`${row} knows entry ${seq}, which is missing in the Mac's record`);
  return found;
}

function placeFaults(
  entry: ChainEntry,
  before: { seq: number; hash: string | undefined },
  name: string,
): string[] {
  const next = before.seq + 1;
  if (entry.seq > next)
    return [
      `the Mac's record: ${entry.seq - 1 === next ? `entry ${next} is` : `entries ${next} to ${entry.seq - 1} are`} missing`,
    ];
  if (entry.seq < next) return [`${name} is there again: the Mac's record has two beginnings`];
  return before.hash === undefined || before.hash === entry.previous
    ? []
    : [`${name} does not follow the one before it`];
}

function compareCall(
  entry: Extract<ChainEntry, { kind: "ended" }>,
  begun: Begun | undefined,
  call: ServersCall,
  name: string,
  found: Comparison,
): void {
  const { ended, row } = call;
  if (begun) {
    const differs = [
      ...(begun.tool === call.name || typeof call.name !== "string" ? [] : ["another tool"]),
      ...(begun.args === call.args_sha256 ? [] : ["other arguments"]),
      ...(begun.user_id === call.user_id ? [] : ["another user"]),
    ];
    if (differs.length > 0) found.faults.push(`${row} has ${differs.join(" and ")} than ${name}`);
  }
  if (!ended?.head) {
    found.notes.push(`${name}: the server has never had its result`);
    return;
  }
  // One that may be repeated may have been run before.
  if (ended.head.seq !== entry.seq) return;
  found.calls += 1;
  const differs = [
    ...(ended.status === entry.status ? [] : ["another status"]),
    ...(ended.result_sha256 === entry.result ? [] : ["another result"]),
  ];
  if (differs.length > 0) found.faults.push(`${row} has ${differs.join(" and ")} than ${name}`);
}
