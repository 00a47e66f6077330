// Processes on macOS, from what its `ps` prints. Linux is tested through the tools, with its own /proc.
import { describe, expect, test } from "@jest/globals";
import type { CommandResult } from "../../../../../../contracts/tools.ts";
import { listProcesses, topProcesses } from "../../../../../../plugins/tools/system/machine/processes.ts";

const PS = `    1     0 root               0.1  12345 /sbin/launchd
  501     1 john               23.5 204800 /Applications/Some App.app/Contents/MacOS/Some App
   88     1 _windowserver       3,5 102400 /System/Library/WindowServer
garbage
`;

function mac(exit_code: number, stdout: string) {
  const calls: string[][] = [];
  const run = async (argv: string[]): Promise<CommandResult> => {
    calls.push(argv);
    return { exit_code, signal: null, stdout, stderr: "", truncated: false, timed_out: false };
  };
  return { calls, run, signal: new AbortController().signal };
}

describe("processes on macOS", () => {
  test("are read from ps, programs with spaces included", async () => {
    const context = mac(0, PS);
    const rows = await listProcesses(context, "darwin");
    expect(rows.map(({ pid }) => pid)).toEqual([1, 88, 501]);
    expect(rows[2]).toEqual({
      pid: 501,
      parent_pid: 1,
      user: "john",
      cpu_percent: 23.5,
      memory_bytes: 204_800 * 1024,
      command: "/Applications/Some App.app/Contents/MacOS/Some App",
    });
    expect(rows[1]?.cpu_percent).toBe(3.5);
  });

  test("G21 are asked for without their arguments", async () => {
    const context = mac(0, PS);
    await listProcesses(context, "darwin");
    expect(context.calls.flat()).toContain("comm=");
    expect(context.calls.flat().join(" ")).not.toMatch(/\b(args|command)=/);
  });

  test("are ordered by what they use", async () => {
    const top = await topProcesses(mac(0, PS), "memory", 2, "darwin");
    expect(top.map(({ pid }) => pid)).toEqual([501, 88]);
  });

  test("fail in words when ps does", async () => {
    await expect(listProcesses(mac(1, ""), "darwin")).rejects.toThrow("did not list the processes");
  });
});
