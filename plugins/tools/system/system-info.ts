// system_info: what machine this is and how busy it is.
import { arch, cpus, hostname, loadavg, release, type, uptime } from "node:os";
import { z } from "zod";
import { answer } from "../../../lib/tools/answer.ts";
import { defineTool } from "../../../lib/tools/define-tool.ts";
import { readMemory } from "./machine/memory.ts";
import { readSystemVersion } from "./machine/system-version.ts";

export default defineTool({
  name: "system_info",
  description:
    "Shows the operating system, its version, kernel, CPU, memory, uptime and host name of this machine.",
  category: "system",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: z.strictObject({}),
  execute: (_args, context) =>
    answer(context, async () => {
      const cores = cpus();
      return {
        os: await readSystemVersion(context),
        kernel: { name: type(), release: release() },
        architecture: arch(),
        host_name: hostname(),
        cpu: { model: cores[0]?.model.trim() ?? null, cores: cores.length, load_average: loadavg() },
        memory: await readMemory(context),
        uptime_seconds: Math.round(uptime()),
      };
    }),
});
