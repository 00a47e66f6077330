// One minute of chaos over a whole cluster, and the judgement over all of it. By hand: `npm run chaos -- --minutes 30 --seed N`.
import { describe, expect, test } from "@jest/globals";
import { runChaos } from "../chaos/cluster/chaos.ts";
import { summary } from "../chaos/cluster/report.ts";

const SEED = Number(process.env.CHAOS_SEED ?? 1);
/** As many as two cores take beside other tests. */
const LIVE = 20;
const PATIENCE_MS = 900_000;

describe(`a minute of chaos (CHAOS_SEED=${SEED})`, () => {
  test(
    "G10, and in it G1 to G11 and G31: nothing accepted is lost, nothing runs twice, every stream is the same when it is read again, everything ends",
    async () => {
      const lines: string[] = [];
      const options = { minutes: 1, seed: SEED, live: LIVE, gateways: 2, agents: 2 };
      const report = await runChaos(options, (line) => lines.push(line));
      const told = `${lines.join("\n")}\n${summary(report)}`;
      process.stderr.write(summary(report));
      const faults = [...report.faults];
      expect({ faults, told }).toEqual({ faults: [], told });
      expect(report).toMatchObject({ cycles: 1 });
      expect(report.done.length).toBeGreaterThan(5);
      expect(report.runs).toBeGreaterThanOrEqual(LIVE);
    },
    PATIENCE_MS,
  );
});
