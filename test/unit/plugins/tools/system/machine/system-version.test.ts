// The name and version of macOS, from what `sw_vers` prints.
import { expect, test } from "@jest/globals";
import { readSystemVersion } from "../../../../../../plugins/tools/system/machine/system-version.ts";

test("macOS says its name and version", async () => {
  const stdout = "ProductName:\t\tmacOS\nProductVersion:\t\t15.3.1\nBuildVersion:\t\t24D70\n";
  const run = async () => ({
    exit_code: 0,
    signal: null,
    stdout,
    stderr: "",
    truncated: false,
    timed_out: false,
  });
  expect(await readSystemVersion({ run }, "darwin")).toEqual({ name: "macOS", version: "15.3.1" });
});
