// Tools of a benchmark in the plugin folder of the machine that has them.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "./processes.ts";

/** Lines of `bench_print`, each the time at which it is written. */
const PRINTED_LINES = 12;

/** The clock of clock.ts; the steps are no multiple of what anybody gathers for. */
function printing(): string {
  const program = `let left = ${PRINTED_LINES}; const print = () => { process.stdout.write(Number(process.hrtime.bigint() / 1000n) + "\\n"); if (--left > 0) setTimeout(print, 23 + 7 * (left % 5)); }; print();`;
  return JSON.stringify([process.execPath, "-e", program]);
}

/** What each of them does, as the body of its `execute`. */
const TOOLS = {
  bench_wait: "await new Promise((resolve) => setTimeout(resolve, 200)); return { ok: true };",
  bench_now: "return { ok: true };",
  bench_print: `const printed = await context.run(${printing()}, { live: true }); return { ok: printed.exitCode === 0 };`,
  bench_flood: `await context.run(["yes", ${JSON.stringify("a line that nobody wants ".repeat(4))}], { live: true }); return { ok: true };`,
};

export async function writeTools(home: string): Promise<void> {
  const zod = pathToFileURL(join(ROOT, "node_modules/zod/index.js"));
  const folder = join(home, "plugins");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const [name, body] of Object.entries(TOOLS))
    await writeFile(
      join(folder, `${name.replace("_", "-")}.ts`),
      `import { z } from "${zod}";
export default {
  name: "${name}",
  description: "A tool of the benchmark",
  category: "bench",
  parameters: z.strictObject({}),
  risk: "read",
  runsOn: "node",
  idempotent: true,
  async execute(_args, context) {
    ${body}
  },
};
`,
    );
}
