// G3, G24, at most once on Macs: what the server has written of each call, what the Mac has written of it, and what it did there are joined by
// its id, and have to be one story.
import { createHash } from "node:crypto";
import type { Effect, MacRecords } from "./mac-records.ts";
import type { Records, Row } from "./records.ts";

export type FindingKind =
  | "ran twice"
  | "ran after its deadline"
  | "ran after revocation"
  | "the server says done, the Mac never did it"
  | "the Mac did it, the server says never"
  | "an outcome is missing"
  | "heads do not fit";
export type Finding = { kind: FindingKind; call: string; why: string };

type Wanted = {
  macs: MacRecords[];
  /** The name that a call has among its arguments. */
  nameOf(args: unknown): string | undefined;
  /** By call: the latest that it was sent with, epoch milliseconds. */
  deadlines: ReadonlyMap<string, number>;
};

/** What the server has written of a call. */
type ServersCall = {
  id: string;
  name: string;
  nodeId: string;
  status: string | undefined;
  /** It says that nothing was done. */
  isNever: boolean;
  head: Row | undefined;
};

/** From the deadline to what a command writes first; and what revoking may take. */
const SLACK_MS = 200;
const REVOKED_IN_MS = 1_000;
const ENDS = ["done", "failed", "denied", "expired", "cancelled", "outcome_unknown"];

export function macFaults(records: Records, { macs, nameOf, deadlines }: Wanted): Finding[] {
  const byId = new Map(macs.map((mac) => [mac.nodeId, mac]));
  const calls = [...callsOfRuns(records, nameOf), ...directCalls(records, nameOf)];
  const known = new Set(calls.map(({ name }) => name));
  return [
    ...calls.flatMap((call) => {
      const mac = byId.get(call.nodeId);
      return mac ? callFindings(call, mac, deadlines.get(call.id)) : [];
    }),
    // What no call of the server's has done.
    ...macs.flatMap(({ effects }) =>
      effects
        .filter(({ name }) => !known.has(name))
        .map(({ name }) =>
          finding("the Mac did it, the server says never", name, "the server knows no such call"),
        ),
    ),
    ...macs.flatMap(chainFindings),
    ...calls.flatMap((call) => headFindings(call, byId.get(call.nodeId))),
  ];
}

const finding = (kind: FindingKind, call: string, why: string): Finding => ({ kind, call, why });

function callFindings(call: ServersCall, mac: MacRecords, deadline: number | undefined) {
  const { id, name, status, isNever } = call;
  const ran = mac.effects.filter((effect) => effect.name === name);
  const lines = mac.journal.get(id) ?? [];
  const begun = lines.filter(({ kind }) => kind === "seen").length;
  const end = lines.find(({ kind }) => kind === "ended")?.outcome as Row | undefined;
  const found: Finding[] = [];
  const add = (kind: FindingKind, why: string) =>
    found.push(finding(kind, id, `${why} (${name}, "${status}")`));
  if (ran.length > 1) add("ran twice", `it ran ${ran.length} times`);
  if (begun > 1) add("ran twice", `the journal has begun it ${begun} times`);
  const late = latest(ran, deadline === undefined ? undefined : deadline + SLACK_MS);
  if (late !== undefined) add("ran after its deadline", `${late - (deadline ?? 0)} ms behind it`);
  const afterwards = latest(ran, mac.revokedAt === undefined ? undefined : mac.revokedAt + REVOKED_IN_MS);
  if (afterwards !== undefined)
    add("ran after revocation", `${afterwards - (mac.revokedAt ?? 0)} ms after its Mac was revoked`);
  if (status === undefined) {
    add("an outcome is missing", "the server has written no end of it");
    return found;
  }
  if (status === "done" && (ran.length === 0 || end?.status !== "done"))
    add(
      "the server says done, the Mac never did it",
      `it ran ${ran.length} times, and the journal says "${end?.status}"`,
    );
  if (isNever && ran.length > 0) add("the Mac did it, the server says never", "it ran all the same");
  if (end?.status === "done" && status !== "done" && status !== "outcome_unknown")
    add("the Mac did it, the server says never", 'the journal says "done"');
  return found;
}

