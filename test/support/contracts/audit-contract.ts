// What every adapter of the audit trail must do: one chain for a writer, each entry once, in the moment it belongs to.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { UserId } from "../../../contracts/ids.ts";
import { verifyAudit } from "../../../lib/audit/chain.ts";
import type { AuditEntry, AuditRow, AuditRows, AuditTrail } from "../../../lib/ports/audit.ts";
import type { OpenPorts } from "./documents-contract.ts";

const entry = (subject: string, name = "run.accepted"): AuditEntry => ({
  subject,
  entry: name,
  user_id: "usr_1" as UserId,
  details: { n: 1, text: "ünï ✓" },
});

export function auditContract(adapter: string, openPorts: OpenPorts<"audit" | "moments">): void {
  describe(`G31 the audit trail on ${adapter}`, () => {
    let opened: Awaited<ReturnType<OpenPorts<"audit" | "moments">>>;
    let trail: AuditTrail & AuditRows;
    beforeEach(async () => {
      opened = await openPorts();
      trail = opened.ports.audit as unknown as AuditTrail & AuditRows;
    });
    afterEach(() => opened.close());

    const all = async (): Promise<AuditRow[]> =>
      (await Promise.all((await trail.writers()).map((writer) => trail.rows(writer, 0, 1_000)))).flat();

    test("is read backwards from any row, and by its writers' names", async () => {
      for (let n = 1; n <= 5; n += 1) await trail.append(entry(`run_${n}`));
      const { trail: read } = opened.ports.audit.reading;
      const writers = await read.writers();
      expect(writers).toHaveLength(1);
      const rows = await read.rowsBefore(writers[0] ?? "", 5, 3);
      expect(rows.map(({ seq }) => seq)).toEqual([4, 3, 2]);
      expect(rows).toEqual((await all()).slice(1, 4).toReversed());
      expect(await read.rowsBefore(writers[0] ?? "", 1, 3)).toEqual([]);
    });

    test("is one chain, also of what comes at once", async () => {
      await Promise.all(Array.from({ length: 50 }, (_, n) => trail.append(entry(`run_${n}`))));
      const rows = await all();
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
      expect(await verifyAudit(trail)).toMatchObject({ rows: 50, faults: [], heads: [{ seq: 50 }] });
    });

    test("has each entry of a subject once, as it was written first", async () => {
      await trail.append(entry("run_1"));
      await trail.append({ ...entry("run_1"), details: { n: 2 } });
      await trail.append(entry("run_1", "run.ended"));
      const rows = await all();
      expect(rows.map((row) => [row.entry, JSON.parse(row.details).n])).toEqual([
        ["run.accepted", 1],
        ["run.ended", 1],
      ]);
      expect((await verifyAudit(trail)).faults).toEqual([]);
    });

    test("has each entry once, also when it comes several times at once", async () => {
      await Promise.all(
        Array.from({ length: 60 }, (_, n) => trail.append({ ...entry(`run_${n % 20}`), details: { n } })),
      );
      const rows = await all();
      expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
      expect(rows.map(({ details }) => JSON.parse(details).n)).toEqual(
        Array.from({ length: 20 }, (_, n) => n),
      );
      expect((await verifyAudit(trail)).faults).toEqual([]);
    });

    test("is part of the moment it is written in", async () => {
      const { moments } = opened.ports;
      let inside: unknown;
      await moments.run(async () => {
        await trail.append(entry("run_1"));
        inside = (await all()).length;
      });
      expect(inside).toBe(1);
      expect(await all()).toHaveLength(1);
    });

    test("is read page by page", async () => {
      for (let n = 0; n < 5; n += 1) await trail.append(entry(`run_${n}`));
      const [writer = ""] = await trail.writers();
      expect((await trail.rows(writer, 2, 2)).map(({ seq }) => seq)).toEqual([3, 4]);
      expect(await trail.head(writer)).toMatchObject({ writer, seq: 5 });
      expect(await trail.head("nobody")).toMatchObject({ seq: 0 });
    });
  });
}
