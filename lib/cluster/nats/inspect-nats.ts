// What a NATS of a cluster says of itself and who is on it, for `npm run doctor`: nothing is changed, in bounded time.
import { jetstreamManager } from "@nats-io/jetstream";
import { openNats } from "./open-nats.ts";
import { type Present, rollCall } from "./roll-call.ts";

export type NatsState = {
  version: string;
  maxPayload: number;
  hasJetStream: boolean;
  present: Present[];
};

const ASK_MS = 3_000;
/** A busy process takes its time to answer. */
const ROLL_CALL_MS = 3_000;

/** @throws Error in words for whoever runs the cluster: it is away, refuses the password, … */
export async function inspectNats(url: string, credentialsFile?: string): Promise<NatsState> {
  const nats = await openNats({
    ...{ url, name: "macjarvis doctor" },
    ...(credentialsFile ? { credentialsFile } : {}),
  });
  try {
    const manager = await jetstreamManager(nats.connection, { checkAPI: false, timeout: ASK_MS });
    const [hasJetStream, present] = await Promise.all([
      manager.getAccountInfo().then(
        () => true,
        () => false,
      ),
      rollCall(nats, ROLL_CALL_MS),
    ]);
    const version = nats.connection.info?.version ?? "";
    return { version, maxPayload: nats.maxPayload, hasJetStream, present };
  } finally {
    await nats.close();
  }
}
