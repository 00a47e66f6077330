// Preloaded into a server: on SIGUSR2 it prints the address of every module that was loaded since, one line of JSON.
import { registerHooks } from "node:module";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const loaded = [];
  registerHooks({
    load(url, context, next) {
      loaded.push(url);
      return next(url, context);
    },
  });
  process.on("SIGUSR2", () => process.stdout.write(`loaded ${JSON.stringify(loaded)}\n`));
}
