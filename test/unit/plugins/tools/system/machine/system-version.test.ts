// The name and version of macOS, from what `sw_vers` prints in several versions.
import { expect, test } from "@jest/globals";
import { readSystemVersion } from "../../../../../../plugins/tools/system/machine/system-version.ts";
import { fakeCommands } from "../../../../../support/fake-commands.ts";

test.each([
  ["ProductName:\t\tmacOS\nProductVersion:\t\t26.1\nBuildVersion:\t\t25B78\n", "macOS", "26.1"],
  ["ProductName:\t\tmacOS\nProductVersion:\t\t15.3.1\nBuildVersion:\t\t24D70\n", "macOS", "15.3.1"],
  [
    "ProductName:\t\tmacOS\nProductVersion:\t\t13.4.1\nProductVersionExtra:\t\t(c)\nBuildVersion:\t\t22F770820d\n",
    "macOS",
    "13.4.1",
  ],
  ["ProductName:\tMac OS X\nProductVersion:\t10.15.7\nBuildVersion:\t19H2026\n", "Mac OS X", "10.15.7"],
  ["", "macOS", null],
])("macOS says its name and version: %j", async (stdout, name, version) => {
  const mac = fakeCommands({ "/usr/bin/sw_vers": stdout });
  expect(await readSystemVersion(mac, "darwin")).toEqual({ name, version });
});
