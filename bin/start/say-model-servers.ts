// Says in the log what is wrong with model servers: the banner does not wait for one that hangs.
import type { Log } from "../../lib/log.ts";
import type { ModelRegistry } from "../../plugins/models/registry.ts";

/** Never rejects; takes as long as the slowest look (three seconds). */
export async function sayModelServers(models: Pick<ModelRegistry, "serverFaults">, log: Log): Promise<void> {
  for (const reason of await models.serverFaults())
    log.warn({ service: "agent", reason }, "a model server cannot be used");
}
