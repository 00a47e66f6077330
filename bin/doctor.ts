// `npm run doctor`: looks at everything a server needs on this machine and says for each fault what mends it. `--json` for programs.
// `npm run doctor -- nats init` makes what the nats-server of the edge needs.
import { parseArgs } from "node:util";
import { toError } from "../lib/errors.ts";
import { examine } from "./doctor/examine.ts";
import { findingsText } from "./doctor/finding.ts";
import { coloursFor } from "./terminal/colours.ts";
import { ownVersion } from "./terminal/own-version.ts";
import { faultOfArguments } from "./terminal/parse-options.ts";
import { ownTexts, type Texts } from "./terminal/texts.ts";

async function run(argv: string[], texts: Texts): Promise<number> {
  if (argv[0] === "nats") {
    const { natsInit } = await import("./doctor/nats-init.ts");
    process.stdout.write(await natsInit(argv.slice(1), process.env, texts));
    return 0;
  }
  const { json, help } = readArguments(argv, texts);
  if (help) {
    process.stdout.write(texts.doctor.help);
    return 0;
  }
  const findings = await examine(process.env, texts);
  const isHealthy = findings.every(({ state }) => state !== "failure");
  const report = { version: ownVersion(), ok: isHealthy, findings };
  process.stdout.write(
    json ? `${JSON.stringify(report, null, 2)}\n` : findingsText(findings, coloursFor(process.stdout), texts),
  );
  return isHealthy ? 0 : 1;
}

function readArguments(argv: string[], texts: Texts): { json?: boolean; help?: boolean } {
  const { doctor } = texts;
  try {
    const options = { json: { type: "boolean" }, help: { type: "boolean", short: "h" } } as const;
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
    if (positionals[0] === undefined) return values;
    throw new Error(doctor.takesNo(positionals[0]));
  } catch (thrown) {
    const isOurs = (thrown as { code?: unknown }).code === undefined;
    throw isOurs ? thrown : new Error(doctor.badOption(faultOfArguments(thrown, texts)));
  }
}

// Whoever read our output is gone (`| head`): the findings are lost, and nothing else.
process.stdout.on("error", () => process.exit(2));
try {
  process.exitCode = await run(process.argv.slice(2), ownTexts());
} catch (thrown) {
  process.stderr.write(`${ownTexts().said(toError(thrown).message)}\n`);
  process.exitCode = 2;
}
process.exit();
