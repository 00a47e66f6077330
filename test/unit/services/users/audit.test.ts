import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { UserId } from "../../../../contracts/ids.ts";
import { PASSWORD, refusal, startUsers, type UsersBroker, until } from "./users-broker.ts";

let home: string;
let users: UsersBroker;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-audit-"));
  await start();
});
afterEach(async () => {
  await users.stop();
  await rm(home, { recursive: true });
});

async function start(): Promise<void> {
  users = await startUsers({ ownerKeyFile: join(home, "owner.key") }, { home });
}

type Told = { what: string; by: string } & Record<string, unknown>;

/** What the trail says of one user, oldest first. */
async function toldOf(user: string): Promise<Told[]> {
  const rows = await users.ports
    .sql<{ audit: { seq: number; subject: string; entry: string; details: string } }>()
    .selectFrom("audit")
    .selectAll()
    .where("subject", "=", user)
    .orderBy("seq")
    .execute();
  return rows.map(({ entry, details }) => ({ what: entry.split(" ")[0], ...JSON.parse(details) }) as Told);
}

const ownerKey = async () => (await readFile(join(home, "owner.key"), "utf8")).trim();

describe("G31 the audit trail of accounts", () => {
  test("begins with the owner and its key, and tells of a key made anew", async () => {
    const { user } = await users.with(await ownerKey(), "users.me", {});
    expect(await toldOf(user.id)).toMatchObject([
      { what: "account.registered", by: "system", role: "admin" },
      { what: "key.created", by: "system" },
    ]);
    await users.stop();
    await rm(join(home, "owner.key"));
    await start();
    const [, first, removed, second] = await toldOf(user.id);
    expect(removed).toMatchObject({ what: "key.removed", by: "system", key_id: first?.key_id });
    expect(second).toMatchObject({ what: "key.created", by: "system" });
  });

  test("tells of logins, their ends, and a refresh token that somebody used again", async () => {
    const { user, refresh_token: first } = await users.register("a@example.com");
    const address = "10.0.0.1";
    const login = await users.ask("users.login", { email: "a@example.com", password: PASSWORD }, address);
    await refusal(users.ask("users.login", { email: "a@example.com", password: "not the one" }, address));
    for (let times = 0; times < 2; times += 1)
      await users.ask("users.logout", { refresh_token: login.refresh_token });
    await users.ask("users.refresh", { refresh_token: first });
    await users.database
      .updateTable("refresh_tokens")
      .set({ used_at: "2026-01-01T00:00:00.000Z" })
      .where("used_at", "is not", null)
      .execute();
    expect(await refusal(users.ask("users.refresh", { refresh_token: first }))).toBe("refresh_reused");
    const told = await toldOf(user.id);
    expect(told.map(({ what }) => what)).toEqual([
      "account.registered",
      "login.opened",
      "login.ended",
      "login.ended",
    ]);
    expect(told[2]).toMatchObject({ login: told[1]?.login, why: "logout" });
    expect(told[3]).toMatchObject({ why: "a refresh token was used again" });
    expect(JSON.stringify(told)).not.toContain(first);
  });

  test("says with which key something was done, and that an account is gone", async () => {
    const { user } = await users.register("a@example.com");
    const admin = await ownerKey();
    const { user: owner } = await users.with(admin, "users.me", {});
    const [, { key_id }] = (await toldOf(owner.id)) as [Told, Told];
    await users.with(admin, "users.adminUpdate", { id: user.id as UserId, plan: "pro" });
    await users.with(admin, "users.createKey", { name: "k" });
    expect((await toldOf(user.id)).at(-1)).toMatchObject({ by: owner.id, by_key: key_id });
    expect((await toldOf(owner.id)).at(-1)).toMatchObject({ what: "key.created", by_key: key_id });
    const { access_token } = await users.ask("users.login", { email: "a@example.com", password: PASSWORD });
    await users.with(access_token, "users.removeMe", { current_password: PASSWORD });
    await until(async () => (await toldOf(user.id)).at(-1)?.what === "account.removed");
  });
});
