// The nodes service with the services around it, and Macs that are put into the registry as pairing does.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../../../contracts/access.ts";
import type { NodeId } from "../../../../contracts/ids.ts";
import type { NodeDescription, NodeTool } from "../../../../contracts/tools.ts";
import { makeKeys } from "../../../../lib/edge/keys/make-keys.ts";
import { makeKey } from "../../../../lib/edge/keys/signatures.ts";
import { newId } from "../../../../lib/ids.ts";
import type { NodesTables } from "../../../../services/nodes/tables.ts";
import { nodesService } from "../../../../services/nodes.service.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import { sessionsService } from "../../../../services/sessions.service.ts";
import { toolsService } from "../../../../services/tools.service.ts";
import { usersService } from "../../../../services/users.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

export type NodesBroker = TestBroker & {
  /** A user who has an account. */
  person(name: string, over?: Partial<Caller>): Promise<Caller & { email: string }>;
  /** A Mac of the user's that is connected. */
  macOf(owner: Caller, name: string, over?: Partial<NodesTables["nodes"]>): Promise<NodeId>;
};

/** With keys of an edge that is away. */
export async function startNodes(): Promise<NodesBroker> {
  const keysFolder = await mkdtemp(join(tmpdir(), "macjarvis-keys-"));
  await makeKeys(keysFolder);
  // Nobody listens there.
  const edge = { url: "nats://127.0.0.1:9", publicUrl: "wss://edge.example", keysFolder };
  const test = await startTestBroker([
    usersService({ secrets: ["s".repeat(32)], registration: "open", hashing: { cost: 4 } }),
    quotaService(),
    sessionsService(),
    nodesService({ hostTools: "owner", edge }),
    toolsService(),
  ]);
  return {
    ...test,
    async stop() {
      await test.stop();
      await rm(keysFolder, { recursive: true, force: true });
    },
    person: (name, over) => register(test.broker, name, over),
    async macOf(owner, name, over = {}) {
      const id = newId<NodeId>("node");
      await test.broker.core.ports
        .sql<NodesTables>()
        .insertInto("nodes")
        .values({
          ...{ id, name, labels: "{}", is_host: 0, machine: null, created_at: new Date().toISOString() },
          ...{ description: JSON.stringify(DESCRIPTION), last_seen_at: null, owner_id: owner.user_id },
          ...{ public_key: makeKey("user").publicKey, instance: "one", online_until: Date.now() + 600_000 },
          ...{ revoked_at: null, cut_off_at: 0, problem: null, vitals: null },
          ...over,
        })
        .execute();
      return id;
    },
  };
}

async function register(broker: ServiceBroker, name: string, over: Partial<Caller> = {}) {
  const email = `${name}@example.com`;
  const account = { email, password: "correct horse battery", display_name: name };
  const meta = { clientAddress: "192.0.2.1" };
  const { user } = await broker.call<{ user: { id: Caller["user_id"] } }, object>("users.register", account, {
    meta,
  });
  return { ...aUser({ user_id: user.id, ...over }), email };
}

const tool = (name: string, category: string, risk: NodeTool["risk"]): NodeTool => ({
  ...{ name, category, risk, description: name, runs_on: "node", egress: false, idempotent: risk === "read" },
  parameters: { type: "object", properties: {}, additionalProperties: false },
  ...{ timeout_ms: 1_000, changes: [] },
});

export const DESCRIPTION: NodeDescription = {
  ...{ host_name: "studio", platform: "darwin", version: "0.1.0", home: "/Users/ada", roots: ["/Users/ada"] },
  tools: [
    tool("read_file", "files", "read"),
    tool("write_file", "files", "write"),
    tool("run_script", "system", "execute"),
  ],
  ...{ skipped_plugins: [], sandbox: "off" },
};
