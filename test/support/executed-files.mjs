// Preloaded into a server: on SIGUSR2 it prints which of our own files ran since the last time, one line of JSON.
import { Session } from "node:inspector/promises";
import { isMainThread } from "node:worker_threads";

const ROOT = new URL("../../", import.meta.url).href;

if (isMainThread) {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  process.on("SIGUSR2", async () => {
    const { result } = await session.post("Profiler.takePreciseCoverage");
    const files = result
      .filter(
        ({ url, functions }) => url.startsWith(ROOT) && functions.some(({ ranges }) => ranges[0].count > 0),
      )
      .map(({ url }) => url.slice(ROOT.length))
      .filter((file) => !file.includes("node_modules/") && !file.startsWith("test/"));
    process.stdout.write(`executed ${JSON.stringify(files)}\n`);
  });
}
