// What calls on one Mac take while another one says as much as it may, or prints without end; with and without in turns.
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../measure/api.ts";
import type { MacBench } from "../measure/bench.ts";
import { untilUsable } from "../measure/mac.ts";
import type { Macs } from "../measure/macs.ts";
import { startProgram } from "../measure/processes.ts";
import { type Row, row } from "../measure/row.ts";
import { distribution } from "../measure/statistics.ts";

/** Calls of a stretch, one after the other. */
const CALLS = 150;
/** Before a stretch: a flood has to be there, and what it has left to be gone. */
const SETTLE_MS = 300;

export async function flood(bench: MacBench): Promise<Row[]> {
  const macs = bench.macs;
  return [
    await measured(bench, macs, "a command on one prints without end", () => print(macs)),
    // At last: for some seconds the hub takes it for the second Mac's program, which could not come.
    await measured(bench, macs, "one says all that it may", () => sayAll(macs)),
  ];
}

type Stop = () => Promise<void>;

async function measured(bench: MacBench, macs: Macs, what: string, begin: () => Promise<Stop>): Promise<Row> {
  const times = { quiet: [] as number[], flooded: [] as number[] };
  await stretch(macs);
  for (let round = 0; round < bench.options.rounds; round += 1) {
    times.quiet.push(await stretch(macs));
    const stop = await begin();
    try {
      times.flooded.push(await stretch(macs));
    } finally {
      await stop();
    }
  }
  return row({
    ...{ goal: "FLOOD", what: `calls on other Macs p99 while ${what}`, unit: "ms", ours: times.flooded },
    ...{ references: { quiet: times.quiet }, target: { against: "quiet", atMost: 2 } },
  });
}

/** @returns the p99 of its calls in milliseconds */
async function stretch({ product, user, first }: Macs): Promise<number> {
  await sleep(SETTLE_MS);
  const bearer = await user();
  const times: number[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    const beganAt = performance.now();
    await ask(product.url, "POST", "/tools/bench_now/execute", {
      body: { args: {}, node_id: first.id },
      bearer,
    });
    times.push(performance.now() - beganAt);
  }
  return distribution(times).p99;
}

/** Somebody with the key and the credentials of the second Mac. */
async function sayAll({ edgeUrl, second }: Macs): Promise<Stop> {
  const rogue = await startProgram("rogue.ts", [edgeUrl, second.folder], "load");
  return async () => {
    if (rogue.child.exitCode !== null) throw new Error(`the flood is over:\n${rogue.output()}`);
    await rogue.stop();
  };
}

async function print({ product, user, second }: Macs): Promise<Stop> {
  const bearer = await user();
  // Another machine: what it takes itself is not to be measured.
  const serving = second.serve("load");
  await untilUsable(product.url, bearer, second.id);
  const left = new AbortController();
  const { signal } = left;
  const body = { args: {}, node_id: second.id };
  const printing = ask(product.url, "POST", "/tools/bench_flood/execute", { body, bearer, signal });
  let ended: string | undefined;
  printing.then(
    () => {
      ended = "it has printed all";
    },
    (error: unknown) => {
      ended = String(error);
    },
  );
  return async () => {
    const early = ended;
    left.abort();
    await serving.stop();
    if (early !== undefined) throw new Error(`the flood is over: ${early}`);
  };
}
