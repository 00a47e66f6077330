// Waiting work of processes that share a database and NATS, each with connections of its own: the signal crosses from one to the other.
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { newDatabase } from "../../bin/cluster/servers/postgres.ts";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { natsSignals } from "../../lib/cluster/nats/signals.ts";
import { PATIENCE } from "../../lib/cluster/postgres/pool.ts";
import { PostgresWork } from "../../lib/cluster/postgres/postgres-work.ts";
import { usePostgres } from "../support/use-postgres.ts";
import { waitFor } from "../support/wait-for.ts";

/** Nobody looks without a signal while the test runs. */
const NEVER_MS = 24 * 3_600_000;

const { server, opened } = usePostgres();
let nats: LocalServer;
beforeAll(async () => {
  nats = await startNats();
});
afterAll(() => nats.stop());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** As a process has them: nothing is shared with another one but the servers. */
async function process(url: string) {
  const connection = await openNats({ url: nats.url, name: "a test" });
  const work = new PostgresWork(opened(url, { patience: PATIENCE }), natsSignals(connection), {
    pollMs: NEVER_MS,
  });
  closing.push(
    () => connection.close(),
    () => work.close(),
  );
  await work.makeTable();
  return work;
}

test("what one process adds another one begins, and what is driven again as well, though it would not look for a day", async () => {
  const url = await newDatabase(server());
  const [adding, working] = [await process(url), await process(url)];
  const begun: unknown[] = [];
  working.handle(
    "q",
    async ({ payload }) => {
      begun.push(payload);
      if (payload === "bad" && begun.length < 7) throw new Error("not now");
    },
    { maxAttempts: 1 },
  );
  // One behind the other: the looks of a start explain two of them at most.
  const payloads = [1, 2, 3, 4, 5, "bad"];
  for (const [index, payload] of payloads.entries()) {
    await adding.add({ queue: "q", payload });
    await waitFor(`${payload} is begun`, () => begun.length > index);
  }
  const [dead] = await waitFor("it is a dead letter", async () => {
    const letters = await adding.deadLetters(9);
    return letters.length > 0 && letters;
  });
  expect(await adding.redrive(String(dead?.id))).toBe(true);
  await waitFor("it is begun again", () => begun.length === 7);
  expect(begun).toEqual([...payloads, "bad"]);
});
