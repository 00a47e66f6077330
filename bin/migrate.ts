// `npm run migrate -- --to cluster`: moves what a server on its own files has into the stores of a cluster, and proves that all of it is
// there. Broken off, it goes on where it was; the data folder stays as it is.
import { toError } from "../lib/errors.ts";
import { readArguments } from "./migrate/arguments.ts";
import { count } from "./migrate/count.ts";
import { homeOf, readSettings } from "./migrate/settings.ts";
import { ownTexts } from "./terminal/texts.ts";

const texts = ownTexts();

async function run(): Promise<void> {
  const wanted = readArguments(process.argv.slice(2), texts);
  if (wanted.help) process.stdout.write(texts.migrate.help);
  else if (wanted.dryRun) await count(homeOf(process.env), texts);
  else {
    const settings = readSettings(process.env, texts);
    // The code of the cluster's stores is loaded behind that.
    const { move } = await import("./migrate/move.ts");
    await move(settings, texts);
  }
}

try {
  await run();
} catch (thrown) {
  process.stderr.write(`${texts.said(toError(thrown).message)}\n`);
  process.exitCode = 1;
}
process.exit();
