// `npm start`: everything in one process. Reads the environment, opens the data folder, starts the services in order, says
// where to go next, and drains on a signal.
import { toError } from "../lib/errors.ts";
import { folderOf, USUAL_HOME } from "../lib/home-folder.ts";
import { keepCompileCache, useCompileCache } from "./start/compile-cache.ts";

/** One Ctrl-C comes twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 500;

try {
  const { MACJARVIS_HOME: home } = process.env;
  useCompileCache(home ? folderOf(home) : USUAL_HOME);
  // All other code is loaded behind that.
  const { readEnvironment } = await import("../lib/env.ts");
  const { startServer } = await import("./start/start-server.ts");
  const server = await startServer(readEnvironment(process.env));
  process.stdout.write(server.banner);
  keepCompileCache();
  // After the banner, so that the prompt stands last.
  if (process.argv.includes("--repl")) server.broker.repl();
  let stoppingSince: number | undefined;
  const stop = (signal: string) => {
    // A second signal means: at once. Nothing that was acknowledged is lost by that.
    if (stoppingSince !== undefined && performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(130);
    if (stoppingSince !== undefined) return;
    stoppingSince = performance.now();
    process.stderr.write(`\n${signal}: finishing what is under way (once more to stop at once) …\n`);
    server.stop().then(
      () => process.exit(0),
      (thrown: unknown) => {
        process.stderr.write(`${toError(thrown).message}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop(signal));
} catch (thrown) {
  process.stderr.write(`MacJarvis could not start.\n${toError(thrown).message}\n`);
  process.exit(1);
}
