// All model servers that are set up, each looked at once: for `doctor`, when no server runs that knows.
import { type ProviderSettings, setUpProviders } from "../set-up-providers.ts";
import { lookAt } from "./look.ts";
import { type Fault, faultOf } from "./look-words.ts";

export type Examined = { provider: string; origin: string; fault?: Fault };

/** Never throws. Takes three seconds at most, however many there are. */
export async function examineServers(settings: ProviderSettings): Promise<Examined[]> {
  const { transport, all } = setUpProviders(settings);
  const servers = all.flatMap(({ server }) => (server ? [server] : []));
  return Promise.all(
    servers.map(async (server) => {
      const fault = faultOf(await lookAt(server, transport), server);
      return {
        provider: server.provider,
        origin: new URL(server.baseUrl).origin,
        ...(fault ? { fault } : {}),
      };
    }),
  );
}
