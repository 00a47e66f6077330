// Tools of a benchmark in the plugin folder of the machine that has them.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./processes.ts";

/** Milliseconds that each of them takes. */
const TOOLS = { bench_wait: 200, bench_now: 0 };

export async function writeTools(home: string): Promise<void> {
  const zod = pathToFileURL(join(ROOT, "node_modules/zod/index.js"));
  const folder = join(home, "plugins");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, ms] of Object.entries(TOOLS))
    await writeFile(
      join(folder, `${name.replace("_", "-")}.ts`),
      `import { z } from "${zod}";
export default {
  name: "${name}",
  description: "Waits ${ms / 1_000} s",
  category: "bench",
  parameters: z.strictObject({}),
  risk: "read",
  runsOn: "node",
  idempotent: true,
  async execute() {
    ${ms > 0 ? `await new Promise((resolve) => setTimeout(resolve, ${ms}));` : ""}
    return { ok: true };
  },
};
`,
    );
}
