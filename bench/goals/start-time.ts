// P9: from `npm start` to ready, on an empty data folder and on one that is there; beside it Node's own start.
import type { Bench } from "../measure/bench.ts";
import { makeHome, removeHome } from "../measure/homes.ts";
import { start } from "../measure/processes.ts";
import { productEnvironment, whenReady } from "../measure/product.ts";
import { type Row, row } from "../measure/row.ts";

const NPM_START = ["npm", "start", "--silent"];
const DIRECT_START = [process.execPath, "bin/start.ts"];

export async function startTime(bench: Bench): Promise<Row[]> {
  const times = { bare: [] as number[], first: [] as number[], warm: [] as number[], direct: [] as number[] };
  for (let round = 0; round < bench.options.rounds; round++) {
    times.bare.push(await bareNode());
    if (!bench.product) continue;
    const home = await makeHome();
    const env = productEnvironment(home, bench.upstreamPort);
    times.first.push(await untilReady(NPM_START, env));
    times.warm.push(await untilReady(NPM_START, env));
    times.direct.push(await untilReady(DIRECT_START, env));
    await removeHome(home);
  }
  const references = { "bare node": times.bare };
  return [
    row({
      goal: "P9",
      what: "npm start to ready, first start",
      unit: "ms",
      ours: times.first,
      references,
      target: { against: "bare node", atMost: 40 },
    }),
    row({
      goal: "P9",
      what: "npm start to ready, warm",
      unit: "ms",
      ours: times.warm,
      references,
      target: { against: "bare node", atMost: 25 },
    }),
    row({ goal: "P9", what: "node bin/start.ts to ready, warm", unit: "ms", ours: times.direct, references }),
  ];
}

/** Milliseconds. */
export async function bareNode(): Promise<number> {
  const beganAt = performance.now();
  await start([process.execPath, "-e", "0"], "any").ended;
  return performance.now() - beganAt;
}

async function untilReady(command: string[], env: Record<string, string>): Promise<number> {
  const beganAt = performance.now();
  const started = start(command, "any", env);
  try {
    await whenReady(started);
    return performance.now() - beganAt;
  } finally {
    await started.stop();
  }
}
