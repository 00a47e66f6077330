// A process that takes work of the queue `q` and never ends it, until it is killed: see test/cluster/postgres-work.test.ts.
import { openPostgres } from "../../lib/cluster/postgres/open-postgres.ts";
import { PostgresWork } from "../../lib/cluster/postgres/postgres-work.ts";
import { processSignals } from "../../lib/embedded/memory-ports.ts";

const [url = "", leaseMs] = process.argv.slice(2);
const postgres = openPostgres({ url, name: "killed worker" });
const work = new PostgresWork(postgres, processSignals(), { leaseMs: Number(leaseMs) });
await work.makeTable();
work.handle("q", async ({ attempt }) => {
  process.stdout.write(`begun ${attempt}\n`);
  await new Promise(() => undefined);
});
setInterval(() => undefined, 60_000);
