// `npm run bench`: measures the performance goals (P1 to P12) on the product beside two references in the same run; `cluster` those
// of a cluster, with the CPU time of its servers.
//
// Systems. **macjarvis** is the product as users start it, with a data folder of its own. **pipe** (pipe.ts) copies bytes to the
// upstream and back: the limit of node:http. **minagent** (minagent.ts) is JWT, quota, history, SSE, tool loop, in memory: the
// limit of one process; **natsagent** (natsagent.ts) the same over NATS: that of a cluster. All talk to one fake model server (fake-upstream.ts) and are driven by one client (load-client.ts).
// Method. The systems take turns within each round; shown are the median of the rounds, least and most, and the ratio of
// values of the same round. With taskset the systems have one core and client and upstream the others; CPU seconds are those of
// all processes of a system, read at the edges of a window in which the load is steady. Tokens are numbered and carry
// the time they were sent, so that nothing lost, doubled, reordered or changed goes unseen and what the upstream itself
// needs is not counted. Every turn belongs to a session of at most ten turns.
// Flags: --help names them. Results are kept in bench/results/. It never fails for a goal that is missed.
import { cpus } from "node:os";
import { commitsPerTurn } from "./goals/cluster-commits.ts";
import { crowdOverGateways, storedSessions } from "./goals/cluster-size.ts";
import { clusterFirstToken, toolElsewhere, toolOnMac } from "./goals/cluster-turns.ts";
import { durability } from "./goals/durability.ts";
import { firstToken } from "./goals/first-token.ts";
import { idle } from "./goals/idle.ts";
import { flood } from "./goals/mac-flood.ts";
import { macProgram } from "./goals/mac-program.ts";
import { output } from "./goals/output.ts";
import { gaps, manyStreams, pacedLoad } from "./goals/paced-streams.ts";
import { slowDisk } from "./goals/slow-disk.ts";
import { startTime } from "./goals/start-time.ts";
import { plainTurns, turnsPerCpuSecond, turnsWithTool } from "./goals/turns.ts";
import type { Bench, ClusterBench, MacBench } from "./measure/bench.ts";
import { startClusterProduct } from "./measure/cluster-product.ts";
import { removeHomes } from "./measure/homes.ts";
import { LoadClient } from "./measure/load.ts";
import { type Macs, startMacs } from "./measure/macs.ts";
import { type GoalName, HELP, type Options, readOptions } from "./measure/options.ts";
import { profiled } from "./measure/probe.ts";
import { killAll } from "./measure/processes.ts";
import { type Product, startProduct } from "./measure/product.ts";
import { keep, machine, table } from "./measure/report.ts";
import type { Row } from "./measure/row.ts";
import { startReferences } from "./measure/systems.ts";

/** Users of the loads that do not say how many they need. */
const USERS = 8;

type Goal<B> = { names: GoalName[]; measure: (bench: B) => Promise<Row[]> };

/** In the order in which they run: P2 and P4 share a load. */
const GOALS: Goal<Bench>[] = [
  { names: ["P1"], measure: firstToken },
  { names: ["P2", "P4"], measure: manyStreams },
  { names: ["P3"], measure: turnsPerCpuSecond },
  { names: ["P4"], measure: gaps },
  { names: ["P6"], measure: turnsWithTool },
  { names: ["P8"], measure: idle },
  { names: ["P9"], measure: startTime },
  { names: ["P10"], measure: durability },
  { names: ["P12"], measure: slowDisk },
];
const CLUSTER_GOALS: Goal<ClusterBench>[] = [
  { names: ["P1"], measure: clusterFirstToken },
  { names: ["P7"], measure: toolElsewhere },
  { names: ["P10"], measure: commitsPerTurn },
  { names: ["P2", "P4"], measure: manyStreams },
  { names: ["P4"], measure: crowdOverGateways },
  { names: ["P11"], measure: storedSessions },
];
const MAC_GOALS: Goal<MacBench>[] = [
  { names: ["P7"], measure: toolOnMac },
  { names: ["OUTPUT"], measure: output },
  { names: ["P8"], measure: macProgram },
  { names: ["FLOOD"], measure: flood },
];

