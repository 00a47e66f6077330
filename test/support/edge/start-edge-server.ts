// A nats-server of the edge for tests, with keys of its own in a temporary folder, as `doctor -- nats init` makes them.
import { join } from "node:path";
import { findServer } from "../../../bin/cluster/servers/find-server.ts";
import { firstAnswer } from "../../../bin/cluster/servers/first-answer.ts";
import type { LocalServer } from "../../../bin/cluster/servers/local-server.ts";
import { type Place, startProgram } from "../../../bin/cluster/servers/start-program.ts";
import { makeKeys } from "../../../lib/edge/keys/make-keys.ts";
import { configurationPath, writeConfiguration } from "../../../lib/edge/server-configuration.ts";

/** `keysFolder` is for EDGE_KEYS, `url` for EDGE_URL; what it logs is in `log` of its folder. */
export type EdgeServer = LocalServer & { keysFolder: string };

type Options = {
  /** Carries the core's bus as well. */
  core?: boolean;
  /** The newest that this machine has, or 2.10. */
  generation?: "newest" | "2.10";
};

export async function startEdgeServer(options: Options = {}): Promise<EdgeServer> {
  const { core = false, generation = "newest" } = options;
  const { folder, version } = findServer(generation === "newest" ? "nats" : "nats 2.10");
  const server = await startProgram({
    ...{ name: "edge", version, file: join(folder, "nats-server"), endsBy: "SIGTERM" },
    args: (place) => ["-c", configurationPath(keysIn(place))],
    url: ({ port }) => `nats://127.0.0.1:${port}`,
    async prepare(place) {
      await makeKeys(keysIn(place));
      writeConfiguration(keysIn(place), { host: "127.0.0.1", port: place.port, core });
    },
    serves: async ({ port }) => (await firstAnswer(port, "")).startsWith("INFO"),
  });
  return Object.assign(server, { keysFolder: keysIn(server) });
}

/** With all else of the server, so that its guard removes them. */
const keysIn = ({ folder }: Pick<Place, "folder">) => join(folder, "keys");
