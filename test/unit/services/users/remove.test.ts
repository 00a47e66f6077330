import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { addAdmin, PASSWORD, refusal, startUsers, type UsersBroker, until } from "./users-broker.ts";

let users: UsersBroker;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());
beforeEach(() => users.neighbours.failing.clear());

const isGone = (id: string) => async () =>
  (await users.database
    .selectFrom("users")
    .select("id")
    .where("id", "=", id as never)
    .executeTakeFirst()) === undefined;

describe("removing oneself", () => {
  test("names the password that is missing", async () => {
    const { access_token } = await users.register("silent@example.com");
    const error = await users
      .with(access_token, "users.removeMe", {})
      .catch((thrown: { data: { errors: { path: string }[] } }) => thrown);
    expect(error).toMatchObject({
      type: "invalid_request",
      data: { errors: [{ path: "current_password" }] },
    });
  });

  test("needs the password", async () => {
    const { access_token } = await users.register("stay@example.com");
    const remove = users.with(access_token, "users.removeMe", { current_password: "wrong password" });
    expect(await refusal(remove)).toBe("wrong_password");
    await users.with(access_token, "users.me", {});
  });

  test("ends every credential at once and then takes down what the services hold, in order", async () => {
    users.neighbours.failing.add("sessions.removeUser");
    const { access_token, refresh_token, user } = await users.register("leave@example.com");
    const { secret } = await users.with(access_token, "users.createKey", { name: "key" });
    const answer = await users.with(access_token, "users.removeMe", { current_password: PASSWORD });
    expect(answer).toEqual({ status: "removing" });
    for (const token of [access_token, secret])
      expect(await refusal(users.ask("users.resolveToken", { token }))).toBe("unauthenticated");
    expect(await refusal(users.ask("users.refresh", { refresh_token }))).toBe("refresh_invalid");
    const login = users.ask("users.login", { email: "leave@example.com", password: PASSWORD });
    expect(await refusal(login)).toBe("invalid_credentials");

    await until(() => users.neighbours.askedFor(user.id).includes("sessions.removeUser"));
    users.neighbours.failing.clear();
    await until(isGone(user.id));
    const removals = users.neighbours.askedFor(user.id).filter((name) => name.endsWith(".removeUser"));
    expect(removals.slice(-5)).toEqual([
      "agent.removeUser",
      "nodes.removeUser",
      "sessions.removeUser",
      "tools.removeUser",
      "quota.removeUser",
    ]);
    for (const table of ["api_keys", "refresh_families"] as const)
      expect(
        await users.database
          .selectFrom(table)
          .select("id")
          .where("user_id", "=", user.id as never)
          .execute(),
      ).toEqual([]);
    expect(await refusal(users.register("leave@example.com"))).toBeUndefined();
  });
});

test("a removal lies ready also where only the account's state could be written", async () => {
  const { access_token, user } = await users.register("half@example.com");
  const append = jest.spyOn(users.ports.audit, "append").mockRejectedValue(new Error("the store went"));
  await users.with(access_token, "users.removeMe", { current_password: PASSWORD }).catch(() => undefined);
  append.mockRestore();
  const waiting = await users.ports
    .sql<{ work: { queue: string; key: string; payload: string } }>()
    .selectFrom("work")
    .selectAll()
    .where("key", "=", `${user.id}:sure`)
    .execute();
  expect(waiting).toHaveLength(1);
  // As when its time has come.
  await users.ports.work.add({ queue: "remove-user", payload: JSON.parse(waiting[0]?.payload ?? "null") });
  await until(isGone(user.id));
});

describe("an admin removes an account", () => {
  test("with the same end, told in the audit trail with who did it", async () => {
    const admin = await addAdmin(users);
    const { user, access_token } = await users.register("removed@example.com");
    const remove = () => users.with(admin.access_token, "users.adminRemove", { id: user.id as never });
    expect(await remove()).toEqual({ status: "removing" });
    expect(await refusal(users.ask("users.resolveToken", { token: access_token }))).toBe("unauthenticated");
    expect(await refusal(remove())).toBe("user_not_found");
    await until(isGone(user.id));
    expect(users.neighbours.askedFor(user.id).slice(-5)).toEqual([
      "agent.removeUser",
      "nodes.removeUser",
      "sessions.removeUser",
      "tools.removeUser",
      "quota.removeUser",
    ]);
    const told = await users.ports
      .sql<{ audit: { user_id: string; entry: string; details: string } }>()
      .selectFrom("audit")
      .selectAll()
      .where("user_id", "=", user.id)
      .execute();
    const removing = told.find(({ entry }) => entry.startsWith("account.removing"));
    expect(JSON.parse(removing?.details ?? "{}")).toMatchObject({ by: admin.user.id });
  });

  test("but neither its own nor, of two that do it to each other at once, both", async () => {
    const [one, two] = [
      await addAdmin(users, "one@example.com"),
      await addAdmin(users, "two@example.com"),
    ] as const;
    const remove = (by: typeof one, of: typeof one) =>
      refusal(users.with(by.access_token, "users.adminRemove", { id: of.user.id as never }));
    expect(await remove(one, one)).toBe("forbidden");
    await users.database
      .updateTable("users")
      .set({ role: "free_user" })
      .where("id", "not in", [one.user.id as never, two.user.id as never])
      .execute();
    expect((await Promise.all([remove(one, two), remove(two, one)])).toSorted()).toEqual([
      "last_admin",
      undefined,
    ]);
  });
});
