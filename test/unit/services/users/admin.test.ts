import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { TokenPair } from "../../../../contracts/users.ts";
import { AppError } from "../../../../lib/errors.ts";
import type { WorkItem } from "../../../../lib/ports/work.ts";
import { addAdmin, PASSWORD, refusal, startUsers, type UsersBroker, until } from "./users-broker.ts";

let users: UsersBroker;
let admin: TokenPair;
beforeAll(async () => {
  users = await startUsers();
  admin = await addAdmin(users);
});
afterAll(() => users.stop());

const update = (id: string, changes: object) =>
  users.with(admin.access_token, "users.adminUpdate", { id: id as never, ...changes });

describe("admins", () => {
  test("G16 are the only ones who may", async () => {
    const eve = await users.register("eve@example.com");
    for (const [name, params] of [
      ["users.adminList", {}],
      ["users.adminCreate", { email: "x@example.com" }],
      ["users.adminUpdate", { id: eve.user.id, role: "admin" }],
    ] as const)
      expect(await refusal(users.with(eve.access_token, name, params as never))).toBe("forbidden");
  });

  test("list accounts page by page, newest first, and find them by a part of name or address", async () => {
    for (const name of ["one", "two", "three"]) await users.register(`page-${name}@example.com`);
    const q = "PAGE-";
    const first = await users.with(admin.access_token, "users.adminList", { limit: 2, q });
    const second = await users.with(admin.access_token, "users.adminList", {
      limit: 2,
      q,
      cursor: first.next_cursor ?? "",
    });
    const emails = [...first.users, ...second.users].map(({ email }) => email);
    expect(emails.sort()).toEqual(["page-one@example.com", "page-three@example.com", "page-two@example.com"]);
    expect(second.next_cursor).toBeNull();
    expect(first.users[0]).toMatchObject({ disabled: false });
    expect((await users.with(admin.access_token, "users.adminList", { q: "%" })).users).toEqual([]);
    expect((await users.with(admin.access_token, "users.adminList", { q: "page_one" })).users).toEqual([]);
  });

  test("make accounts; a password they do not give is made and works", async () => {
    const { user, password } = await users.with(admin.access_token, "users.adminCreate", {
      email: "invited@example.com",
    });
    expect(user).toMatchObject({ role: "free_user", plan: "free", disabled: false });
    const pair = await users.ask("users.login", { email: "invited@example.com", password: password ?? "" });
    expect(pair.user.id).toBe(user.id);
  });

  test("make accounts with a plan, whose role follows it", async () => {
    const made = await users.with(admin.access_token, "users.adminCreate", {
      email: "pro@example.com",
      password: PASSWORD,
      plan: "pro",
    });
    expect(made).toEqual({ user: expect.objectContaining({ role: "pro_user", plan: "pro" }) });
  });

  test("cannot give a plan that is not there, and no account is left", async () => {
    const params = { email: "noplan@example.com", plan: "no-such-plan" };
    expect(await refusal(users.with(admin.access_token, "users.adminCreate", params))).toBe("plan_not_found");
    expect(
      await refusal(users.with(admin.access_token, "users.adminCreate", { email: params.email })),
    ).toBeUndefined();
  });

  test("change the plan: the subscription and the role follow, at once for tokens in use", async () => {
    const { user, access_token } = await users.register("upgrade@example.com");
    await users.with(access_token, "users.me", {});
    expect((await update(user.id, { plan: "pro" })).user).toMatchObject({ plan: "pro", role: "pro_user" });
    const subscription = () => users.with(access_token, "quota.subscription", {});
    expect(await subscription()).toMatchObject({ plan: "pro", limits: { runs_per_day: 2_000 } });
    const { caller } = await users.ask("users.resolveToken", { token: access_token });
    expect(caller).toMatchObject({ plan: "pro", role: "pro_user" });
    expect((await update(user.id, { role: "free_user" })).user).toMatchObject({
      plan: "free",
      role: "free_user",
    });
    expect(await subscription()).toMatchObject({ plan: "free", limits: { runs_per_day: 200 } });
    expect(await refusal(update(user.id, { plan: "no-such-plan" }))).toBe("plan_not_found");
  });

  test("change nothing, not the subscription either, when a part of the change is refused", async () => {
    const { user, access_token } = await users.register("partly@example.com");
    const change = update(user.id, { plan: "pro", email: "admin@example.com" });
    expect(await refusal(change)).toBe("email_taken");
    expect(await users.with(access_token, "quota.subscription", {})).toMatchObject({ plan: "free" });
    expect((await users.with(access_token, "users.me", {})).user.plan).toBe("free");
  });

  test("change the plan, and it is told as an event that is durable", async () => {
    const events: WorkItem["payload"][] = [];
    users.ports.work.handle("domain-events", async ({ payload }) => {
      events.push(payload);
    });
    const { user } = await users.register("told@example.com");
    await update(user.id, { plan: "pro" });
    await update(user.id, { plan: "pro" });
    type Told = { type: string; data: { user_id: string } };
    const told = () =>
      (events as Told[]).filter(
        ({ type, data }) => type === "subscription.changed" && data.user_id === user.id,
      );
    await until(() => told().length > 0);
    expect(told()).toEqual([
      {
        ...{ id: expect.stringMatching(/^evt_/), type: "subscription.changed", source: "users", version: 1 },
        data: { user_id: user.id, plan: "pro", former_plan: "free" },
        timestamp: expect.any(String),
      },
    ]);
  });

  test("are answered though its event cannot be laid ready now, and it is told when it can", async () => {
    const { work } = users.ports;
    const add = work.add.bind(work);
    const refused: unknown[] = [];
    work.add = async (wanted) => {
      if (wanted.queue !== "domain-events") return add(wanted);
      refused.push(wanted.key);
      throw new AppError("store_unavailable");
    };
    const { user } = await users.register("told-later@example.com");
    expect((await update(user.id, { plan: "pro" })).user).toMatchObject({ id: user.id, plan: "pro" });
    await until(() => new Set(refused).size >= 2);
    const told: unknown[] = [];
    work.add = async (wanted) => {
      if (wanted.queue === "domain-events") told.push((wanted.payload as { type: string }).type);
      return add(wanted);
    };
    await until(() => told.length >= 2);
    work.add = add;
    expect(told.toSorted()).toEqual(["subscription.changed", "user.registered"]);
  });

  test("end the runs of an account they disable or take admin rights from, and of no other", async () => {
    const [off, demoted, renamed] = [
      await users.register("off@example.com"),
      await addAdmin(users, "demoted@example.com"),
      await users.register("renamed@example.com"),
    ].map(({ user }) => user.id);
    await update(String(renamed), { email: "renamed-on@example.com" });
    await update(String(off), { disabled: true });
    await update(String(demoted), { role: "free_user" });
    const ended = () =>
      users.neighbours.asked.flatMap(({ action, params }) =>
        action === "agent.cancelRuns" ? [params.user_id] : [],
      );
    await until(() => ended().length >= 2);
    expect(ended()).toEqual(expect.arrayContaining([off, demoted]));
    expect(ended()).not.toContain(renamed);
  });

  test("disable an account: its logins and keys are refused at once, and stay ended when it is enabled again", async () => {
    const pair = await users.register("disabled@example.com");
    const { secret } = await users.with(pair.access_token, "users.createKey", { name: "key" });
    for (const token of [pair.access_token, secret]) await users.ask("users.resolveToken", { token });
    expect((await update(pair.user.id, { disabled: true })).user.disabled).toBe(true);
    for (const token of [pair.access_token, secret])
      expect(await refusal(users.ask("users.resolveToken", { token }))).toBe("account_disabled");
    const login = () => users.ask("users.login", { email: "disabled@example.com", password: PASSWORD });
    expect(await refusal(login())).toBe("account_disabled");
    expect(await refusal(users.ask("users.refresh", { refresh_token: pair.refresh_token }))).toBe(
      "account_disabled",
    );
    await update(pair.user.id, { disabled: false });
    for (const token of [pair.access_token, secret])
      expect(await refusal(users.ask("users.resolveToken", { token }))).toBe("unauthenticated");
    expect(await refusal(login())).toBeUndefined();
  });

  test("G17 a wrong password tells nothing of whether the account is disabled", async () => {
    const { user } = await users.register("quiet@example.com");
    await update(user.id, { disabled: true });
    const attempt = users.ask("users.login", { email: "quiet@example.com", password: "wrong password" });
    expect(await refusal(attempt)).toBe("invalid_credentials");
  });

  test("set a new password, which ends the account's logins", async () => {
    const pair = await users.register("reset@example.com");
    await update(pair.user.id, { password: "another long password" });
    expect(await refusal(users.ask("users.refresh", { refresh_token: pair.refresh_token }))).toBe(
      "refresh_invalid",
    );
    const login = users.ask("users.login", { email: "reset@example.com", password: "another long password" });
    expect(await refusal(login)).toBeUndefined();
  });

  test("look one account up, with what it has used", async () => {
    const { user } = await users.register("looked-up@example.com");
    const found = await users.with(admin.access_token, "users.adminGet", { id: user.id as never });
    expect(found).toEqual({ user: { ...user, disabled: false } });
    const usage = await users.with(admin.access_token, "users.adminUsage", { id: user.id as never, days: 7 });
    expect(usage.today).toMatchObject({ requests: 0, limit: 200, remaining: 200 });
    for (const name of ["users.adminGet", "users.adminUsage", "users.adminRemove"] as const)
      expect(await refusal(users.with(admin.access_token, name, { id: "usr_nobody" as never }))).toBe(
        "user_not_found",
      );
  });

  test("give an account limits of its own, which hold at once, are told, and can be taken back", async () => {
    const { user, access_token } = await users.register("limited@example.com");
    const id = user.id;
    const limits = { runs_per_day: 3, cost_usd_per_day: null, max_sessions: 1 };
    expect((await update(id, { limits })).user).toMatchObject({ plan: "free", limits });
    const subscription = () => users.with(access_token, "quota.subscription", {});
    expect(await subscription()).toMatchObject({
      limit_overrides: limits,
      limits: { ...limits, runs_per_minute: 60 },
    });
    const { users: listed } = await users.with(admin.access_token, "users.adminList", { q: "limited@" });
    expect(listed).toEqual([expect.objectContaining({ limits })]);
    expect((await users.with(access_token, "quota.usage", {})).today).toMatchObject({ limit: 3 });
    // The welcome session is the one it may have.
    expect(await refusal(users.with(access_token, "sessions.create", {}))).toBe("session_limit");
    // All of them at once; of another plan they stay its own.
    await update(id, { limits: { max_sessions: 2 } });
    await update(id, { plan: "pro" });
    expect(await subscription()).toMatchObject({
      plan: "pro",
      limit_overrides: { max_sessions: 2 },
      limits: { runs_per_day: 2_000, max_sessions: 2 },
    });
    expect((await update(id, { limits: null })).user).not.toHaveProperty("limits");
    const now = await subscription();
    expect(now.limits.max_sessions).toBe(5_000);
    expect(now).not.toHaveProperty("limit_overrides");
  });

  test.each([{ runs_per_day: -1 }, { runs_per_day: 1.5 }, { runs_per_year: 1 }, { max_tools: "many" }, 5])(
    "cannot give the limits %j",
    async (limits) => {
      expect(await refusal(update(admin.user.id, { limits }))).toBe("invalid_request");
    },
  );

  test("change plan and limits also when the quota service cannot follow at once: it follows later", async () => {
    const { user, access_token } = await users.register("follows@example.com");
    users.neighbours.failing.add("quota.subscribe");
    expect((await update(user.id, { plan: "pro", limits: { max_tools: 7 } })).user).toMatchObject({
      plan: "pro",
      limits: { max_tools: 7 },
    });
    users.neighbours.failing.clear();
    await users.ports.work.remove("follow-plan", user.id);
    await users.ports.work.add({ queue: "follow-plan", payload: { user_id: user.id }, key: user.id });
    await until(
      async () => (await users.with(access_token, "quota.subscription", {})).limits.max_tools === 7,
    );
    expect(await users.with(access_token, "quota.subscription", {})).toMatchObject({ plan: "pro" });
  });

  test("of many changes at once the account and the quota service tell the same in the end", async () => {
    const { user, access_token } = await users.register("often@example.com");
    const changes = Array.from({ length: 12 }, (_, n) => ({
      plan: n % 2 === 0 ? "pro" : "free",
      limits: { max_tools: n },
    }));
    await Promise.all(changes.map((change) => update(user.id, change)));
    const { user: now } = await users.with(admin.access_token, "users.adminGet", { id: user.id as never });
    expect(await users.with(access_token, "quota.subscription", {})).toMatchObject({
      plan: now.plan,
      limits: { max_tools: now.limits?.max_tools },
    });
  });

  test("cannot give an address that another account has", async () => {
    const { user } = await users.register("moved@example.com");
    expect(await refusal(update(user.id, { email: "Admin@example.com" }))).toBe("email_taken");
    expect((await update(user.id, { email: "moved-on@example.com" })).user.email).toBe(
      "moved-on@example.com",
    );
  });

  test("cannot change somebody who is not there", async () => {
    expect(await refusal(update("usr_nobody", { disabled: true }))).toBe("user_not_found");
  });

  test("the last one can be neither demoted nor disabled nor removed", async () => {
    expect(await refusal(update(admin.user.id, { role: "free_user" }))).toBe("last_admin");
    expect(await refusal(update(admin.user.id, { disabled: true }))).toBe("last_admin");
    const remove = users.with(admin.access_token, "users.removeMe", { current_password: PASSWORD });
    expect(await refusal(remove)).toBe("last_admin");
    expect((await users.with(admin.access_token, "users.me", {})).user.role).toBe("admin");
  });

  test("two that demote each other at once leave one", async () => {
    const second = await addAdmin(users, "second@example.com");
    const outcomes = await Promise.all([
      refusal(update(second.user.id, { role: "free_user" })),
      refusal(
        users.with(second.access_token, "users.adminUpdate", {
          id: admin.user.id as never,
          role: "free_user",
        }),
      ),
    ]);
    expect(outcomes.filter((type) => type === "last_admin")).toHaveLength(1);
    await users.database
      .updateTable("users")
      .set({ role: "admin" })
      .where("id", "=", admin.user.id as never)
      .execute();
    await users.database
      .updateTable("users")
      .set({ role: "free_user" })
      .where("id", "=", second.user.id as never)
      .execute();
  });
});
