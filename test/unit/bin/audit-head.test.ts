import { expect, test } from "@jest/globals";
import { sayAuditHead } from "../../../bin/start/audit-head.ts";
import type { Log } from "../../../lib/log.ts";
import type { AuditHead } from "../../../lib/ports/audit.ts";
import { waitFor } from "../../support/wait-for.ts";

test("G31 the end of the trail is said again and again, also after it could not be read", async () => {
  const said: unknown[] = [];
  const say = (fields: Record<string, unknown>) => void said.push(fields.audit ?? fields.err);
  const log = { info: say, warn: say } as unknown as Log;
  let seq = 0;
  const head = async (): Promise<AuditHead> => {
    seq += 1;
    if (seq === 2) throw new Error("the disk does not answer");
    return { writer: "embedded", seq, hash: "" };
  };
  const quiet = sayAuditHead(head, log, 1);
  await waitFor("three times", () => said.length >= 3);
  quiet();
  expect(said.slice(0, 3)).toEqual([
    { writer: "embedded", seq: 1, hash: "" },
    new Error("the disk does not answer"),
    { writer: "embedded", seq: 3, hash: "" },
  ]);
});
