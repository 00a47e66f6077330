// Batteries: what pmset and system_profiler print on Macs, and what Linux writes below /sys/class/power_supply.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readBatteries } from "../../../../../../plugins/tools/system/machine/batteries.ts";
import { readLinuxBatteries } from "../../../../../../plugins/tools/system/machine/linux-batteries.ts";
import {
  parseBatteryHealth,
  parsePmsetBatteries,
} from "../../../../../../plugins/tools/system/machine/mac-batteries.ts";
import { fakeCommands } from "../../../../../support/fake-commands.ts";

const onBattery = (rest: string) =>
  `Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t${rest}\n`;
const onMains = (rest: string) => `Now drawing from 'AC Power'\n -InternalBattery-0 (id=22675555)\t${rest}\n`;
const DESKTOP = "Now drawing from 'AC Power'\n";
const OLD = "Currently drawing from 'AC Power'\n -InternalBattery-0\t92%; charging; 1:09 remaining\n";
const UPS = `Now drawing from 'UPS Power'
 -Back-UPS ES 700G FW:871.O4 .I USB FW:O4 (id=1179648)\t98%; discharging; 0:21 remaining present: true
`;
const NO_BATTERY_IN_IT = onMains("0%; charging; 0:00 remaining present: false");

/** macOS 14 on Apple silicon. */
const PROFILE = `{
  "SPPowerDataType" : [
    {
      "_name" : "spbattery_information",
      "sppower_battery_charge_info" : {
        "sppower_battery_at_warn_level" : "FALSE",
        "sppower_battery_fully_charged" : "FALSE",
        "sppower_battery_is_charging" : "FALSE",
        "sppower_battery_state_of_charge" : 85
      },
      "sppower_battery_health_info" : {
        "sppower_battery_cycle_count" : 253,
        "sppower_battery_health" : "Good",
        "sppower_battery_health_maximum_capacity" : "84%"
      },
      "sppower_battery_model_info" : { "sppower_battery_serial_number" : "F8Y0000000000000A" }
    },
    { "_name" : "sppower_information", "AC Power" : { "Sleep On Power Button" : "YES" } }
  ]
}`;
/** macOS 10.15 on Intel: no capacity. */
const OLD_PROFILE = PROFILE.replace(/,\s*"sppower_battery_health_maximum_capacity" : "84%"/, "");

describe("batteries on macOS", () => {
  test.each([
    ["100%; charged; 0:00 remaining present: true", "charged", null],
    ["85%; discharging; 4:20 remaining present: true", "discharging", 260],
    ["97%; discharging; (no estimate) present: true", "discharging", null],
    ["61%; charging; 1:23 remaining present: true", "charging", 83],
    ["61%; charging; (no estimate) present: true", "charging", null],
    ["99%; finishing charge; 0:10 remaining present: true", "charging", 10],
    ["80%; AC attached; not charging present: true", "not_charging", null],
    ["12%; discharging; 0:00 remaining present: true", "discharging", null],
    ["50%; something new; 1:00 remaining present: true", "unknown", null],
  ])("%s", (line, state, minutes_left) => {
    const [battery] = parsePmsetBatteries(onBattery(line)).batteries;
    expect(battery).toMatchObject({
      name: "InternalBattery-0",
      kind: "internal",
      charge_percent: Number.parseInt(line, 10),
      state,
      charging: state === "charging",
      minutes_left,
    });
  });

  test("are told with the source of power, also by old versions and of a desktop with a UPS", () => {
    expect(parsePmsetBatteries(onMains("80%; charged; 0:00 remaining present: true")).power_source).toBe(
      "ac",
    );
    expect(parsePmsetBatteries(onBattery("80%; discharging; 1:00 remaining")).power_source).toBe("battery");
    expect(parsePmsetBatteries(OLD)).toMatchObject({
      power_source: "ac",
      batteries: [{ name: "InternalBattery-0", charge_percent: 92, minutes_left: 69 }],
    });
    expect(parsePmsetBatteries(UPS)).toMatchObject({
      power_source: "ups",
      batteries: [{ kind: "ups", charge_percent: 98, minutes_left: 21 }],
    });
  });

  test("there is none in a desktop, in an empty bay, and in what is no answer of pmset", () => {
    for (const text of [DESKTOP, NO_BATTERY_IN_IT, "", "-x (id=1)\tno percent"])
      expect(parsePmsetBatteries(text).batteries).toEqual([]);
  });

  test("health is what macOS itself says of it; what it does not say is null", () => {
    expect(parseBatteryHealth(PROFILE)).toEqual({ health_percent: 84, condition: "Normal", cycles: 253 });
    expect(parseBatteryHealth(PROFILE.replace('"84%"', '"100\u00a0%"')).health_percent).toBe(100);
    expect(parseBatteryHealth(PROFILE.replace("Good", "Service Recommended")).condition).toBe(
      "Service Recommended",
    );
    expect(parseBatteryHealth(OLD_PROFILE)).toEqual({
      health_percent: null,
      condition: "Normal",
      cycles: 253,
    });
    const nothing = { health_percent: null, condition: null, cycles: null };
    for (const text of [
      "",
      "{",
      "[]",
      "null",
      '{"SPPowerDataType":[]}',
      '{"SPPowerDataType":[{"sppower_battery_health_info":7}]}',
    ])
      expect(parseBatteryHealth(text)).toEqual(nothing);
  });

  test("charge and health are put together", async () => {
    const mac = fakeCommands({
      "/usr/bin/pmset -g batt": onBattery("85%; discharging; 4:20 remaining present: true"),
      "/usr/sbin/system_profiler -json SPPowerDataType": PROFILE,
    });
    expect(await readBatteries(mac, "darwin")).toEqual({
      power_source: "battery",
      batteries: [
        {
          name: "InternalBattery-0",
          kind: "internal",
          charge_percent: 85,
          state: "discharging",
          charging: false,
          minutes_left: 260,
          health_percent: 84,
          condition: "Normal",
          cycles: 253,
        },
      ],
    });
  });

  test("of a desktop nobody asks for health, and a pmset that fails is said", async () => {
    const desktop = fakeCommands({ "/usr/bin/pmset": DESKTOP });
    expect(await readBatteries(desktop, "darwin")).toEqual({ power_source: "ac", batteries: [] });
    expect(desktop.calls).toHaveLength(1);
    await expect(readBatteries(fakeCommands({}), "darwin")).rejects.toThrow("pmset did not tell");
  });
});

