// The energy settings of macOS, from what `pmset -g` prints in several versions.
import { describe, expect, test } from "@jest/globals";
import {
  parsePmset,
  readSleepSettings,
} from "../../../../../../plugins/tools/system/machine/sleep-settings.ts";
import systemSleepSettings from "../../../../../../plugins/tools/system/system-sleep-settings.ts";
import { fakeCommands } from "../../../../../support/fake-commands.ts";

/** macOS 14 on a MacBook. */
const MACBOOK = `System-wide power settings:
 SleepDisabled\t\t0
Currently in use:
 standby              1
 Sleep On Power Button 1
 hibernatefile        /var/vm/sleepimage
 powernap             1
 networkoversleep     0
 disksleep            10
 sleep                1 (sleep prevented by powerd, sharingd, coreaudiod)
 hibernatemode        3
 ttyskeepawake        1
 displaysleep         10 (display sleep prevented by Google Chrome)
 tcpkeepalive         1
 lowpowermode         0
 womp                 1
`;
/** macOS 12 on a Mac mini: nothing system-wide. */
const MINI = `System-wide power settings:
Currently in use:
 Sleep On Power Button 1
 autorestart          0
 sleep                0 (sleep prevented by screensharingd)
 displaysleep         0
`;
/** macOS 10.12. */
const SIERRA = `Active Profiles:
Battery Power\t\t-1
AC Power\t\t-1*
Currently in use:
 standbydelay         10800
 sleep                180
 displaysleep         2
`;

describe("the energy settings of macOS", () => {
  test("are fields with numbers, and who keeps the Mac awake", () => {
    expect(parsePmset(MACBOOK)).toEqual({
      profile: null,
      system_wide: { sleepdisabled: 0 },
      in_use: {
        standby: 1,
        sleep_on_power_button: 1,
        hibernatefile: "/var/vm/sleepimage",
        powernap: 1,
        networkoversleep: 0,
        disksleep: 10,
        sleep: 1,
        hibernatemode: 3,
        ttyskeepawake: 1,
        displaysleep: 10,
        tcpkeepalive: 1,
        lowpowermode: 0,
        womp: 1,
      },
      sleep_prevented_by: ["powerd", "sharingd", "coreaudiod"],
      display_sleep_prevented_by: ["Google Chrome"],
    });
  });

  test("of a desktop and of an old version with profiles are read too", () => {
    expect(parsePmset(MINI)).toMatchObject({
      system_wide: {},
      in_use: { sleep: 0, displaysleep: 0, sleep_on_power_button: 1 },
      sleep_prevented_by: ["screensharingd"],
    });
    expect(parsePmset(SIERRA)).toMatchObject({
      profile: "AC Power",
      in_use: { standbydelay: 10_800, sleep: 180, displaysleep: 2 },
      sleep_prevented_by: [],
    });
  });

  test("are read by pmset alone, and a pmset that says nothing is a failure in words", async () => {
    const mac = fakeCommands({ "/usr/bin/pmset -g": MACBOOK });
    expect((await readSleepSettings(mac)).in_use.sleep).toBe(1);
    expect(mac.calls.map(({ argv }) => argv)).toEqual([["/usr/bin/pmset", "-g"]]);
    for (const said of [{ exit_code: 1 }, "", "pmset: unknown"])
      await expect(readSleepSettings(fakeCommands({ "/usr/bin/pmset": said }))).rejects.toThrow(
        "pmset did not",
      );
  });

  test("are offered on Macs only", () => {
    expect(systemSleepSettings.platforms).toEqual(["darwin"]);
  });
});
