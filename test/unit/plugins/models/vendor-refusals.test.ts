// The corpus of refusals in vendors' words (test/fixtures/vendors/refusals.json): what each is, what it tells besides, and that
// nothing of its words goes on (G21).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type Refused, reportedError, statusError } from "../../../../plugins/models/wire/provider-error.ts";

type Row = {
  vendor: string;
  status: number;
  body: unknown;
  /** A code of the catalogue, or the reason of `model_rejected`. */
  expect: string;
  tokens?: object;
  demands?: string[];
  wait_ms?: number;
};

const FILE = join(import.meta.dirname, "..", "..", "..", "fixtures", "vendors", "refusals.json");
const ROWS = JSON.parse(readFileSync(FILE, "utf8")) as Row[];
const FAILING = { provider: "openai", model: "m" };

describe("the corpus of vendors' refusals", () => {
  test.each(ROWS.map((row) => ({ ...row, name: `${row.vendor} (HTTP ${row.status}): ${row.expect}` })))(
    "$name",
    (row) => {
      const error = statusError(FAILING, row.status, {}, JSON.stringify(row.body));
      const reason = (error.data.show as { reason?: string } | undefined)?.reason;
      expect(reason ?? error.type).toBe(row.expect);
      expect(error.data.retryAfterMs).toBe(row.wait_ms);
      if (row.tokens) expect((error as Refused).facts.tokens).toEqual(row.tokens);
      if (row.demands) expect((error as Refused).facts.demands).toEqual(row.demands);
      expect(error.message).not.toMatch(/canary|organization|TPM|team|\d{4,}/);
    },
  );

  test("within an answer that began with 200 they mean the same", () => {
    const inside = ROWS.filter(({ body }) => typeof body === "object" && body !== null && "error" in body);
    const codes = inside.map(({ body }) => {
      const error = reportedError(FAILING, (body as { error: unknown }).error);
      return (error.data.show as { reason?: string } | undefined)?.reason ?? error.type;
    });
    // Without their status some can only be guessed; what they are about must not change.
    for (const [index, { vendor, expect: expected }] of inside.entries())
      if (["context_length", "model_rate_limited", "model_filtered"].includes(expected))
        expect([vendor, codes[index]]).toEqual([vendor, expected]);
  });
});
