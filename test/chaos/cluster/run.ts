// `npm run chaos`: see --help. Ends with 1 when it has found something.
import { runChaos } from "./chaos.ts";
import { HELP, readOptions } from "./options.ts";
import { summary, tooSlow } from "./report.ts";

const options = given();
if (options === "help") process.stdout.write(HELP);
else {
  process.stdout.write(`seed ${options.seed}: ${options.minutes} minutes, ${options.live} live runs\n`);
  const report = await runChaos(options, (line) => process.stdout.write(`${line}\n`));
  report.late.push(...tooSlow(report));
  process.stdout.write(summary(report));
  process.exitCode = report.faults.size + report.late.length > 0 ? 1 : 0;
}
// What hangs in a connection must not keep it.
process.exit();

function given() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n${HELP}`);
    process.exit(2);
  }
}
