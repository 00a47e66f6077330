// A broker in this process with real stores in a temporary folder and the services a test asks for.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { pino } from "pino";
import type { Caller } from "../../contracts/access.ts";
import type { ActionName, ParamsOf, ResultOf } from "../../contracts/actions.ts";
import type { UserId } from "../../contracts/ids.ts";
import { Identity } from "../../lib/broker/authorization.ts";
import { openEmbeddedPorts } from "../../lib/embedded/open-embedded-ports.ts";
import { newId } from "../../lib/ids.ts";
import { createBroker } from "../../moleculer.config.ts";

export type TestBroker = {
  broker: ServiceBroker;
  identity: Identity;
  home: string;
  /** Calls as this user (or as a service for it, when `service` is set). */
  as<Name extends ActionName>(caller: Caller, name: Name, params: ParamsOf<Name>): Promise<ResultOf<Name>>;
  stop(): Promise<void>;
};

export async function startTestBroker(
  schemas: ServiceSchema[],
  options: { home?: string; clock?: () => number } = {},
): Promise<TestBroker> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "macjarvis-test-")));
  const ports = openEmbeddedPorts({ home, ...(options.clock ? { clock: options.clock } : {}) });
  const identity = new Identity(Buffer.alloc(32, 7));
  const broker = createBroker({ ports, identity, log: pino({ level: "silent" }) });
  for (const schema of schemas) broker.createService(schema);
  await broker.start();
  return {
    broker,
    identity,
    home,
    as: (caller, name, params) =>
      broker.call(name, params as object, { meta: { identity: identity.sign(caller) } }) as never,
    async stop() {
      await broker.stop();
      await ports.close();
      if (!options.home) await rm(home, { recursive: true, force: true });
    },
  };
}

/** A user as callers see it; nobody has to be registered for a service that only checks ownership. */
export function aUser(over: Partial<Caller> = {}): Caller {
  return { user_id: newId<UserId>("user"), role: "free_user", plan: "free", scopes: "all", ...over };
}
