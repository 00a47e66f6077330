// What a Mac's heartbeat says of the Mac: the share of its CPUs that is busy, and its battery.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readCharge } from "../../../../mac-node/edge/read-charge.ts";
import { type CpuTimes, Vitals } from "../../../../mac-node/edge/vitals.ts";
import { waitFor } from "../../../support/wait-for.ts";

describe("the load in a heartbeat", () => {
  test("is what was busy of all CPUs since the last one; two in one moment say the same", () => {
    const times: CpuTimes[] = [
      { busy: 1_000, all: 10_000 },
      { busy: 1_250, all: 11_000 },
      { busy: 1_250, all: 11_000 },
      { busy: 1_250, all: 12_000 },
      { busy: 2_250, all: 13_000 },
      // A CPU was taken away.
      { busy: 900, all: 7_000 },
      { busy: 1_233, all: 8_000 },
    ];
    const cpuTimes = () => times.shift() as CpuTimes;
    const vitals = new Vitals({ readBattery: async () => undefined, cpuTimes });
    const loads = Array.from({ length: 6 }, () => vitals.now().load);
    expect(loads).toEqual([0.25, 0.25, 0, 1, 1, 0.33]);
  });

  test("is a share on this machine, too", async () => {
    const vitals = new Vitals({ readBattery: async () => undefined });
    const load = await waitFor("the clock of the system ticks", () => {
      const said = vitals.now().load;
      return said === undefined ? undefined : { said };
    });
    expect(load.said).toBeGreaterThanOrEqual(0);
    expect(load.said).toBeLessThanOrEqual(1);
  });
});

describe("the battery in a heartbeat", () => {
  test("is read once a minute, and is not said where it cannot be read", async () => {
    let [now, reads] = [0, 0];
    const answers = [{ percent: 80, charging: false }, undefined, { percent: 79, charging: true }];
    const vitals = new Vitals({
      async readBattery() {
        const answer = answers[reads++];
        if (!answer) throw new Error("pmset is not there");
        return answer;
      },
      clock: () => now,
    });
    const said = async () => {
      vitals.now();
      await new Promise((resolve) => setImmediate(resolve));
      return vitals.now().battery;
    };
    expect(vitals.now().battery).toBeUndefined();
    expect(await said()).toEqual({ percent: 80, charging: false });
    now = 59_999;
    expect(await said()).toEqual({ percent: 80, charging: false });
    expect(reads).toBe(1);
    now = 60_000;
    expect(await said()).toBeUndefined();
    now = 120_000;
    expect(await said()).toEqual({ percent: 79, charging: true });
    expect(reads).toBe(3);
  });
});

describe("the charge of the battery", () => {
  const mains = "Now drawing from 'AC Power'\n";
  const battery = "Now drawing from 'Battery Power'\n";
  const MACS: [string, string, object | undefined][] = [
    [
      "macOS 10.15, on its battery",
      `${battery} -InternalBattery-0 (id=4653155)\t85%; discharging; 4:20 remaining present: true\n`,
      { percent: 85, charging: false },
    ],
    [
      "macOS 14 on Apple silicon, charging",
      `${mains} -InternalBattery-0 (id=22675555)\t61%; charging; (no estimate) present: true\n`,
      { percent: 61, charging: true },
    ],
    [
      "full",
      `${mains} -InternalBattery-0 (id=22675555)\t100%; charged; 0:00 remaining present: true\n`,
      { percent: 100, charging: false },
    ],
    [
      "held at 80 %",
      `${mains} -InternalBattery-0 (id=22675555)\t80%; AC attached; not charging present: true\n`,
      { percent: 80, charging: false },
    ],
    [
      "before macOS 10.12",
      "Currently drawing from 'AC Power'\n -InternalBattery-0\t92%; charging; 1:09 remaining\n",
      { percent: 92, charging: true },
    ],
    ["a desktop", mains, undefined],
    [
      "a desktop with what keeps it alive when the power fails",
      `Now drawing from 'UPS Power'\n -Back-UPS ES 700G (id=1179648)\t98%; discharging; 0:21 remaining present: true\n`,
      undefined,
    ],
    ["no answer of pmset", "pmset: command not understood\n", undefined],
  ];

  test.each(MACS)("on a Mac: %s", async (_name, stdout, charge) => {
    const ran: string[][] = [];
    const run = async (argv: string[]) => {
      ran.push(argv);
      return { code: 0, stdout, stderr: "" };
    };
    expect(await readCharge("darwin", run)).toEqual(charge);
    // What looks at the hardware is not asked.
    expect(ran).toEqual([["/usr/bin/pmset", "-g", "batt"]]);
  });

  test("on a Mac whose pmset fails is not known", async () => {
    const run = async () => ({ code: 127, stdout: String(MACS[0]?.[1]), stderr: "" });
    expect(await readCharge("darwin", run)).toBeUndefined();
  });

  describe("on Linux", () => {
    let folder = "";
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "macjarvis-power-"));
    });
    afterAll(() => rm(folder, { recursive: true }));
    const supply = async (name: string, fields: Record<string, string | number>) => {
      await mkdir(join(folder, name));
      for (const [field, value] of Object.entries(fields))
        await writeFile(join(folder, name, field), `${value}\n`);
    };
    const charge = () => readCharge("linux", undefined, folder);

    test("is that of its own batteries, of two the mean", async () => {
      expect(await charge()).toBeUndefined();
      await supply("AC", { type: "Mains", online: 1 });
      await supply("mouse", { type: "Battery", scope: "Device", capacity: 3, status: "Discharging" });
      await supply("UPS", { type: "UPS", capacity: 5, status: "Discharging" });
      await supply("unsure", { type: "Battery", capacity: "??", status: "Unknown" });
      expect(await charge()).toBeUndefined();
      await supply("BAT0", { type: "Battery", capacity: 101, status: "Full" });
      expect(await charge()).toEqual({ percent: 100, charging: false });
      await supply("BAT1", { type: "Battery", capacity: 50, status: "Charging" });
      expect(await charge()).toEqual({ percent: 76, charging: true });
    });
  });
});
