// A nats-server with JetStream.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findServer } from "./find-server.ts";
import { firstAnswer } from "./first-answer.ts";
import type { LocalServer } from "./local-server.ts";
import { type Place, startProgram, type Where } from "./start-program.ts";

/**
 * `config`: more lines of its configuration, a cluster's or accounts. `generation`: the newest that this machine has, or 2.10, the
 * last one without batched direct get.
 */
export type NatsOptions = { config?: string; generation?: "newest" | "2.10" };

export async function startNats({
  config = "",
  generation = "newest",
  ...where
}: NatsOptions & Where = {}): Promise<LocalServer> {
  const { folder, version } = findServer(generation === "newest" ? "nats" : "nats 2.10");
  return startProgram({
    ...where,
    name: "nats",
    version,
    file: join(folder, "nats-server"),
    args: (place) => ["-c", configPath(place)],
    url: ({ port }) => `nats://127.0.0.1:${port}`,
    prepare: (place) => writeFile(configPath(place), `${settings(place)}${config}\n`),
    // JetStream is up before it listens.
    serves: async ({ port }) => (await firstAnswer(port, "")).startsWith("INFO"),
    endsBy: "SIGTERM",
  });
}

const configPath = ({ folder }: Place) => join(folder, "nats.conf");

const settings = ({ port, folder }: Place) => `
listen: "127.0.0.1:${port}"
max_payload: 8MB
jetstream { store_dir: ${JSON.stringify(join(folder, "jetstream"))} }
`;
