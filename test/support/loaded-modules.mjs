// Preloaded into a server, or the program of a Mac: on SIGUSR2 it prints the address of every module that was loaded since, and the names
// of Node's own, one line of JSON.
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
  process.on("SIGUSR2", () => {
    const all = [...loaded, ...process.moduleLoadList];
    process.stdout.write(`loaded ${JSON.stringify(all)}\n`);
  });
}
