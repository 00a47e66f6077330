// What the compiler refuses stands here with `@ts-expect-error`: `npm run check` fails when it no longer does.

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Service } from "moleculer";
import { type RunningServer, startServer } from "../../../../bin/start/start-server.ts";
import type { NotJson, ParamsOf, ResultOf } from "../../../../contracts/actions.ts";
import type { Jsonable } from "../../../../contracts/json.ts";
import * as quota from "../../../../contracts/quota.ts";
import type { TokenPair } from "../../../../contracts/users.ts";
import * as users from "../../../../contracts/users.ts";
import { type Action, action, callAs, SYSTEM } from "../../../../lib/broker/action.ts";
import { defineService } from "../../../../lib/broker/define-service.ts";
import { readEnvironment } from "../../../../lib/env.ts";

const PUBLIC = { kind: "public" } as const;
type Login<This = Service> = Action<"users.login", This>;
const pair = {} as TokenPair;

describe("an action that does not keep its contract does not compile", () => {
  test("its result", () => {
    const login = { access: PUBLIC, input: users.loginParams };
    const right: Login = action({ ...login, handler: async () => pair });
    // @ts-expect-error the tokens are missing
    const wrong: Login = action({ ...login, handler: async () => ({ user: pair.user }) });
    // @ts-expect-error nothing at all
    const none: Login = action({ ...login, async handler() {} });
    expect([right, wrong, none].map(({ access }) => access)).toEqual([PUBLIC, PUBLIC, PUBLIC]);
  });

  test("its parameters", () => {
    const handler = async () => pair;
    // @ts-expect-error the schema of another action
    const other: Login = action({ access: PUBLIC, input: users.refreshParams, handler });
    const read: Login = action({
      access: PUBLIC,
      input: users.loginParams,
      async handler(params) {
        // @ts-expect-error the schema has no such field
        void params.role;
        return pair;
      },
    });
    expect([other, read]).toHaveLength(2);
  });

  test("its service", () => {
    const ofAnother: Action<"users.login", Service & { rooms: string }> = action({
      access: PUBLIC,
      input: users.loginParams,
      async handler() {
        // @ts-expect-error not of this service
        void this.other;
        return { ...pair, access_token: this.rooms };
      },
    });
    expect(ofAnother.access).toEqual(PUBLIC);
  });

  test("the set of its service", () => {
    const plans = { access: PUBLIC, input: quota.emptyParams, handler: async () => ({ plans: [] }) };
    // @ts-expect-error the other actions of quota are missing
    const incomplete = defineService<"quota", Service>({ name: "quota", actions: { plans: action(plans) } });
    // @ts-expect-error no service "other" has actions in the contract
    const unknown = defineService<"other", Service>({ name: "other", actions: { plans: action(plans) } });
    expect([incomplete.name, unknown.name]).toEqual(["quota", "other"]);
  });

  test("a caller's use of it", () => {
    const use = (broker: Service["broker"]) => {
      const params: ParamsOf<"users.login"> = { email: "ada@example.com", password: "correct horse" };
      // @ts-expect-error no such field
      void callAs(broker, "test", SYSTEM, "users.login", { ...params, role: "admin" });
      const answer: Promise<ResultOf<"users.login">> = callAs(broker, "test", SYSTEM, "users.login", params);
      // @ts-expect-error the result has no such field
      return answer.then(({ password }) => password);
    };
    expect(typeof use).toBe("function");
  });
});

describe("what crosses the bus", () => {
  test("is JSON in every action's parameters and result", () => {
    const none: [NotJson] extends [never] ? "all are" : NotJson = "all are";
    expect(none).toBe("all are");
  });

  test("is no date, no bytes, no function, nothing undefined", () => {
    type Fits<T> = [T] extends [Jsonable<T>] ? "fits" : "does not";
    const fitting: Fits<{ at: string; more?: number[]; args: unknown; nothing: null }> = "fits";
    const refused: [
      Fits<{ at: Date }>,
      Fits<{ list: { bytes: Buffer }[] }>,
      Fits<Uint8Array>,
      Fits<{ missing: string | undefined }>,
      Fits<{ call(): void }>,
      Fits<{ big: bigint }>,
    ] = ["does not", "does not", "does not", "does not", "does not", "does not"];
    expect([fitting, ...refused]).toHaveLength(7);
  });
});

test("the services have the actions of contracts/actions.ts, and no others", async () => {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-actions-"));
  let server: RunningServer | undefined;
  try {
    server = await startServer(
      readEnvironment({
        MACJARVIS_HOME: home,
        PORT: "0",
        SANDBOX: "off",
        LOG_LEVEL: "fatal",
        LOG_FORMAT: "json",
      }),
    );
    const served = server.broker.registry.getActionList({ onlyLocal: true }).map(({ name }) => String(name));
    const contract = readFileSync("contracts/actions.ts", "utf8").matchAll(/^ {2}"(\w+\.\w+)":/gm);
    expect(served.toSorted()).toEqual([...contract].map(([, name]) => name).toSorted());
  } finally {
    await server?.stop();
    await rm(home, { recursive: true, force: true });
  }
});
