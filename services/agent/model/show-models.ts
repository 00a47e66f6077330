// Models as whoever runs the installation sees them: what is set up here, and what each process with an agent has learned of it. Nothing of
// this is stored: a process that does not answer now is shown as one that did not.
import type { ServiceBroker } from "moleculer";
import type { AgentHealth, ModelsHealth } from "../../../contracts/answers/models.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import { processesWith } from "../../../lib/broker/services-there.ts";
import { settingsOf } from "../../../lib/settings/live-settings.ts";
import type { AgentContext } from "../context.ts";

/** Longer than model servers are waited for (plugins/models/servers/look.ts), shorter than whoever asks. */
const PATIENCE_MS = 6_000;

type Here = Pick<AgentContext, "models" | "asker" | "owned">;

/** Processes in the order of their names, this one among them. */
export async function showModels(
  { models, log }: AgentContext,
  broker: ServiceBroker,
): Promise<ModelsHealth> {
  const ask = async (process: string): Promise<AgentHealth> => {
    try {
      const options = { nodeID: process, timeout: PATIENCE_MS };
      const told = await callAs(broker, "agent", SYSTEM, "agent.modelsHealth", {}, options);
      return { ...told, answered: true };
    } catch (err) {
      log.warn({ err, process }, "a process did not say how its models are");
      return { process, answered: false, checked_at: null, servers: [], models: [] };
    }
  };
  const [chosen, processes] = await Promise.all([
    models.list(),
    Promise.all(processesWith(broker, "agent").map(ask)),
  ]);
  const fallback = settingsOf(broker).now.fallback_models;
  const others = fallback.filter((id) => !chosen.some((model) => model.id === id));
  return {
    default: models.default,
    fallback,
    providers: models.providers(),
    models: [
      ...chosen.map((model) => ({ ...model, choosable: true })),
      ...others.flatMap((id) => {
        const found = models.resolve(id);
        return found ? [{ ...found.info, choosable: false }] : [];
      }),
    ],
    processes,
  };
}

/** @returns how the models are for this process; servers that were not looked at lately are looked at first */
export async function healthHere({ models, asker, owned }: Here): Promise<Omit<AgentHealth, "answered">> {
  await models.list();
  return {
    process: owned.owner,
    checked_at: new Date().toISOString(),
    servers: models.servers(),
    models: asker.health(),
  };
}
