// Calls on real Mac programs while everything between them and the hub goes wrong, and either side dies around each of its writes: none runs
// twice, none behind its deadline, none on a revoked Mac, and each has an outcome that is true or says that nobody knows (G3, G23, G24).
// EDGE_FAULTS says how many calls, EDGE_SEED repeats a series.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { macFaults } from "../support/auditor/mac-faults.ts";
import type { MacRecords } from "../support/auditor/mac-records.ts";
import type { Records } from "../support/auditor/records.ts";
import { auditRecords } from "../support/auditor.ts";
import { FAULTS } from "../support/edge/faults/faults.ts";
import { nameOf, Series } from "../support/edge/faults/series.ts";
import { type ServedMacs, startServedMacs } from "../support/edge/served-macs.ts";
import { environment } from "../support/environment.ts";
import { randomOf } from "../support/random.ts";

const COUNT = Number(process.env.EDGE_FAULTS ?? 60);
const SEED = Number(process.env.EDGE_SEED ?? Date.now() % 1_000_000);
const AT_ONCE = 10;
const MOST_TRIES = 5;
const ROOT = join(import.meta.dirname, "../..");

let macs: ServedMacs;
let series: Series;

beforeAll(async () => {
  // What is never answered is given up at the deadline of its run.
  macs = await startServedMacs({ RUN_DEADLINE_S: "30" });
  // The processes of its commands stand in its journal: those in a sandbox end with that.
  const mac = await macs.pair("studio", { sandbox: "off" });
  series = new Series(macs, mac, randomOf(SEED));
  await macs.online(mac);
});
afterAll(() => macs.stop());

type Tally = Record<string, number>;
const count = (tally: Tally, what: string) => {
  tally[what] = (tally[what] ?? 0) + 1;
};

/** Each fault once, and then any, for as long as calls are made. @param isOver whether all are made that are wanted */
async function spoil(isOver: () => boolean, missed: Tally): Promise<Tally> {
  const tally: Tally = {};
  const names = Object.keys(FAULTS);
  const open = new Map(names.map((name) => [name, series.random()]));
  while (open.size > 0 || !isOver()) {
    const [next = names[Math.floor(series.random() * names.length)] ?? ""] =
      [...open].toSorted(([, a], [, b]) => a - b)[0] ?? [];
    const isMet = await FAULTS[next]?.(series);
    count(isMet ? tally : missed, next);
    if (isMet) open.delete(next);
    // What has not come to be is tried again behind the others.
    else if (open.has(next)) open.set(next, (open.get(next) ?? 0) + 1);
    if ((missed[next] ?? 0) >= MOST_TRIES) open.delete(next);
    await sleep(series.between(100, 1_000));
  }
  return tally;
}

describe(`${COUNT} calls while everything goes wrong (EDGE_SEED=${SEED})`, () => {
  test(
    "G3 G23 G24 none runs twice, behind its deadline or on a revoked Mac, and what is said of each is true",
    async () => {
      const began = performance.now();
      let isSpoilt = false;
      const missed: Tally = {};
      const trouble = spoil(() => series.made >= COUNT, missed).finally(() => {
        isSpoilt = true;
      });
      const callers = Array.from({ length: AT_ONCE }, async () => {
        while (!isSpoilt) {
          await sleep(series.between(0, 500));
          await series.call();
        }
      });
      const faults = await trouble;
      await Promise.all(callers);
      await macs.online(series.mac);
      // In order: it ends what still runs, and then nothing can.
      await series.mac.program.stop();
      const nodes = await macs.stack.sql("SELECT id, revoked_at FROM nodes");
      await macs.stack.server.kill("SIGTERM");
      const records = await macs.stack.records();
      const kept = series.records(nodes);
      const found = macFaults(records, {
        ...{ macs: kept, nameOf, deadlines: macs.tamperer.deadlines },
      });
      // The figures of the series, for whoever reads the log.
      const seconds = Math.round((performance.now() - began) / 1_000);
      const outcomes = outcomesOf(records);
      console.log(JSON.stringify({ seed: SEED, calls: series.made, seconds, outcomes, faults, missed }));
      expect(found).toEqual([]);
      expect(Object.keys(faults).toSorted()).toEqual(Object.keys(FAULTS).toSorted());
      // The other guarantees hold as well, with what the Macs have written.
      const journal = new Map([...records.journal, ...kept.flatMap((mac) => [...mac.journal])]);
      expect(auditRecords({ ...records, journal })).toEqual([]);
      expect(verify(kept[0])).toMatchObject({ status: 0, stdout: expect.stringContaining("say the same") });
    },
    300_000 + COUNT * 5_000,
  );
});

function outcomesOf({ calls }: Records): Tally {
  const tally: Tally = {};
  for (const { status, node_id } of calls.values()) if (node_id !== null) count(tally, String(status));
  return tally;
}

/** As its owner proves it: `npm run audit -- verify --node`, with the record in a file. */
function verify(mac: MacRecords | undefined) {
  const file = join(macs.stack.workspace, "exported.jsonl");
  const [chain = []] = mac?.chains ?? [];
  writeFileSync(file, chain.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  const args = [join(ROOT, "bin/audit.ts"), "verify", "--node", mac?.nodeId ?? "", "--chain", file];
  const env = environment({ MACJARVIS_HOME: macs.stack.server.home, LANG: "C" });
  return spawnSync(join(ROOT, "node_modules/.bin/node"), args, { env, encoding: "utf8" });
}
