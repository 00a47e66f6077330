import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedPorts } from "../../../../lib/embedded/open-embedded-ports.ts";
import { adapterContract } from "../../../support/contracts/adapter-contract.ts";
import { auditContract } from "../../../support/contracts/audit-contract.ts";
import { documentsContract } from "../../../support/contracts/documents-contract.ts";
import { eventsContract } from "../../../support/contracts/events-contract.ts";
import { shortLivedContract } from "../../../support/contracts/short-lived-contract.ts";
import { signalsContract } from "../../../support/contracts/signals-contract.ts";
import { sharedMomentsContract, sqlContract } from "../../../support/contracts/sql-contract.ts";
import { workContract } from "../../../support/contracts/work-contract.ts";

async function openPorts() {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-ports-"));
  const ports = openEmbeddedPorts({ home });
  return {
    ports,
    async close() {
      await ports.close();
      await rm(home, { recursive: true });
    },
  };
}

documentsContract("SQLite", openPorts);
adapterContract("SQLite", openPorts);
eventsContract("segment files", openPorts);
sqlContract("SQLite", openPorts);
sharedMomentsContract("SQLite", openPorts);
auditContract("SQLite", openPorts);
workContract("SQLite", openPorts);
shortLivedContract("one process", openPorts);
signalsContract("one process", openPorts);
