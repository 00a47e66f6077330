// Says in the log what is wrong with model servers: the banner does not wait for one that hangs.
import type { Log } from "../../lib/log.ts";
import type { ModelRegistry } from "../../plugins/models/registry.ts";

/** Never rejects; takes as long as the slowest look (three seconds). */
export async function sayModelServers(models: Pick<ModelRegistry, "list">, log: Log): Promise<void> {
  const list = await models.list();
  const reasons = list.flatMap(({ reason }) => (reason?.startsWith("the server of ") ? [reason] : []));
  for (const reason of new Set(reasons)) log.warn({ service: "agent", reason }, "a model server");
}
