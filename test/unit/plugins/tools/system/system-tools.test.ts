// The system tools on this machine.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import batteryStatus from "../../../../../plugins/tools/system/battery-status.ts";
import diskUsage from "../../../../../plugins/tools/system/disk-usage.ts";
import environmentVariables from "../../../../../plugins/tools/system/get-environment-variables.ts";
import processList from "../../../../../plugins/tools/system/process-list.ts";
import systemInfo from "../../../../../plugins/tools/system/system-info.ts";
import systemSleepSettings from "../../../../../plugins/tools/system/system-sleep-settings.ts";
import topProcesses from "../../../../../plugins/tools/system/top-processes.ts";
import { type TestContext, toolContext } from "../../../../support/tool-context.ts";
import { waitFor } from "../../../../support/wait-for.ts";

type Row = { pid: number; parent_pid: number; command: string; cpu_percent: number; memory_bytes: number };
const TOOLS = [
  systemInfo,
  diskUsage,
  processList,
  topProcesses,
  environmentVariables,
  batteryStatus,
  systemSleepSettings,
];

let context: TestContext;
let child: ChildProcess | undefined;
beforeEach(async () => {
  context = await toolContext();
});
afterEach(async () => {
  if (child) {
    child.kill("SIGKILL");
    await once(child, "exit");
    child = undefined;
  }
  await context.remove();
});

/** A process that says when it runs, and then does what `work` says. */
async function startChild(work: string, ...args: string[]): Promise<number> {
  child = spawn(process.execPath, ["-e", `process.stdout.write("up"); ${work}`, "--", ...args]);
  if (child.stdout) await once(child.stdout, "data");
  return child.pid ?? 0;
}

describe("system_info", () => {
  test("tells what machine this is", async () => {
    const result = await systemInfo.execute({}, context);
    expect(result).toMatchObject({
      ok: true,
      data: { host_name: hostname(), kernel: { name: expect.any(String) } },
    });
    const { memory, os, uptime_seconds } = result.data as {
      memory: { total_bytes: number; available_bytes: number };
      os: { name: string };
      uptime_seconds: number;
    };
    expect(os.name).not.toBe("");
    expect(memory.total_bytes).toBeGreaterThan(memory.available_bytes);
    expect(uptime_seconds).toBeGreaterThan(0);
  });
});

describe("disk_usage", () => {
  type Volume = { mounted_on: string; size_bytes: number; used_bytes: number; type: string };

  test("shows every volume once and no pseudo file systems", async () => {
    const result = await diskUsage.execute({}, context);
    const { volumes } = result.data as { volumes: Volume[] };
    expect(volumes.length).toBeGreaterThan(0);
    expect(new Set(volumes.map(({ mounted_on }) => mounted_on)).size).toBe(volumes.length);
    for (const volume of volumes) {
      expect(["proc", "sysfs", "tmpfs", "devtmpfs", "cgroup"]).not.toContain(volume.type);
      expect(volume.size_bytes).toBeGreaterThanOrEqual(volume.used_bytes);
    }
  });

  test("shows the one volume of a path, also of one that does not exist", async () => {
    const one = await diskUsage.execute({ path: context.root }, context);
    expect((one.data as { volumes: Volume[] }).volumes).toHaveLength(1);
    const missing = await diskUsage.execute({ path: "not/there" }, context);
    const place = (result: typeof one) => (result.data as { volumes: Volume[] }).volumes[0]?.mounted_on;
    expect(place(missing)).toBe(place(one));
  });
});

describe("battery_status", () => {
  test("tells of the batteries, or says that there is none", async () => {
    const { ok, data } = await batteryStatus.execute({}, context);
    expect(ok).toBe(true);
    const { batteries, message } = data as { batteries: object[]; message?: string };
    expect(message).toBe(batteries.length > 0 ? undefined : "This machine has no battery.");
  });
});

