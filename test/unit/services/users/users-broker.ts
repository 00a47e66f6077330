// A broker with the users service, real stores and the real services around it; what users asks them is noted, and can be made to
// fail or to answer too late.
import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { Errors, type ServiceBroker, type ServiceSchema } from "moleculer";
import type { ActionName, ParamsOf, ResultOf } from "../../../../contracts/actions.ts";
import type { TokenPair } from "../../../../contracts/users.ts";
import { AppError } from "../../../../lib/errors.ts";
import type { Ports } from "../../../../lib/ports/ports.ts";
import { builtInSettings } from "../../../../lib/settings/default-settings.ts";
import { nodeService } from "../../../../mac-node/node.service.ts";
import { openModels } from "../../../../plugins/models/registry.ts";
import { createAsker } from "../../../../services/agent/model/ask-model.ts";
import { agentService } from "../../../../services/agent.service.ts";
import { nodesService } from "../../../../services/nodes.service.ts";
import { quotaService } from "../../../../services/quota.service.ts";
import { sessionsService } from "../../../../services/sessions.service.ts";
import { toolsService } from "../../../../services/tools.service.ts";
import type { UsersSettings } from "../../../../services/users/rooms.ts";
import type { UsersTables } from "../../../../services/users/store/tables.ts";
import { usersService } from "../../../../services/users.service.ts";
import { startTestBroker, type TestBroker } from "../../../support/test-broker.ts";
import { waitFor } from "../../../support/wait-for.ts";

export const PASSWORD = "correct horse battery";
export const SECRET = "a-secret-of-the-tests-that-is-long-enough";

/** What the services are asked for. An action named in `failing` is not done and fails; one in `late` is done after the time-out. */
export class Neighbours {
  readonly asked: { action: string; params: Record<string, unknown> }[] = [];
  readonly failing = new Set<string>();
  readonly late = new Set<string>();
  /** What was asked for too long ago, and is yet to be done. */
  readonly #underWay: (() => Promise<unknown>)[] = [];

  /** Before all others: whatever they ask at their start is noted too. */
  schema(): ServiceSchema {
    const listen = (broker: ServiceBroker) => this.#listen(broker);
    return {
      name: "neighbours",
      created() {
        listen(this.broker);
      },
    };
  }

  /** Stands on the way of every call from now on. */
  #listen(broker: ServiceBroker): void {
    const call = broker.call.bind(broker);
    broker.call = ((action: string, params: object, options: object) => {
      if (action.startsWith("users.")) return call(action, params, options);
      this.asked.push({ action, params: params as Record<string, unknown> });
      if (this.failing.has(action))
        return Promise.reject(new AppError("store_unavailable", `${action} fails for the test`));
      if (!this.late.has(action)) return call(action, params, options);
      this.#underWay.push(() => call(action, params, options));
      return Promise.reject(new Errors.RequestTimeoutError({ action, nodeID: broker.nodeID }));
    }) as typeof broker.call;
  }

  /** Does what timed out before: it was on its way all the time. */
  async land(): Promise<void> {
    this.late.clear();
    for (const action of this.#underWay.splice(0)) await action();
  }

  /** Names of the actions that were asked about this user, in order. */
  askedFor(user: string): string[] {
    return this.asked.filter(({ params }) => params.user_id === user).map(({ action }) => action);
  }
}

/** The other services of a core process. @param home where the node of this machine keeps its journal */
export function servicesAround(home: string): ServiceSchema[] {
  mkdirSync(join(home, "root"), { recursive: true });
  const models = openModels({});
  const limits = { deadlineMs: 60_000, approvalMs: 60_000, maxSteps: 5 };
  const asker = createAsker({ models, settings: { now: builtInSettings() } });
  return [
    quotaService(),
    sessionsService(),
    nodeService({
      ...{ home, journalFolder: join(home, "node"), roots: [join(home, "root")], sandbox: "off" },
      pluginFolder: join(home, "plugins"),
    }),
    nodesService({ hostTools: "owner" }),
    toolsService(),
    agentService({ models, asker, crash: () => undefined, ...limits }),
  ];
}

export type UsersBroker = TestBroker & {
  neighbours: Neighbours;
  ports: Ports;
  database: Kysely<UsersTables>;
  /** Calls an open action from an address. */
  ask<Name extends ActionName>(name: Name, params: ParamsOf<Name>, address?: string): Promise<ResultOf<Name>>;
  /** Calls with whatever the token proves. */
  with<Name extends ActionName>(
    token: string,
    name: Name,
    params: ParamsOf<Name>,
    address?: string,
  ): Promise<ResultOf<Name>>;
  register(email: string): Promise<TokenPair>;
};

export async function startUsers(
  settings: Partial<UsersSettings> = {},
  options: { home?: string } = {},
): Promise<UsersBroker> {
  const neighbours = new Neighbours();
  const users = usersService({
    secrets: [SECRET],
    registration: "open",
    hashing: { cost: 4 },
    ...settings,
  });
  const home = options.home ?? (await mkdtemp(join(tmpdir(), "macjarvis-users-")));
  // Looked up each time, so that a test may hold it.
  const clock = () => Date.now();
  const test = await startTestBroker([neighbours.schema(), ...servicesAround(home), users], { home, clock });
  const { broker, identity } = test;
  const ports = broker.core.ports;
  const ask: UsersBroker["ask"] = (name, params, clientAddress = "192.0.2.1") =>
    broker.call(name, params as object, { meta: { clientAddress } }) as never;
  return {
    ...test,
    async stop() {
      await test.stop();
      if (!options.home) await rm(home, { recursive: true, force: true });
    },
    neighbours,
    ports,
    database: ports.sql<UsersTables>(),
    ask,
    async with(token, name, params, clientAddress = "192.0.2.1") {
      const { caller } = await ask("users.resolveToken", { token });
      const meta = { identity: identity.sign(caller), clientAddress };
      return broker.call(name, params as object, { meta }) as never;
    },
    register: (email) => ask("users.register", { email, password: PASSWORD }),
  };
}

/** An admin that the tests of admin actions act as. */
export async function addAdmin(test: UsersBroker, email = "admin@example.com"): Promise<TokenPair> {
  const { user } = await test.register(email);
  await test.database
    .updateTable("users")
    .set({ role: "admin" })
    .where("id", "=", user.id as never)
    .execute();
  return test.ask("users.login", { email, password: PASSWORD });
}

/** Waits until the condition holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await waitFor("the condition of the test", condition);
}

/** The type of the error the promise is refused with. */
export async function refusal(promise: Promise<unknown>): Promise<string | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error: unknown) {
    return (error as { type?: string }).type;
  }
}
