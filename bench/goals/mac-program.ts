// P8 of a Mac: from the start of its program to "connected", beside a bare node, and what it takes when it does nothing.
import { setTimeout as sleep } from "node:timers/promises";
import type { MacBench } from "../measure/bench.ts";
import { untilConnected, untilUsable } from "../measure/mac.ts";
import { footprint } from "../measure/process-tree.ts";
import { type Row, row } from "../measure/row.ts";
import { bareNode } from "./start-time.ts";

/** Behind the start, before "idle" begins. */
const SETTLE_MS = 5_000;
const IDLE_MS = 10_000;

export async function macProgram(bench: MacBench): Promise<Row[]> {
  const { plain, product, user } = bench.macs;
  // They fill the cache of its code, as its first two starts do on its owner's machine.
  for (let start = 1; start <= 2; start += 1) await stopped(plain.serve());
  const times = { bare: [] as number[], seconds: [] as number[] };
  for (let round = 0; round < bench.options.rounds; round += 1) {
    times.bare.push((await bareNode()) / 1_000);
    const beganAt = performance.now();
    const serving = plain.serve();
    await untilConnected(serving);
    times.seconds.push((performance.now() - beganAt) / 1_000);
    await serving.stop();
  }
  const serving = plain.serve();
  try {
    await untilUsable(product.url, await user(), plain.id);
    await sleep(SETTLE_MS);
    const before = footprint(serving.pid);
    await sleep(IDLE_MS);
    const after = footprint(serving.pid);
    return [
      row({
        ...{ goal: "P8", what: "a Mac's program to connected", unit: "s", ours: times.seconds },
        ...{ references: { "bare node": times.bare }, target: { atMost: 1 } },
        notes: [
          `× bare node: ${times.seconds.map((s, at) => (s / (times.bare[at] ?? s)).toFixed(1)).join(", ")}`,
        ],
      }),
      row({
        ...{ goal: "P8", what: "idle RSS of a Mac's program", unit: "MB", ours: [after.rssMb] },
        target: { atMost: 80 },
      }),
      row({
        ...{ goal: "P8", what: "idle CPU of a Mac's program", unit: "%", target: { atMost: 0.3 } },
        ours: [((after.cpuMs - before.cpuMs) / IDLE_MS) * 100],
      }),
    ];
  } finally {
    await serving.stop();
  }
}

async function stopped(serving: ReturnType<MacBench["macs"]["plain"]["serve"]>) {
  await untilConnected(serving);
  await serving.stop();
}
