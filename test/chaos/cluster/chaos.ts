// Chaos: a cluster with many live runs, storms of faults, quiet after each, and then the judgement over all that was told and all that
// is stored.
import { setTimeout as sleep } from "node:timers/promises";
import { readClusterRecords } from "../../support/auditor/cluster-records.ts";
import { auditRecords } from "../../support/auditor.ts";
import { randomOf } from "../../support/random.ts";
import type { Fault } from "./faults.ts";
import { judge } from "./judge.ts";
import type { ChaosOptions } from "./options.ts";
import { Person } from "./person.ts";
import { type Cycle, cycleLine, type Report, reportOf } from "./report.ts";
import { ready, type Stage, startStage } from "./stage.ts";
import { Stores } from "./stores.ts";
import { planFirstStorm, planStorm, storm } from "./storm.ts";
import { type TakeOver, watchTakeOver } from "./take-overs.ts";

const STORM_MS = 60_000;
/** All has ended by then, or it is late. */
const QUIET_MS = 60_000;
/** What has not ended by then never will. */
const NEVER_MS = 600_000;
const LOOK_MS = 500;
/** Between two pieces of the model's answers. */
const PACE_MS = 150;

/** @param tell what happens, a line each */
export async function runChaos(options: ChaosOptions, tell: (line: string) => void): Promise<Report> {
  const source = randomOf(options.seed);
  /** Each has its own, so that nobody's next draw depends on who is quicker. */
  const fork = () => randomOf(Math.floor(source() * 2 ** 32));
  const stage = await startStage(options, tell);
  const stores = new Stores(stage.cluster);
  const report = reportOf(options, stage.logs);
  try {
    speakSlowly(stage);
    const storms = fork();
    const persons: Person[] = [];
    for (let n = 0; n < Math.ceil(options.live / 2); n += 1)
      persons.push(await Person.register(stage, fork(), report.calls, n % 2 === 1));
    for (let left = options.minutes * 60_000; left > 0; left -= STORM_MS) {
      const names = stage.members.map(({ name }) => name);
      const plan = report.cycles === 0 ? planFirstStorm : planStorm;
      const faults = plan(storms, names, Math.min(left, STORM_MS));
      const cycle = await oneCycle(stage, stores, persons, faults, options.live, report, tell);
      tell(cycleLine(report, cycle));
      // What never ends keeps its chat, too.
      if (cycle.quietMs > NEVER_MS) break;
    }
  } catch (thrown) {
    report.faults.add(`chaos itself broke: ${thrown instanceof Error ? thrown.stack : thrown}`);
  } finally {
    await stores.close();
    await stage.stop(report.faults.size > 0 || report.late.length > 0);
  }
  return report;
}

async function oneCycle(
  stage: Stage,
  stores: Stores,
  persons: readonly Person[],
  faults: readonly Fault[],
  live: number,
  report: Report,
  tell: (line: string) => void,
): Promise<Cycle> {
  for (const person of persons) person.sent = [];
  let isCalm = false;
  const lives = Array.from({ length: live }, (_, n) => persons[n % persons.length]?.live(() => isCalm));
  const watches: Promise<TakeOver[]>[] = [];
  let isJudged = false;
  const done = await storm(stage, faults, (fault) => {
    tell(
      `  ${(fault.atMs / 1_000).toFixed(1)} s ${fault.kind}: ${fault.target} ${fault.way ?? ""} ${fault.forMs} ms`,
    );
    const agent = stage.agents.find(({ name }) => name === fault.target);
    if (fault.kind === "kill -9" && agent) watches.push(watchTakeOver(stores, agent.nodeId, () => isJudged));
  });
  report.done.push(...done);
  isCalm = true;
  const quietMs = await quiet(stage, stores, Promise.all(lives), report);
  isJudged = true;
  const takeOvers = (await Promise.all(watches)).flat();
  report.takeOvers.push(...takeOvers);
  const judged = await judge(persons);
  const { NATS_URL: nats = "", POSTGRES_URL: postgres = "", MONGO_URL: mongo = "" } = stage.cluster.settings;
  const records = await readClusterRecords({ nats, postgres, mongo, nodeHome: stage.node.home });
  for (const fault of [...judged.faults, ...auditRecords(records)]) {
    if (!report.faults.has(fault)) tell(`  FOUND ${fault}`);
    report.faults.add(fault);
  }
  for (const person of persons) for (const { reader } of person.sent) report.cuts += reader.cuts;
  report.runs += judged.runs;
  stage.cluster.fake.requests.length = 0;
  return { ...judged, done: done.length, quietMs, takeOvers };
}

/** Waits until everything has ended that was begun. @returns how long that took */
async function quiet(stage: Stage, stores: Stores, lives: Promise<unknown>, report: Report): Promise<number> {
  const from = performance.now();
  const passed = () => performance.now() - from;
  await ready(stage);
  let isLeft = true;
  void lives.then(() => {
    isLeft = false;
  });
  let isTold = false;
  for (;;) {
    const open = await stores.openRuns();
    const holds = open.length === 0 ? await stores.holds() : 0;
    if (!isLeft && open.length === 0 && holds === 0) return passed();
    const words = `${open.length} runs open (${JSON.stringify(open.slice(0, 3).map(shownRun))}), ${holds} holds, ${isLeft ? "some" : "no"} chats wait`;
    if (passed() > QUIET_MS && !isTold) {
      isTold = true;
      report.late.push(`not quiet after ${QUIET_MS / 1_000} s: ${words}`);
    }
    if (passed() > NEVER_MS) {
      report.faults.add(`G4, G7: not quiet after ${NEVER_MS / 1_000} s: ${words}`);
      return passed();
    }
    await sleep(LOOK_MS);
  }
}

const shownRun = ({ _id, status, owner, epoch }: Record<string, unknown>) => ({ _id, status, owner, epoch });

/** Answers take seconds, so that runs are alive when something happens to them. */
function speakSlowly({ cluster: { fake } }: Stage): void {
  const words = Array.from({ length: 12 }, (_, n) => `word${n} `);
  fake.script(({ heard }) => {
    if (heard.results.length > 0 || !heard.message.startsWith("call:"))
      return { text: words, delayMs: PACE_MS };
    return undefined;
  });
}