describe("batteries on Linux", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "macjarvis-power-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function supply(name: string, fields: Record<string, string | number>): Promise<void> {
    await mkdir(join(folder, name));
    for (const [field, value] of Object.entries(fields))
      await writeFile(join(folder, name, field), `${value}\n`);
  }
  const laptop = {
    type: "Battery",
    present: 1,
    status: "Discharging",
    capacity: 50,
    cycle_count: 312,
    energy_now: 25_000_000,
    energy_full: 45_000_000,
    energy_full_design: 50_000_000,
    power_now: 10_000_000,
  };

  test("are read with time left and health, by energy", async () => {
    await supply("AC", { type: "Mains", online: 0 });
    await supply("BAT0", laptop);
    expect(await readLinuxBatteries(folder)).toEqual({
      power_source: "battery",
      batteries: [
        {
          name: "BAT0",
          kind: "internal",
          charge_percent: 50,
          state: "discharging",
          charging: false,
          minutes_left: 150,
          health_percent: 90,
          condition: null,
          cycles: 312,
        },
      ],
    });
  });

  test("by charge, with a negative current, and until full while they charge", async () => {
    await supply("AC", { type: "Mains", online: 1 });
    const half = { charge_now: 2_000_000, charge_full: 4_000_000, charge_full_design: 5_000_000 };
    await supply("BAT0", {
      type: "Battery",
      status: "Charging",
      ...half,
      current_now: -1_000_000,
      health: "Good",
    });
    expect(await readLinuxBatteries(folder)).toMatchObject({
      power_source: "ac",
      batteries: [
        { charge_percent: 50, minutes_left: 120, health_percent: 80, condition: "Good", cycles: null },
      ],
    });
  });

  test("neither a mouse's nor an empty bay is one; without rate or design nothing is guessed", async () => {
    await supply("hidpp_battery_0", { ...laptop, scope: "Device" });
    await supply("BAT1", { ...laptop, present: 0 });
    expect((await readLinuxBatteries(folder)).batteries).toEqual([]);
    await supply("BAT0", { ...laptop, power_now: 0, energy_full_design: 0, cycle_count: 0, capacity: "??" });
    expect((await readLinuxBatteries(folder)).batteries).toMatchObject([
      { charge_percent: 55.6, minutes_left: null, health_percent: null, cycles: null },
    ]);
  });

  test("a machine without any such folder has none", async () => {
    expect(await readLinuxBatteries(join(folder, "none"))).toEqual({ power_source: null, batteries: [] });
  });
});
