// Serves this Mac's tools on the edge bus: the connection with the credentials of its pairing, a broker of its own, and the node service.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import type { Core } from "../lib/broker/core.ts";
import { edgeBrokerOptions } from "../lib/edge/bus/edge-broker.ts";
import { EdgeTransporter } from "../lib/edge/bus/edge-transporter.ts";
import { macSide } from "../lib/edge/bus/subjects.ts";
import { claimJournal } from "../lib/edge/journal-claim.ts";
import { Signer } from "../lib/edge/keys/signatures.ts";
import type { Calls } from "./calls/calls.ts";
import { Chain } from "./chain/chain.ts";
import { connectEdge, type EdgeConnection } from "./edge/connect.ts";
import { EdgeSignals } from "./edge/edge-signals.ts";
import { onlyGranted } from "./edge/granted.ts";
import { HubClock } from "./edge/hub-clock.ts";
import { MacGuard } from "./edge/mac-guard.ts";
import { OwnersGate } from "./edge/owners-gate.ts";
import { HubPresence } from "./edge/presence.ts";
import { readCharge } from "./edge/read-charge.ts";
import { tellAnew } from "./edge/tell-anew.ts";
import { Vitals } from "./edge/vitals.ts";
import { macMcp } from "./mcp/of-a-mac.ts";
import { nodeService } from "./node.service.ts";
import type { PolicyState } from "./policy/read-policy.ts";
import type { OwnJournal } from "./program/journal-identity.ts";
import type { Serve, ServeGiven, Serving } from "./program/serving.ts";

/** How long calls may still run when this Mac's program is stopped. */
const DRAIN_MS = 10_000;
const LOOK_MS = 50;

/** Resolves at once: that the server cannot be reached now keeps nobody from stopping. */
export const serveEdge: Serve = async (given) => {
  const gate = new OwnersGate(given.policy, given.freezer, given.identity.user_id);
  const presence = new HubPresence({ cutOff: () => gate.cutOff(), onChange: given.onChange });
  const stopper = new AbortController();
  const opening = serve(given, gate, presence, stopper.signal);
  opening.catch((thrown: Error) => {
    if (!stopper.signal.aborted) given.onProblem(thrown);
  });
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    stopper.abort();
    presence.stop();
    await (await opening.catch(() => undefined))?.stop();
  };
  return {
    state: () => presence.state,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  } satisfies Serving;
};

async function serve(
  given: ServeGiven,
  gate: OwnersGate,
  presence: HubPresence,
  signal: AbortSignal,
): Promise<{ stop(): Promise<void> }> {
  let calls: Calls | undefined;
  const connection = await connectEdge(given, () => (calls?.running ?? 0) > 0, signal);
  const broker = brokerOf(given, connection, gate, presence);
  const stop = async () => {
    gate.close();
    for (const until = performance.now() + DRAIN_MS; performance.now() < until; await sleep(LOOK_MS))
      if ((calls?.running ?? 0) === 0) break;
    await broker.stop();
    await connection.close();
  };
  try {
    await broker.start();
    // Moleculer would say it a second later.
    tellAnew(broker);
    calls = (broker.getLocalService("node") as unknown as { calls: Calls }).calls;
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { stop };
}

function brokerOf(
  { folder, identity, key, policy, secrets, freezer, log, journal, onProblem, crash }: ServeGiven,
  { nats, credentials }: EdgeConnection,
  gate: OwnersGate,
  presence: HubPresence,
): ServiceBroker {
  const { node_id } = identity;
  // A pairing has nothing to do with the one before it.
  const record = join(folder.records, node_id);
  const signals = new EdgeSignals((hub, data) => transporter.tell("OUT", hub, data));
  const guard = new MacGuard({
    nodeId: node_id,
    clock: new HubClock(Date.parse(credentials().server_time) - Date.now()),
    heard: () => presence.heard(),
    instance: () => broker.instanceID,
    keys: () => credentials().grant_keys,
    asked(hub, action, { call_id }) {
      if (action === "node.execute") signals.asked(hub, String(call_id));
    },
  });
  const vitals = new Vitals({ readBattery: () => readCharge() });
  const transporter = new EdgeTransporter({
    ...{ nats, side: macSide(node_id), guard, onDeaf: onProblem },
    itself: () => ({ journal: journal && claimOf(journal, node_id, broker.instanceID) }),
    pulse: () => vitals.now(),
  });
  const granted = onlyGranted((action, why) => log.warn({ action, why }, "a request of a hub was refused"));
  const broker = new ServiceBroker(
    edgeBrokerOptions({ nodeID: node_id, transporter, log, middlewares: [granted] }),
  );
  // What else is in it no service of a Mac asks for.
  broker.core = { log, ports: { signals, ready: async () => undefined } } as unknown as Core;
  broker.createService(
    nodeService({
      ...{ home: folder.path, journalFolder: folder.journal, pluginFolder: folder.plugins },
      ...{ ...gate.ground, secrets, gate, freezeFile: join(record, "frozen-by-server.json") },
      mcp: { open: macMcp(() => mcpOf(policy.now())), changed: () => tellAnew(broker) },
      openChain: () => openChain(record, node_id, key.seed),
      crash,
    }),
  );
  // The server shows it.
  freezer.onFreeze(() => tellAnew(broker));
  freezer.onThaw(() => tellAnew(broker));
  return broker;
}

const claimOf = ({ seed, start }: OwnJournal, nodeId: string, instance: string) =>
  claimJournal(new Signer(seed), nodeId, instance, start);

const mcpOf = (state: PolicyState) => (state.ok ? (state.policy.mcp ?? {}) : undefined);

/** Signed by OpenSSL: with the library's own signing each call would take a hundred times as long. */
function openChain(folder: string, nodeId: string, seed: Uint8Array): Promise<Chain> {
  const signer = new Signer(Buffer.from(seed).toString("ascii"));
  const { publicKey } = signer;
  return Chain.open(folder, { nodeId, publicKey, sign: (text) => signer.sign(text) });
}
