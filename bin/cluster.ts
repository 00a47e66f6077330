// `npm run cluster`: a whole cluster on this machine, to try it and to break it: the four servers and processes of ours, each started
// again when it dies, all of them gone after Ctrl-C. For a real one see docs/operations.md.
import { toError } from "../lib/errors.ts";
import { readArguments } from "./cluster/arguments.ts";
import { startCluster } from "./cluster/start-cluster.ts";
import { coloursFor } from "./terminal/colours.ts";
import { ownTexts } from "./terminal/texts.ts";

/** One Ctrl-C comes twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 500;

const texts = ownTexts();

function tell(thrown: unknown): void {
  process.stderr.write(`${coloursFor(process.stderr).red(texts.said(toError(thrown).message))}\n`);
}

async function run(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2), texts);
  if (wanted.help) {
    process.stdout.write(texts.cluster.help);
    return;
  }
  const stopped = new AbortController();
  let stoppingSince: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      // What is left dies with this process: each has a guard.
      if (stoppingSince !== undefined && performance.now() - stoppingSince > SAME_SIGNAL_MS)
        process.exit(130);
      if (stoppingSince !== undefined) return;
      stoppingSince = performance.now();
      process.stderr.write(`\n${texts.cluster.stopping}\n`);
      stopped.abort();
    });
  await startCluster({ ...wanted, env: process.env, texts, stopped: stopped.signal });
}

try {
  await run();
} catch (thrown) {
  tell(thrown);
  process.exitCode = 1;
}
process.exit();