process.on("exit", () => {
  killAll();
  removeHomes();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

const options = readOptions(process.argv.slice(2));
if (options === "help") process.stdout.write(HELP);
else await run(options);
process.exit(0);

async function run(options: Options): Promise<void> {
  const facts = machine();
  say(`${cpus().length} cores, ${facts.pinned ? "pinned" : "not pinned"}, ${options.rounds} rounds`);
  const { mode } = options;
  const references = await startReferences(USERS, mode);
  const { ports } = await references.direct.target();
  const shared = { options, mode, load: new LoadClient(), references, upstreamPort: ports[0] ?? 0 };
  const { rows, profiles } = await (mode === "cluster" ? measureCluster(shared) : measureOne(shared));
  process.stdout.write(`\n${table(rows)}\n`);
  for (const [title, lines] of Object.entries(profiles))
    process.stdout.write(`${title}\n${lines.join("\n")}\n\n`);
  say(`kept in ${keep(rows, facts, profiles)}`);
  await Promise.all([shared.load.stop(), ...Object.values(references).map((system) => system.stop())]);
}

type Shared = Omit<Bench, "product" | "startProduct">;
type Result = { rows: Row[]; profiles: Record<string, string[]> };

async function measureOne(shared: Shared): Promise<Result> {
  const more: Bench["startProduct"] = (wanted) =>
    startProduct({ ...wanted, upstreamPort: shared.upstreamPort });
  const product = await startOrSay(() => more({ users: USERS }));
  const bench: Bench = { ...shared, product, startProduct: more };
  const rows = await measureGoals(GOALS, bench);
  const profiles = shared.options.profile && product ? await profileLoads(bench) : {};
  await product?.stop();
  return { rows, profiles };
}

async function measureCluster(shared: Shared): Promise<Result> {
  const more: ClusterBench["startProduct"] = (wanted) =>
    startClusterProduct({ ...wanted, upstreamPort: shared.upstreamPort });
  const rows: Row[] = [];
  if (areAsked(CLUSTER_GOALS, shared)) {
    const product = await startOrSay(() => more({ users: USERS }));
    rows.push(...(await measureGoals(CLUSTER_GOALS, { ...shared, product, startProduct: more })));
    await product?.stop();
  }
  const macs = areAsked(MAC_GOALS, shared) ? await startOrSay(() => startMacs(more)) : undefined;
  if (macs) rows.push(...(await measureGoals(MAC_GOALS, { ...shared, startProduct: more, macs })));
  await macs?.stop();
  return { rows, profiles: {} };
}

async function measureGoals<B extends Shared>(goals: Goal<B>[], bench: B): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { names, measure } of goals) {
    if (!isAsked(names, bench)) continue;
    say(`${names.join(", ")} …`);
    rows.push(...(await measureOrSay(names, () => measure(bench))));
  }
  return rows;
}

function isAsked(names: GoalName[], { options }: Shared): boolean {
  return names.some((name) => options.only.includes(name));
}

function areAsked(goals: Goal<never>[], shared: Shared): boolean {
  return goals.some(({ names }) => isAsked(names, shared));
}

/** A goal that cannot be measured is said and leaves the others alone. */
async function measureOrSay(names: string[], measure: () => Promise<Row[]>): Promise<Row[]> {
  try {
    return await measure();
  } catch (error) {
    say(`${names.join(", ")} could not be measured: ${String(error)}`);
    return [];
  }
}

async function startOrSay<P extends Product | Macs>(start: () => Promise<P>): Promise<P | undefined> {
  try {
    return await start();
  } catch (error) {
    say(`the product does not start, only the references are measured: ${String(error)}`);
    return undefined;
  }
}

async function profileLoads({ load, options, startProduct }: Bench): Promise<Record<string, string[]>> {
  const product = await startProduct({ users: USERS, probe: true });
  try {
    await load.run(product, plainTurns(options.windowMs));
    return {
      "P3: turns, not streamed": await profiled(product, () =>
        load.run(product, plainTurns(options.windowMs)),
      ),
      "P2: 400 paced streams": await profiled(product, () =>
        load.run(product, pacedLoad(400, 50, { mode: "embedded", options })),
      ),
    };
  } finally {
    await product.stop();
  }
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
