// The auditor of calls on Macs sees each thing that must not be: in journals that a real Mac's code has written and a test has doctored.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { hashOf } from "../../../lib/canonical-json.ts";
import { makeKey, Signer } from "../../../lib/edge/keys/signatures.ts";
import { Chain } from "../../../mac-node/chain/chain.ts";
import { Journal } from "../../../mac-node/journal/journal.ts";
import { type FindingKind, macFaults } from "../../support/auditor/mac-faults.ts";
import { type MacRecords, readMac } from "../../support/auditor/mac-records.ts";
import type { Records, Row } from "../../support/auditor/records.ts";

const MAC = "nod_01";
const DEADLINE = 10_000;
let folder = "";
/** What a Mac has written of a call of a run and of one outside of runs, and the heads that it gave with them. */
let mac: MacRecords;
const heads: Row[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "macjarvis-auditor-"));
  const { seed, publicKey } = makeKey("user");
  const signer = new Signer(seed);
  const sign = (text: string) => signer.sign(text);
  const chain = await Chain.open(join(folder, "records", MAC), { nodeId: MAC, publicKey, sign });
  const journal = await Journal.open(join(folder, "journal"), undefined, undefined, chain);
  for (const call_id of ["call_1", "call_2"]) {
    const hash = hashOf(call_id);
    await journal.append({ kind: "seen", call_id, name: "append_file", epoch: 1, attempt: 1, at: 1 }, true, {
      ...{ kind: "begun", grant: hash, call_id, run_id: "run_1", tool: "append_file", args: hash },
      ...{ user_id: "usr_1", attempt: 1 },
    });
    const outcome = { status: "done", result: { ok: true }, duration_ms: 5 } as const;
    const ended = { kind: "ended", call_id, status: "done", result: hash, output: hash } as const;
    const link = await journal.append({ kind: "ended", call_id, at: 2, outcome }, true, ended);
    heads.push({ seq: link?.seq, hash: link?.hash, signature: link?.signature });
  }
  await journal.close();
  const effects = ["n1", "n2"].map((name) => ({ name, at: DEADLINE - 1 }));
  mac = { ...readMac(MAC, [folder], join(folder, "none")), effects };
});
afterAll(() => rm(folder, { recursive: true }));

type Doctored = { server: Records; mac: MacRecords };

/** What both sides have written, all of it good. */
function story(): Doctored {
  const end = { call_id: "call_1", status: "done", duration_ms: 5, node_head: heads[0] };
  const audit = [
    { subject: "run_1", entry: "call.ended 1.0", details: JSON.stringify(end) },
    {
      subject: "call_2",
      entry: "call.sent",
      details: JSON.stringify({ args: { name: "n2" }, node_id: MAC }),
    },
    { subject: "call_2", entry: "call.ended", details: JSON.stringify({ ...end, node_head: heads[1] }) },
  ];
  const call = { _id: "call_1", args: { name: "n1" }, node_id: MAC, status: "done", duration_ms: 5 };
  const nothing = { runs: [], sessions: [], pages: [], ledger: [], days: [], holds: 0, events: new Map() };
  const server = { ...nothing, audit, calls: new Map([["call_1", call]]), journal: new Map() };
  return structuredClone({ server, mac });
}

/** The kinds that are found, each with its call. */
function found({ server, mac }: Doctored): [FindingKind, string][] {
  const deadlines = new Map(["call_1", "call_2"].map((id) => [id, DEADLINE]));
  const nameOf = (args: unknown) => (args as { name?: string } | undefined)?.name;
  return macFaults(server, { macs: [mac], nameOf, deadlines }).map(({ kind, call }) => [kind, call]);
}

/** The call as the server has ended it, in its document and in its trail. */
function said({ server }: Doctored, end: { status: string; duration_ms: number }): void {
  Object.assign(server.calls.get("call_1") ?? {}, end);
  const { node_head: _, ...rest } = JSON.parse(String(server.audit[0]?.details)) as Row;
  Object.assign(server.audit[0] ?? {}, { details: JSON.stringify({ ...rest, ...end }) });
}

