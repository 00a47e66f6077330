import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { TokenPair } from "../../../../contracts/users.ts";
import { TokenResolver } from "../../../../services/users/tokens/resolve-token.ts";
import { addAdmin, refusal, startUsers, type UsersBroker } from "./users-broker.ts";

let users: UsersBroker;
let ada: TokenPair;
beforeAll(async () => {
  users = await startUsers();
  ada = await users.register("ada@example.com");
});
afterAll(() => users.stop());
afterEach(() => {
  jest.restoreAllMocks();
});

describe("API keys", () => {
  test("are shown once, work as the user with their scopes, and keep only a hash", async () => {
    const { key, secret } = await users.with(ada.access_token, "users.createKey", { name: "laptop" });
    expect(secret).toMatch(/^mj_[\w-]{43}$/);
    expect(key.id).toMatch(/^key_/);
    expect(secret.startsWith(key.prefix)).toBe(true);
    expect(key.scopes).toEqual(["chat", "sessions:read", "sessions:write", "tools:execute"]);
    const { caller } = await users.ask("users.resolveToken", { token: secret });
    expect(caller).toMatchObject({ user_id: ada.user.id, key_id: key.id, scopes: key.scopes });
    const { keys } = await users.with(ada.access_token, "users.listKeys", {});
    const stored = await users.database.selectFrom("api_keys").selectAll().execute();
    expect(JSON.stringify({ keys, stored })).not.toContain(secret.slice(10));
  });

  test("note when they were used", async () => {
    const { key, secret } = await users.with(ada.access_token, "users.createKey", { name: "used" });
    expect(key.last_used_at).toBeNull();
    await users.ask("users.resolveToken", { token: secret });
    const { keys } = await users.with(ada.access_token, "users.listKeys", {});
    expect(keys.find(({ id }) => id === key.id)?.last_used_at).not.toBeNull();
  });

  test("removed by another process whose word is lost, work for three seconds at most, and two more at a gateway", async () => {
    const { key, secret } = await users.with(ada.access_token, "users.createKey", { name: "elsewhere" });
    let now = 1_000;
    const elsewhere = new TokenResolver(users.database, undefined as never, () => now);
    expect((await elsewhere.resolve(secret)).caller).toMatchObject({ key_id: key.id });
    await users.with(ada.access_token, "users.removeKey", { id: key.id as never });
    now += 2_999;
    expect((await elsewhere.resolve(secret)).caller).toMatchObject({ key_id: key.id });
    now += 2;
    expect(await refusal(elsewhere.resolve(secret))).toBe("unauthenticated");
  });

  test("stop to work at once when they are removed", async () => {
    const { key, secret } = await users.with(ada.access_token, "users.createKey", { name: "gone" });
    await users.ask("users.resolveToken", { token: secret });
    await users.with(ada.access_token, "users.removeKey", { id: key.id as never });
    expect(await refusal(users.ask("users.resolveToken", { token: secret }))).toBe("unauthenticated");
    expect(await refusal(users.with(ada.access_token, "users.removeKey", { id: key.id as never }))).toBe(
      "key_not_found",
    );
  });

  test("G16 of another user are not there", async () => {
    const { key, secret } = await users.with(ada.access_token, "users.createKey", { name: "mine" });
    const eve = await users.register("eve@example.com");
    expect(await refusal(users.with(eve.access_token, "users.removeKey", { id: key.id as never }))).toBe(
      "key_not_found",
    );
    expect((await users.with(eve.access_token, "users.listKeys", {})).keys).toEqual([]);
    await users.ask("users.resolveToken", { token: secret });
  });

  test("end at their time, also while in use", async () => {
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const { secret } = await users.with(ada.access_token, "users.createKey", { name: "short", expires_at });
    await users.ask("users.resolveToken", { token: secret });
    const now = Date.now();
    jest.spyOn(Date, "now").mockReturnValue(now + 61_000);
    expect(await refusal(users.ask("users.resolveToken", { token: secret }))).toBe("unauthenticated");
  });

  test("are not more than 100, also when many are made at once", async () => {
    const bob = await users.register("bob@example.com");
    const make = () => refusal(users.with(bob.access_token, "users.createKey", { name: "one of many" }));
    for (let made = 0; made < 90; made += 30) await Promise.all(Array.from({ length: 30 }, make));
    const outcomes = await Promise.all(Array.from({ length: 50 }, make));
    expect(outcomes.filter((type) => type === undefined)).toHaveLength(10);
    expect(new Set(outcomes.filter(Boolean))).toEqual(new Set(["conflict"]));
  });

  test("are not made for an account that is disabled while they are", async () => {
    const carl = await users.register("carl@example.com");
    const { caller } = await users.ask("users.resolveToken", { token: carl.access_token });
    await users.database
      .updateTable("users")
      .set({ is_disabled: 1 })
      .where("id", "=", carl.user.id as never)
      .execute();
    expect(await refusal(users.as(caller, "users.createKey", { name: "late" }))).toBe("account_disabled");
  });

  test("G16 are what a run that they began goes on with: never more, and nothing when they have ended", async () => {
    const admin = await addAdmin(users, "runs@example.com");
    const user_id = admin.user.id as never;
    const agent = { user_id, role: "free_user", plan: "", scopes: "all", service: "agent" } as const;
    const rights = async (key_id?: string) =>
      (await users.as(agent, "users.callerOf", { user_id, key_id: key_id as never })).scopes;
    const { key } = await users.with(admin.access_token, "users.createKey", { name: "plain" });
    expect(await rights()).toBe("all");
    expect(await rights(key.id)).toEqual(key.scopes);
    const { key: foreign } = await users.with(ada.access_token, "users.createKey", { name: "foreign" });
    expect(await rights(foreign.id)).toEqual([]);
    await users.with(admin.access_token, "users.removeKey", { id: key.id as never });
    expect(await rights(key.id)).toEqual([]);
  });

  test("cannot end in the past", async () => {
    const wanted = { name: "past", expires_at: "2020-01-01T00:00:00Z" };
    expect(await refusal(users.with(ada.access_token, "users.createKey", wanted))).toBe("invalid_request");
  });

  test("G16 a user cannot make an admin key, an admin can, and only a key with the scope is an admin's", async () => {
    const wanted = { name: "root", scopes: ["admin" as const] };
    expect(await refusal(users.with(ada.access_token, "users.createKey", wanted))).toBe("forbidden");
    const admin = await addAdmin(users);
    const { secret } = await users.with(admin.access_token, "users.createKey", wanted);
    expect(await refusal(users.with(secret, "users.adminList", {}))).toBeUndefined();
    const plain = await users.with(admin.access_token, "users.createKey", { name: "plain" });
    expect(await refusal(users.with(plain.secret, "users.adminList", {}))).toBe("forbidden");
  });

  test("G16 a key gives no scope it lacks and no longer life than its own", async () => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const { secret } = await users.with(ada.access_token, "users.createKey", {
      name: "parent",
      scopes: ["account", "chat"],
      expires_at,
    });
    const make = (params: object) => users.with(secret, "users.createKey", { name: "child", ...params });
    expect(await refusal(make({ scopes: ["chat", "tools:execute"] }))).toBe("scope_missing");
    const child = await make({});
    expect(child.key).toMatchObject({ scopes: ["chat"], expires_at });
    const later = new Date(Date.now() + 7_200_000).toISOString();
    expect((await make({ expires_at: later })).key.expires_at).toBe(expires_at);
  });

  test("G16 without the scope account a key changes nothing of the account", async () => {
    const { secret } = await users.with(ada.access_token, "users.createKey", {
      name: "chat",
      scopes: ["chat"],
    });
    expect(await refusal(users.with(secret, "users.createKey", { name: "x" }))).toBe("scope_missing");
    expect(await refusal(users.with(secret, "users.listKeys", {}))).toBe("scope_missing");
    expect(await refusal(users.with(secret, "users.updateMe", { display_name: "x" }))).toBe("scope_missing");
    expect(await refusal(users.with(secret, "users.removeMe", { current_password: "x" }))).toBe(
      "scope_missing",
    );
  });
});
