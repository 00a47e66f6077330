import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { WorkItem } from "../../../../lib/ports/work.ts";
import { PASSWORD, refusal, startUsers, type UsersBroker, until } from "./users-broker.ts";

let users: UsersBroker;
const events: WorkItem["payload"][] = [];
beforeAll(async () => {
  users = await startUsers();
  users.ports.work.handle("domain-events", async ({ payload }) => {
    events.push(payload);
  });
});
afterAll(() => users.stop());
beforeEach(() => users.neighbours.failing.clear());

const accountsOf = (email: string) =>
  users.database.selectFrom("users").selectAll().where("email", "=", email).execute();

describe("register", () => {
  test("answers the user and tokens that work at once", async () => {
    const pair = await users.ask("users.register", {
      email: "Ada@Example.com",
      password: PASSWORD,
      display_name: "Ada",
    });
    expect(pair.user).toMatchObject({
      email: "ada@example.com",
      display_name: "Ada",
      role: "free_user",
      plan: "free",
      avatar_url: null,
      is_verified: false,
    });
    expect(pair).toMatchObject({ token_type: "Bearer", expires_in: 900 });
    const { user } = await users.with(pair.access_token, "users.me", {});
    expect(user.id).toBe(pair.user.id);
  });

  test("subscribes to the free plan, makes the welcome session and tells user.registered", async () => {
    const { user } = await users.register("grace@example.com");
    expect(users.neighbours.askedFor(user.id)).toEqual(["quota.subscribe"]);
    const begun = users.neighbours.asked.findLast(({ action }) => action.startsWith("sessions."));
    expect(begun).toMatchObject({
      action: "sessions.begin",
      params: { title: "Welcome", messages: [{ role: "assistant", session_id: begun?.params.id }] },
    });
    const isTold = (event: unknown) => (event as { data: { user_id: string } }).data.user_id === user.id;
    await until(() => events.some(isTold));
    expect(events.find(isTold)).toMatchObject({ type: "user.registered", source: "users", version: 1 });
  });

  test("an address is taken in every spelling of its case", async () => {
    await users.register("mary@example.com");
    expect(await refusal(users.register("Mary@EXAMPLE.com"))).toBe("email_taken");
  });

  test("of many at once with one address one succeeds", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => refusal(users.register("many@example.com"))),
    );
    expect(outcomes.filter((type) => type === undefined)).toHaveLength(1);
    expect(outcomes.filter((type) => type === "email_taken")).toHaveLength(5);
    expect(await accountsOf("many@example.com")).toHaveLength(1);
  });

  test("a common password is refused and leaves no account", async () => {
    const attempt = users.ask("users.register", { email: "weak@example.com", password: "password1" });
    expect(await refusal(attempt)).toBe("weak_password");
    expect(await accountsOf("weak@example.com")).toEqual([]);
  });

  test.each(["quota.subscribe", "sessions.begin"])(
    "when %s fails everything is undone in reverse, and the address is free again",
    async (action) => {
      const email = `${action}@example.com`;
      users.neighbours.failing.add(action);
      users.neighbours.asked.length = 0;
      expect(await refusal(users.register(email))).toBe("store_unavailable");
      expect(await accountsOf(email)).toEqual([]);
      const undone = users.neighbours.asked
        .map((call) => call.action)
        .filter((name) => name.endsWith("removeUser"));
      expect(undone).toEqual(
        action === "quota.subscribe" ? ["quota.removeUser"] : ["sessions.removeUser", "quota.removeUser"],
      );
      users.neighbours.failing.clear();
      await users.register(email);
    },
  );

  test.each(["quota.subscribe", "sessions.begin"])(
    "when nobody answers %s in time nothing is undone, so that what lands late lands on what is removed later",
    async (action) => {
      const email = `late-${action}@example.com`;
      users.neighbours.late.add(action);
      users.neighbours.asked.length = 0;
      expect(await refusal(users.register(email))).toBe("REQUEST_TIMEOUT");
      expect(users.neighbours.asked.filter((call) => call.action.endsWith("removeUser"))).toEqual([]);
      const [account] = await accountsOf(email);
      expect(account?.state).toBe("registering");
      const id = String(account?.id);
      await users.neighbours.land();
      expect(await refusal(users.ask("users.login", { email, password: PASSWORD }))).toBe(
        "invalid_credentials",
      );
      expect(await refusal(users.register(email))).toBe("email_taken");
      // What was laid ready before the first step, when its time has come.
      await users.ports.work.remove("remove-user", id);
      await users.ports.work.add({ queue: "remove-user", payload: { user_id: id }, key: id });
      await until(async () => (await accountsOf(email)).length === 0);
      const owner = { user_id: id as never, role: "free_user", plan: "free", scopes: "all" } as const;
      expect((await users.as(owner, "sessions.list", {})).sessions).toEqual([]);
      expect(
        await users.database.selectFrom("users").select("id").where("email", "=", email).execute(),
      ).toEqual([]);
      await users.register(email);
    },
  );

  test.each(["invite", "closed"] as const)("is refused when registration is %s", async (registration) => {
    const closed = await startUsers({ registration });
    expect(await refusal(closed.register("ada@example.com"))).toBe("registration_closed");
    await closed.stop();
  });
});