const lineOf = ({ mac }: Doctored, kind: string) =>
  mac.journal.get("call_1")?.find((line) => line.kind === kind) as Row;

test("nothing is found where both sides tell the same", () => {
  expect(found(story())).toEqual([]);
});

const DOCTORED: [FindingKind, string, (told: Doctored) => unknown, string][] = [
  ["ran twice", "its effect is there twice", ({ mac }) => mac.effects.push({ name: "n1", at: 1 }), "call_1"],
  [
    "ran twice",
    "its journal has begun it twice",
    (told) => told.mac.journal.get("call_1")?.push(lineOf(told, "seen")),
    "call_1",
  ],
  [
    "ran after its deadline",
    "its effect is of later",
    ({ mac }) => Object.assign(mac.effects[0] ?? {}, { at: DEADLINE + 201 }),
    "call_1",
  ],
  [
    "ran after revocation",
    "its Mac was revoked more than a second before",
    ({ mac }) => {
      mac.revokedAt = DEADLINE - 2_000;
      for (const effect of mac.effects) effect.at = effect.name === "n1" ? DEADLINE - 999 : 1;
    },
    "call_1",
  ],
  [
    "the server says done, the Mac never did it",
    "its effect is missing",
    ({ mac }) => mac.effects.shift(),
    "call_1",
  ],
  [
    "the server says done, the Mac never did it",
    "the journal says that it failed",
    (told) => Object.assign(lineOf(told, "ended"), { outcome: { status: "failed" } }),
    "call_1",
  ],
  [
    "the Mac did it, the server says never",
    "the server says that nothing was done",
    (told) => {
      said(told, { status: "expired", duration_ms: 0 });
      lineOf(told, "ended").outcome = { status: "failed" };
    },
    "call_1",
  ],
  [
    "the Mac did it, the server says never",
    "the journal says done and the server something else",
    (told) => said(told, { status: "failed", duration_ms: 5 }),
    "call_1",
  ],
  [
    "the Mac did it, the server says never",
    "the server knows no such call",
    ({ mac }) => mac.effects.push({ name: "n3", at: 1 }),
    "n3",
  ],
  [
    "an outcome is missing",
    "a call of a run has not ended",
    ({ server }) => Object.assign(server.calls.get("call_1") ?? {}, { status: "running" }),
    "call_1",
  ],
  [
    "an outcome is missing",
    "the trail has no end of a call of a run",
    ({ server }) => server.audit.shift(),
    "call_1",
  ],
  [
    "an outcome is missing",
    "the trail has no end of a call outside of runs",
    ({ server }) => server.audit.pop(),
    "call_2",
  ],
  [
    "heads do not fit",
    "an entry of the record was changed",
    ({ mac }) => Object.assign(mac.chains[0]?.[0] ?? {}, { tool: "read_file" }),
    MAC,
  ],
  ["heads do not fit", "an entry of the record is missing", ({ mac }) => mac.chains[0]?.splice(2, 1), MAC],
  [
    "heads do not fit",
    "the server has the head of another entry",
    ({ server }) => {
      const details = JSON.parse(String(server.audit[0]?.details)) as Row;
      Object.assign(server.audit[0] ?? {}, { details: JSON.stringify({ ...details, node_head: heads[1] }) });
    },
    "call_1",
  ],
  [
    "heads do not fit",
    "an outcome has none",
    ({ server }) => {
      const { node_head: _, ...rest } = JSON.parse(String(server.audit[0]?.details)) as Row;
      Object.assign(server.audit[0] ?? {}, { details: JSON.stringify(rest) });
    },
    "call_1",
  ],
];

test.each(DOCTORED)('"%s" is found: %s', (kind, _why, doctor, call) => {
  const told = story();
  doctor(told);
  expect(found(told)).toContainEqual([kind, call]);
  // Nothing else is blamed on any other call.
  expect(found(told).filter(([, of]) => of !== call && of !== MAC)).toEqual([]);
});
