// A broker with the users service and real stores; the services around it are stand-ins that note what they are asked.
import type { Kysely } from "kysely";
import type { Context, ServiceSchema } from "moleculer";
import type { Caller } from "../../../../contracts/access.ts";
import type { ActionName, ParamsOf, ResultOf } from "../../../../contracts/actions.ts";
import type { TokenPair } from "../../../../contracts/users.ts";
import { AppError } from "../../../../lib/errors.ts";
import type { Ports } from "../../../../lib/ports/ports.ts";
import type { UsersSettings } from "../../../../services/users/rooms.ts";
import type { UsersTables } from "../../../../services/users/store/tables.ts";
import { usersService } from "../../../../services/users.service.ts";
import { startTestBroker, type TestBroker } from "../../../support/test-broker.ts";
import { waitFor } from "../../../support/wait-for.ts";

export const PASSWORD = "correct horse battery";
export const SECRET = "a-secret-of-the-tests-that-is-long-enough";

/** The other services, as far as users asks them. An action named in `failing` fails. */
export class Neighbours {
  readonly asked: { action: string; params: Record<string, unknown> }[] = [];
  readonly failing = new Set<string>();

  schemas(): ServiceSchema[] {
    const service = (name: string, actions: string[]): ServiceSchema => ({
      name,
      actions: Object.fromEntries(actions.map((action) => [action, this.#action(`${name}.${action}`)])),
    });
    return [
      service("quota", ["subscribe", "removeUser"]),
      service("sessions", ["ensure", "append", "removeUser"]),
      service("agent", ["removeUser", "cancelRuns"]),
      service("tools", ["removeUser"]),
    ];
  }

  /** Names of the actions that were asked about this user, in order. */
  askedFor(user: string): string[] {
    return this.asked.filter(({ params }) => params.user_id === user).map(({ action }) => action);
  }

  #action(name: string) {
    return {
      access: { kind: "internal" as const },
      handler: async (ctx: Context) => {
        const params = ctx.params as Record<string, unknown>;
        this.asked.push({ action: name, params });
        if (this.failing.has(name)) throw new AppError("store_unavailable", `${name} fails for the test`);
        if (params.plan === "no-such-plan") throw new AppError("plan_not_found");
        return null;
      },
    };
  }
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
  const test = await startTestBroker([...neighbours.schemas(), users], options);
  const { broker, identity } = test;
  const ports = broker.core.ports;
  const ask: UsersBroker["ask"] = (name, params, clientAddress = "192.0.2.1") =>
    broker.call(name, params as object, { meta: { clientAddress } }) as never;
  return {
    ...test,
    neighbours,
    ports,
    database: ports.sql<UsersTables>(),
    ask,
    async with(token, name, params, clientAddress = "192.0.2.1") {
      const caller: Caller = await ask("users.resolveToken", { token });
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