describe("process_list", () => {
  test("G21 shows a process without the secrets in its arguments", async () => {
    const pid = await startChild("setInterval(() => 0, 1e6)", "--password=canary-one", "canary-two");
    const result = await processList.execute({ limit: 1_000 }, context);
    const { processes } = result.data as { processes: Row[] };
    expect(processes.find((row) => row.pid === pid)).toMatchObject({
      parent_pid: process.pid,
      command: expect.stringContaining("node"),
    });
    expect(JSON.stringify(result)).not.toContain("canary");
  });

  test("G21 shows no secret that a process wrote into its title, and the filter does not find it", async () => {
    const title = 'process.title = "canary-title --token=canary-three canary-four";';
    const pid = await startChild(`${title} setInterval(() => 0, 1e6)`, "x".repeat(200));
    const result = await processList.execute({ limit: 1_000 }, context);
    expect((result.data as { processes: Row[] }).processes.map((row) => row.pid)).toContain(pid);
    expect(JSON.stringify(result)).not.toMatch(/canary-(three|four)/);
    const found = await processList.execute({ filter: "canary-three", limit: 10 }, context);
    expect(found).toMatchObject({ ok: true, data: { processes: [], total: 0 } });
  });

  test("filters by program in any case and says how many there are", async () => {
    await startChild("setInterval(() => 0, 1e6)");
    const result = await processList.execute({ filter: "NODE", limit: 1 }, context);
    const { processes, total } = result.data as { processes: Row[]; total: number };
    expect(processes).toHaveLength(1);
    expect(processes[0]?.command.toLowerCase()).toContain("node");
    expect(total).toBeGreaterThan(1);
  });
});

describe("top_processes", () => {
  test("finds the process that keeps a core busy", async () => {
    const pid = await startChild("for (;;);");
    const processes = await waitFor("the busy process is among the first", async () => {
      const result = await topProcesses.execute({ limit: 50, by: "cpu" }, context);
      const rows = (result.data as { processes: Row[] }).processes;
      return (rows.find((row) => row.pid === pid)?.cpu_percent ?? 0) > 0 && rows;
    });
    const loads = processes.map((row) => row.cpu_percent);
    expect(loads).toEqual(loads.toSorted((one, other) => other - one));
  });

  test("orders by memory and keeps to the limit", async () => {
    const result = await topProcesses.execute({ limit: 2, by: "memory" }, context);
    const [first, second, ...rest] = (result.data as { processes: Row[] }).processes;
    expect(rest).toEqual([]);
    expect(first?.memory_bytes).toBeGreaterThanOrEqual(second?.memory_bytes ?? Number.POSITIVE_INFINITY);
  });

  test("ends with the call", async () => {
    const pending = topProcesses.execute({ limit: 10, by: "cpu" }, context);
    context.abort();
    expect(await pending).toMatchObject({ ok: false, error: { code: "cancelled" } });
  });
});

describe("get_environment_variables", () => {
  test("G21 shows names, and values of harmless variables only", async () => {
    process.env.CANARY_API_KEY = "canary-value";
    try {
      const result = await environmentVariables.execute({}, context);
      const { variables } = result.data as { variables: { name: string; value: string | null }[] };
      expect(variables).toContainEqual({ name: "PATH", value: process.env.PATH });
      expect(variables).toContainEqual({ name: "CANARY_API_KEY", value: null });
      expect(JSON.stringify(result)).not.toContain("canary-value");
      const one = await environmentVariables.execute({ name: "CANARY_API_KEY" }, context);
      expect(one.data).toEqual({ variables: [{ name: "CANARY_API_KEY", value: null }] });
    } finally {
      delete process.env.CANARY_API_KEY;
    }
  });
});

describe("arguments of the system tools", () => {
  test.each(TOOLS.map((tool) => [tool.name, tool] as const))(
    "%s refuses an unknown argument",
    (_name, tool) => {
      expect(tool.parameters.safeParse({}).success).toBe(true);
      expect(tool.parameters.safeParse({ surprise: 1 }).success).toBe(false);
    },
  );

  test("have bounds", () => {
    expect(topProcesses.parameters.parse({})).toEqual({ limit: 10, by: "cpu" });
    for (const limit of [0, 51, 1.5])
      expect(topProcesses.parameters.safeParse({ limit }).success).toBe(false);
    expect(diskUsage.parameters.safeParse({ path: "a\0b" }).success).toBe(false);
  });
});
