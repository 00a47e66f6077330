import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { SCOPES } from "../../../../contracts/access.ts";
import { PASSWORD, refusal, startUsers, type UsersBroker, until } from "./users-broker.ts";

let home: string;
let users: UsersBroker | undefined;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-owner-"));
});
afterEach(async () => {
  await users?.stop();
  await rm(home, { recursive: true });
});

async function restart(): Promise<UsersBroker> {
  await users?.stop();
  users = await startUsers({ ownerKeyFile: join(home, "owner.key") }, { home });
  return users;
}
const keyInFile = async () => (await readFile(join(home, "owner.key"), "utf8")).trim();

describe("the owner", () => {
  test("is made at the first start: an admin on the enterprise plan with a key of all scopes in a closed file", async () => {
    const first = await restart();
    const key = await keyInFile();
    expect((await stat(join(home, "owner.key"))).mode & 0o777).toBe(0o600);
    const { user } = await first.with(key, "users.me", {});
    expect(user).toMatchObject({ email: "owner@localhost", role: "admin", plan: "enterprise" });
    await first.with(key, "users.adminList", {});
    await until(() => first.neighbours.askedFor(user.id).includes("quota.subscribe"));
  });

  test("keeps its key over a restart", async () => {
    await restart();
    const key = await keyInFile();
    const second = await restart();
    expect(await keyInFile()).toBe(key);
    await second.with(key, "users.me", {});
  });

  test("gets the scopes that came since its key was made, and no other key does", async () => {
    const first = await restart();
    const key = await keyInFile();
    const { secret } = await first.with(key, "users.createKey", { name: "mine", scopes: ["admin"] });
    const { scopes } = (await first.ask("users.resolveToken", { token: key })).caller;
    await first.database
      .updateTable("api_keys")
      .set({ scopes: JSON.stringify(SCOPES.filter((scope) => scope !== "approve")) })
      .where("name", "!=", "mine")
      .execute();
    const second = await restart();
    expect((await second.ask("users.resolveToken", { token: key })).caller).toMatchObject({ scopes });
    expect((await second.ask("users.resolveToken", { token: secret })).caller).toMatchObject({
      scopes: ["admin"],
    });
    await writeFile(join(home, "owner.key"), secret);
    const third = await restart();
    expect((await third.ask("users.resolveToken", { token: secret })).caller).toMatchObject({
      scopes: ["admin"],
    });
  });

  test("gives no password to be removed as long as it has none, and needs all rights", async () => {
    const first = await restart();
    const key = await keyInFile();
    const { user } = await first.with(key, "users.me", {});
    await first.with(key, "users.adminCreate", { email: "heir@example.com", role: "admin" });
    const { secret } = await first.with(key, "users.createKey", { name: "less", scopes: ["account"] });
    expect(await refusal(first.with(secret, "users.removeMe", {}))).toBe("scope_missing");
    expect(await refusal(first.with(key, "users.removeMe", { current_password: PASSWORD }))).toBe(
      "wrong_password",
    );
    expect(await first.with(key, "users.removeMe", {})).toEqual({ status: "removing" });
    await until(() => first.neighbours.askedFor(user.id).includes("quota.removeUser"));
  });

  test("gets a new key when the file is lost, and the lost one ends", async () => {
    await restart();
    const key = await keyInFile();
    await rm(join(home, "owner.key"));
    const second = await restart();
    expect(await refusal(second.ask("users.resolveToken", { token: key }))).toBe("unauthenticated");
    await second.with(await keyInFile(), "users.me", {});
  });

  test("gets a new key when the one in the file does not work", async () => {
    await writeFile(join(home, "owner.key"), "mj_wrong\n");
    const first = await restart();
    await first.with(await keyInFile(), "users.me", {});
  });

  test("stays the owner, with its key, under another address", async () => {
    const first = await restart();
    const key = await keyInFile();
    const { user } = await first.with(key, "users.me", {});
    await first.with(key, "users.adminUpdate", { id: user.id as never, email: "me@example.com" });
    const second = await restart();
    expect(await keyInFile()).toBe(key);
    const { users: accounts } = await second.with(key, "users.adminList", {});
    expect(accounts.map(({ email }) => email)).toEqual(["me@example.com"]);
  });

  test("keeps no key in the file that is not an admin's", async () => {
    const first = await restart();
    const eve = await first.register("eve@example.com");
    const { secret } = await first.with(eve.access_token, "users.createKey", { name: "key" });
    await writeFile(join(home, "owner.key"), secret);
    const second = await restart();
    expect((await second.with(await keyInFile(), "users.me", {})).user.email).toBe("owner@localhost");
  });

  test("gets its first password only from a key with all scopes", async () => {
    const first = await restart();
    const { secret } = await first.with(await keyInFile(), "users.createKey", {
      name: "account only",
      scopes: ["account"],
    });
    expect(await refusal(first.with(secret, "users.updateMe", { password: PASSWORD }))).toBe("scope_missing");
  });

  test("has no password until one is set with its key", async () => {
    const first = await restart();
    const login = (password: string) => first.ask("users.login", { email: "owner@localhost", password });
    expect(await refusal(login(""))).toBe("invalid_request");
    expect(await refusal(login(PASSWORD))).toBe("invalid_credentials");
    const key = await keyInFile();
    const any = { password: PASSWORD, current_password: "none yet" };
    expect(await refusal(first.with(key, "users.updateMe", any))).toBe("wrong_password");
    await first.with(key, "users.updateMe", { password: PASSWORD });
    expect(await refusal(login(PASSWORD))).toBeUndefined();
  });
});
