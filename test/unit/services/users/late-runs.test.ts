// A run that is being accepted while its user loses rights or goes: whoever ends the user's runs does not find it.
import { afterAll, afterEach, beforeAll, expect, jest, test } from "@jest/globals";
import type { RunId, UserId } from "../../../../contracts/ids.ts";
import type { AgentContext } from "../../../../services/agent/context.ts";
import type { Rooms } from "../../../../services/sessions/rooms.ts";
import { addAdmin, PASSWORD, startUsers, type UsersBroker, until } from "./users-broker.ts";

let users: UsersBroker;
let admin: string;
beforeAll(async () => {
  users = await startUsers();
  admin = (await addAdmin(users)).access_token;
});
afterAll(() => users.stop());
afterEach(() => {
  jest.restoreAllMocks();
});

const local = <T>(name: string) => users.broker.getLocalService(name) as unknown as T;
const agent = () => local<{ context: AgentContext }>("agent").context;
const sessions = () => local<{ rooms: Rooms }>("sessions").rooms;
const runOf = (id: string) => agent().runs.get(id as RunId);

/** A chat that has its hold and waits before its run is stored, until it is let go. */
async function holding(token: string, body: object) {
  const [holds, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const call = users.broker.call.bind(users.broker);
  jest.spyOn(users.broker, "call").mockImplementation((async (name: string, ...given: [object, object]) => {
    const answer = await call(name, ...given);
    if (name !== "quota.reserve") return answer;
    holds.resolve();
    await go.promise;
    return answer;
  }) as never);
  const started = users.with(token, "agent.start", { body } as never);
  await holds.promise;
  return {
    async letGo(): Promise<string> {
      go.resolve();
      return (await started).run_id;
    },
  };
}

const ended = async (run_id: string) => {
  await until(async () => (await runOf(run_id))?.finish_reason != null);
  return runOf(run_id);
};

test("of a user who is disabled meanwhile it ends at once, without a step", async () => {
  const { access_token, user } = await users.register("disabled@example.com");
  const chat = await holding(access_token, { message: "run true" });
  await users.with(admin, "users.adminUpdate", { id: user.id, disabled: true } as never);
  await until(() => users.neighbours.askedFor(user.id).includes("agent.cancelRuns"));
  const run_id = await chat.letGo();
  expect(await ended(run_id)).toMatchObject({
    status: "failed",
    error: { code: "account_disabled" },
    steps: [],
  });
});

test("of a user whose rights stay it goes on", async () => {
  const { access_token, user } = await users.register("changed@example.com");
  const chat = await holding(access_token, { message: "run true" });
  await users.with(admin, "users.adminUpdate", { id: user.id, plan: "pro" } as never);
  const run_id = await chat.letGo();
  await until(async () => ((await runOf(run_id))?.steps.length ?? 0) > 0);
  expect((await runOf(run_id))?.error).toBeUndefined();
});

test("of a user who goes meanwhile it ends at once, and what it has left goes too", async () => {
  const { access_token, user } = await users.register("gone@example.com");
  const chat = await holding(access_token, { message: "run true" });
  await users.with(access_token, "users.removeMe", { current_password: PASSWORD });
  const account = () =>
    users.database
      .selectFrom("users")
      .select("id")
      .where("id", "=", user.id as UserId)
      .execute();
  await until(async () => (await account()).length === 0);
  const run_id = await chat.letGo();
  expect(await ended(run_id)).toMatchObject({ status: "failed", steps: [] });
  const count = () => sessions().sessions.count("by_user", { user_id: user.id });
  expect(await count()).toBe(1);

  const work = await users.ports
    .sql<{ work: { queue: string; key: string; payload: string; run_at: number } }>()
    .selectFrom("work")
    .selectAll()
    .where("queue", "=", "remove-user")
    .execute();
  const again = work.find(({ key }) => key === `${user.id}:again`);
  expect((again?.run_at ?? 0) - Date.now()).toBeGreaterThan(60_000);
  // As when its time has come.
  await users.ports.work.add({ queue: "remove-user", payload: JSON.parse(again?.payload ?? "null") });
  await until(async () => (await runOf(run_id)) === null && (await count()) === 0);
});
