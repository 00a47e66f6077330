// `npm start`: one process, with all services or those of its place in a cluster. Reads the environment, starts the services, says
// where to go next, and drains on a signal.
import { toError } from "../lib/errors.ts";
import { folderOf, USUAL_HOME } from "../lib/home-folder.ts";
import { catchStrays } from "../lib/tools/strays.ts";
import { closeInherited } from "../mac-node/processes/inherited.ts";
import { readArguments, type StartArguments } from "./start/arguments.ts";
import { useCompileCache } from "./start/compile-cache.ts";
import { ownVersion } from "./terminal/own-version.ts";
import { ownTexts } from "./terminal/texts.ts";

export type Running = { type: "running" /** Of the gateway, where it has one. */; url: string };

/** One Ctrl-C comes twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 500;

const texts = ownTexts();

async function start({ repl, nats }: StartArguments): Promise<void> {
  // Before anything is opened, and before anything of a plugin runs.
  closeInherited();
  catchStrays();
  const { MACJARVIS_HOME: home } = process.env;
  useCompileCache(home ? folderOf(home) : USUAL_HOME);
  // All other code is loaded behind that; and what only asks for help does not wait for it.
  const { readEnvironment } = await import("../lib/env.ts");
  const { startServer } = await import("./start/start-server.ts");
  const server = await startServer(readEnvironment(process.env), texts, { nats });
  let stoppingSince: number | undefined;
  const stop = (signal: string) => {
    // A second signal means: at once. Nothing that was acknowledged is lost by that.
    if (stoppingSince !== undefined && performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(130);
    if (stoppingSince !== undefined) return;
    stoppingSince = performance.now();
    process.stderr.write(`\n${texts.start.stopping(signal)}\n`);
    server.stop().then(
      () => process.exit(),
      (thrown: unknown) => {
        process.stderr.write(`${texts.said(toError(thrown).message)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop(signal));
  void server.deaf.then(({ message }) => {
    process.stderr.write(`${texts.said(message)}\n`);
    process.exitCode = 1;
    stop("NATS");
  });
  // Whoever has read that it runs may stop it in order.
  process.stdout.write(server.banner);
  // Whoever has started it with a channel hears when it runs, also where its log is silent.
  const running: Running = { type: "running", url: server.url };
  process.send?.(running);
  // After the banner, so that the prompt stands last.
  if (repl) await (await import("./repl/in-process.ts")).runInProcess(server, texts);
}

try {
  const wanted = readArguments(process.argv.slice(2), texts);
  if (wanted.help) process.stdout.write(texts.start.help);
  else if (wanted.version) process.stdout.write(`${ownVersion()}\n`);
  else
    await start(wanted).catch((thrown: unknown) => {
      throw new Error(`${texts.start.failed}\n${texts.said(toError(thrown).message)}`);
    });
} catch (thrown) {
  process.stderr.write(`${toError(thrown).message}\n`);
  process.exit(1);
}
