// `npm run doctor`: looks at everything a server needs on this machine and says for each fault what mends it. `--json` for programs.
import { parseArgs } from "node:util";
import { toError } from "../lib/errors.ts";
import { examine } from "./doctor/examine.ts";
import { findingsText } from "./doctor/finding.ts";
import { coloursFor } from "./terminal/colours.ts";

try {
  const { values } = parseArgs({ options: { json: { type: "boolean" } } });
  const findings = await examine(process.env);
  const isHealthy = findings.every(({ state }) => state !== "failure");
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ ok: isHealthy, findings }, null, 2)}\n`
      : findingsText(findings, coloursFor(process.stdout)),
  );
  process.exitCode = isHealthy ? 0 : 1;
} catch (thrown) {
  process.stderr.write(`${toError(thrown).message}\n`);
  process.exitCode = 1;
}
process.exit();
