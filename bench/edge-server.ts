// nats-server of the edge, where Macs and the server meet, with keys of its own. Started by measure/macs.ts: the folder for the keys.
import { join } from "node:path";
import { findServer } from "../bin/cluster/servers/find-server.ts";
import { firstAnswer } from "../bin/cluster/servers/first-answer.ts";
import { startProgram } from "../bin/cluster/servers/start-program.ts";
import { makeKeys } from "../lib/edge/keys/make-keys.ts";
import { configurationPath, writeConfiguration } from "../lib/edge/server-configuration.ts";
import { endWithParent, type Ready } from "./measure/announce.ts";

const [keys = ""] = process.argv.slice(2);

const { folder, version } = findServer("nats");
const server = await startProgram({
  ...{ name: "edge", version, file: join(folder, "nats-server"), endsBy: "SIGTERM" },
  args: () => ["-c", configurationPath(keys)],
  url: ({ port }) => `nats://127.0.0.1:${port}`,
  async prepare({ port }) {
    await makeKeys(keys);
    writeConfiguration(keys, { host: "127.0.0.1", port });
  },
  serves: async ({ port }) => (await firstAnswer(port, "")).startsWith("INFO"),
});
process.send?.({ type: "ready", port: server.port } satisfies Ready);
process.once("SIGTERM", () => void server.stop().finally(() => process.exit(0)));
endWithParent();