describe("G19 only validated fields", () => {
  test.each([
    { role: "admin" },
    { plan: "enterprise" },
    { is_verified: true },
    { email: { $gt: "" } },
    { password: { $gt: "" } },
    JSON.parse('{"__proto__":{"role":"admin"}}'),
  ])("G19 registering with %j is refused", async (extra) => {
    const params = Object.assign(Object.create(null), { email: "eve@example.com", password: PASSWORD });
    for (const key of Object.getOwnPropertyNames(extra))
      Object.defineProperty(params, key, { value: extra[key], enumerable: true });
    expect(await refusal(users.ask("users.register", params))).toBe("invalid_request");
  });

  test.each([
    { role: "admin" },
    { plan: "pro" },
    { email: "x@example.com" },
    { avatar_url: "javascript:alert(1)" },
  ])("G19 changing oneself with %j is refused", async (changes) => {
    const { access_token } = await users
      .register("mallory@example.com")
      .catch(() => users.ask("users.login", { email: "mallory@example.com", password: PASSWORD }));
    expect(await refusal(users.with(access_token, "users.updateMe", changes as never))).toBe(
      "invalid_request",
    );
  });
});

test("a registration that a crash cut off is undone at the next start", async () => {
  const home = await mkdtemp(join(tmpdir(), "macjarvis-crash-"));
  const first = await startUsers({}, { home });
  const { user } = await first.register("half@example.com");
  await first.database
    .updateTable("users")
    .set({ state: "registering" })
    .where("id", "=", user.id as never)
    .execute();
  expect(await refusal(first.register("half@example.com"))).toBe("email_taken");
  // As its registration had laid it ready, for a time when it cannot be alive any more.
  const work = { queue: "remove-user", payload: { user_id: user.id }, key: user.id };
  await first.ports.work.add({ ...work, runAt: Date.now() + 180_000 });
  await first.stop();

  const second = await startUsers({}, { home });
  await until(async () => (await refusal(second.register("half@example.com"))) === undefined);
  expect(second.neighbours.askedFor(user.id)).toEqual([
    "agent.removeUser",
    "nodes.removeUser",
    "sessions.removeUser",
    "tools.removeUser",
    "quota.removeUser",
  ]);
  await second.stop();
  await rm(home, { recursive: true });
});

test("a removal that a finished registration has left behind does not touch the account", async () => {
  const [kept, half] = [await users.register("kept@example.com"), await users.register("cut@example.com")];
  await users.database
    .updateTable("users")
    .set({ state: "registering" })
    .where("id", "=", half.user.id as never)
    .execute();
  for (const { user } of [kept, half])
    await users.ports.work.add({ queue: "remove-user", payload: { user_id: user.id } });
  await until(async () => (await accountsOf("cut@example.com")).length === 0);
  expect(await refusal(users.with(kept.access_token, "users.me", {}))).toBeUndefined();
  expect(users.neighbours.askedFor(kept.user.id)).toEqual(["quota.subscribe"]);
});
