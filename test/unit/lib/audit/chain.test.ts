import { describe, expect, test } from "@jest/globals";
import { hashOfRow, NO_HASH, verifyAudit } from "../../../../lib/audit/chain.ts";
import type { AuditRow, AuditRows } from "../../../../lib/ports/audit.ts";

const LENGTH = 2_500;

function chainOf(count: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let seq = 1; seq <= count; seq += 1) {
    const row = {
      writer: "w",
      seq,
      at: "2026-11-25T00:00:00.000Z",
      subject: `run_${seq}`,
      entry: "run.accepted",
      user_id: "usr_1",
      details: JSON.stringify({ seq }),
    };
    rows.push({ ...row, hash: hashOfRow(row, rows.at(-1)?.hash ?? NO_HASH), seal: "" });
  }
  return rows;
}

const trailOf = (rows: AuditRow[]): AuditRows => ({
  unreadable: async () => [],
  unreadableIn: async () => [],
  writers: async () => [...new Set(rows.map(({ writer }) => writer))],
  head: async (writer) => ({ writer, seq: rows.at(-1)?.seq ?? 0, hash: rows.at(-1)?.hash ?? NO_HASH }),
  rows: async (writer, after, limit) =>
    rows
      .filter((row) => row.writer === writer && row.seq > after)
      .toSorted((a, b) => a.seq - b.seq)
      .slice(0, limit),
  rowsBefore: async (writer, before, limit) =>
    rows
      .filter((row) => row.writer === writer && row.seq < before)
      .toSorted((a, b) => b.seq - a.seq)
      .slice(0, limit),
});

/** The chain after somebody had it in hand. */
function tampered(change: (rows: AuditRow[]) => void): AuditRows {
  const rows = chainOf(LENGTH);
  change(rows);
  return trailOf(rows);
}

const rowAt = (rows: AuditRow[], seq: number) => rows[seq - 1] as AuditRow;

describe("G31 audit verify", () => {
  test("finds nothing in a trail as it was written, longer than one page", async () => {
    const rows = chainOf(LENGTH);
    const verdict = await verifyAudit(trailOf(rows), [await trailOf(rows).head("w")]);
    expect(verdict).toMatchObject({ rows: LENGTH, faults: [], heads: [{ writer: "w", seq: LENGTH }] });
    expect(await verifyAudit(trailOf([]))).toEqual({ rows: 0, heads: [], faults: [] });
  });

  test.each(["at", "subject", "entry", "user_id", "details", "hash"] as const)(
    "finds a row whose %s was changed, and names it",
    async (field) => {
      const trail = tampered((rows) => Object.assign(rowAt(rows, 1_200), { [field]: "changed" }));
      const { faults } = await verifyAudit(trail);
      expect(faults[0]).toContain("w row 1200 ");
    },
  );

  test.each([0, -7, Number.MIN_SAFE_INTEGER + 1, 2.5])(
    "finds a row that was added as number %d",
    async (seq) => {
      const trail = tampered((rows) => {
        rows.push({ ...rowAt(rows, 1), seq, entry: "added" });
      });
      const { faults } = await verifyAudit(trail);
      expect(faults).toEqual([expect.stringContaining("added of run_1")]);
    },
  );

  test("names every row of a trail that was changed from end to end", async () => {
    const rows = chainOf(130_000);
    for (const row of rows) row.user_id = "usr_other";
    const trail = { ...trailOf(rows), rows: async (_: string, after: number) => (after < 0 ? rows : []) };
    expect((await verifyAudit(trail)).faults).toHaveLength(130_000);
  });

  test.each([1, 1_000, 1_001, 2_499])("finds that row %i was removed", async (seq) => {
    const { faults } = await verifyAudit(tampered((rows) => rows.splice(seq - 1, 1)));
    expect(faults).toContainEqual(`w: row ${seq} is missing`);
  });

  test("finds rows that changed places", async () => {
    const trail = tampered((rows) => {
      const [a, b] = [rowAt(rows, 7), rowAt(rows, 8)];
      Object.assign(a, { seq: 8 });
      Object.assign(b, { seq: 7 });
    });
    expect((await verifyAudit(trail)).faults.length).toBeGreaterThan(0);
  });

  test("finds an end that was cut off, and a whole trail that is gone, against a head kept elsewhere", async () => {
    const head = await trailOf(chainOf(LENGTH)).head("w");
    const cut = tampered((rows) => rows.splice(LENGTH - 1));
    expect((await verifyAudit(cut)).faults).toEqual([]);
    expect((await verifyAudit(cut, [head])).faults).toEqual([
      `w ends at row ${LENGTH - 1}, but row ${LENGTH} was there: its end was cut off`,
    ]);
    expect((await verifyAudit(trailOf([]), [head])).faults).toHaveLength(1);
  });

  test("finds a chain that was written anew, against a head kept elsewhere", async () => {
    const head = await trailOf(chainOf(10)).head("w");
    const anew = chainOf(20);
    anew.splice(0, 20, ...chainOf(20).map((row) => ({ ...row })));
    let before = NO_HASH;
    for (const row of anew) {
      if (row.seq === 3) row.details = "{}";
      row.hash = hashOfRow(row, before);
      before = row.hash;
    }
    expect((await verifyAudit(trailOf(anew))).faults).toEqual([]);
    expect((await verifyAudit(trailOf(anew), [head])).faults).toEqual([
      "w row 10 (run.accepted of run_10) is not the row whose hash was kept: the chain was written anew",
    ]);
  });
});