/** When it ran too late, if it did. */
function latest(ran: Effect[], limit: number | undefined): number | undefined {
  return limit === undefined ? undefined : ran.find(({ at }) => at > limit)?.at;
}

function* callsOfRuns({ calls, audit }: Records, nameOf: Wanted["nameOf"]): Iterable<ServersCall> {
  const ends = new Map<string, Row>();
  for (const { entry, details } of audit)
    if (String(entry).startsWith("call.ended ")) {
      const told = JSON.parse(String(details)) as Row;
      ends.set(String(told.call_id), told);
    }
  for (const [id, call] of calls) {
    const name = nameOf(call.args);
    if (name === undefined || call.node_id === null) continue;
    const told = ends.get(id);
    const isEnded = ENDS.includes(String(call.status)) && told?.status === call.status;
    yield {
      ...{ id, name, nodeId: String(call.node_id), status: isEnded ? String(call.status) : undefined },
      ...{ isNever: isEnded && saysNever(call), head: told?.node_head as Row | undefined },
    };
  }
}

/** Those that a user has made itself stand in the audit trail only, under their own id. */
function* directCalls({ audit }: Records, nameOf: Wanted["nameOf"]): Iterable<ServersCall> {
  for (const { subject, entry, details } of audit) {
    if (entry !== "call.sent") continue;
    const sent = JSON.parse(String(details)) as Row;
    const name = nameOf(sent.args);
    if (name === undefined) continue;
    const ended = audit.find((row) => row.subject === subject && row.entry === "call.ended");
    const end = ended && (JSON.parse(String(ended.details)) as Row);
    yield {
      ...{ id: String(subject), name, nodeId: String(sent.node_id) },
      ...{ status: end && String(end.status), isNever: end !== undefined && saysNever(end) },
      head: end?.node_head as Row | undefined,
    };
  }
}

/** Refused, or ended before it began: such an end has taken no time. */
function saysNever({ status, duration_ms }: Row): boolean {
  if (status === "denied" || status === "expired") return true;
  return (status === "failed" || status === "cancelled") && duration_ms === 0;
}

/** Each entry is whole and follows the one before it, and the journal has the same. */
function chainFindings({ nodeId, chains, journal }: MacRecords): Finding[] {
  const found: Finding[] = [];
  const add = (why: string) => found.push(finding("heads do not fit", nodeId, why));
  for (const chain of chains) {
    let before = { seq: 0, hash: "0".repeat(64) };
    for (const { hash, signature: _, ...rest } of chain) {
      if (hashOf(rest) !== hash) add(`entry ${rest.seq} was changed`);
      if (rest.seq !== before.seq + 1 || rest.previous !== before.hash)
        add(`entry ${rest.seq} does not follow entry ${before.seq}`);
      before = { seq: Number(rest.seq), hash: String(hash) };
    }
  }
  const kept = new Set(chains.flat().map(({ hash }) => hash));
  for (const line of [...journal.values()].flat()) {
    const link = line.link as Row | undefined;
    if (link && !kept.has(link.hash)) add(`entry ${link.seq} of the journal is not in the record`);
  }
  return found;
}

/** The head that came with an outcome is that of an end of this call. */
function headFindings({ id, head, status }: ServersCall, mac: MacRecords | undefined): Finding[] {
  if (!mac || mac.isForked) return [];
  const mine = mac.chains.flat().filter((entry) => entry.kind === "ended" && entry.call_id === id);
  if (!head)
    return status === "done" ? [finding("heads do not fit", id, "an outcome came without a head")] : [];
  const fits = mine.some(
    ({ seq, hash, signature }) => seq === head.seq && hash === head.hash && signature === head.signature,
  );
  return fits
    ? []
    : [finding("heads do not fit", id, `the server has entry ${head.seq}, the Mac another one`)];
}

/** SHA-256 of the JSON with sorted keys. */
function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, sorted(part)]));
}
