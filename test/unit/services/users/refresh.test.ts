import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { storeTime } from "../../../../lib/sql.ts";
import { refusal, startUsers, type UsersBroker } from "./users-broker.ts";

let users: UsersBroker;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());
afterEach(() => {
  jest.restoreAllMocks();
});

const refresh = (refresh_token: string) => users.ask("users.refresh", { refresh_token });
function passTime(ms: number) {
  const now = Date.now();
  jest.spyOn(Date, "now").mockReturnValue(now + ms);
}

/** As if the tokens that are used had been used so much earlier, by the store's clock. */
const ageUse = (ms: number) =>
  users.database
    .updateTable("refresh_tokens")
    .set({ used_at: storeTime(users.database, ms) })
    .where("used_at", "is not", null)
    .execute();

describe("G18 refresh tokens", () => {
  test("G18 are random, 256 bits, and stored as a hash only", async () => {
    const { refresh_token } = await users.register("stored@example.com");
    expect(refresh_token).toMatch(/^mjr_[\w-]{43}$/);
    const rows = await users.database.selectFrom("refresh_tokens").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(refresh_token.slice(4));
  });

  test("G18 give a new pair and are dead", async () => {
    const first = await users.register("rotate@example.com");
    const second = await refresh(first.refresh_token);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(second.user).toEqual(first.user);
    await users.with(second.access_token, "users.me", {});
    expect(await refusal(refresh(first.refresh_token))).toBe("refresh_raced");
  });

  test("G18 used again within 10 s are refresh_raced, and nothing is revoked", async () => {
    const first = await users.register("raced@example.com");
    const second = await refresh(first.refresh_token);
    await ageUse(1_000);
    expect(await refusal(refresh(first.refresh_token))).toBe("refresh_raced");
    expect(await refusal(users.with(second.access_token, "users.me", {}))).toBeUndefined();
    expect(await refusal(refresh(second.refresh_token))).toBeUndefined();
  });

  test.each([-60_000, 60_000])(
    "G18 used at once in two processes, the other one's clock %i ms away, are refresh_raced, and nothing is revoked",
    async (away) => {
      const first = await users.register(`clock${away}@example.com`);
      const second = await refresh(first.refresh_token);
      passTime(away);
      expect(await refusal(refresh(first.refresh_token))).toBe("refresh_raced");
      jest.restoreAllMocks();
      expect(await refusal(refresh(second.refresh_token))).toBeUndefined();
    },
  );

  test("G18 used again later end the whole login, its access tokens too, and no other login", async () => {
    const first = await users.register("reused@example.com");
    const second = await refresh(first.refresh_token);
    const other = await users.ask("users.login", {
      email: "reused@example.com",
      password: "correct horse battery",
    });
    await users.with(second.access_token, "users.me", {});
    await ageUse(10_001);
    expect(await refusal(refresh(first.refresh_token))).toBe("refresh_reused");
    expect(await refusal(refresh(second.refresh_token))).toBe("refresh_invalid");
    expect(await refusal(users.with(second.access_token, "users.me", {}))).toBe("unauthenticated");
    expect(await refusal(refresh(other.refresh_token))).toBeUndefined();
  });

  test("G18 used twice at once leave one successor", async () => {
    const { refresh_token, user } = await users.register("twice@example.com");
    const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => refresh(refresh_token)));
    const successors = outcomes.filter((outcome) => outcome.status === "fulfilled");
    expect(successors).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === "rejected") expect(outcome.reason.type).toBe("refresh_raced");
    const unused = await users.database
      .selectFrom("refresh_tokens")
      .innerJoin("refresh_families", "refresh_families.id", "refresh_tokens.family_id")
      .select("hash")
      .where("user_id", "=", user.id as never)
      .where("used_at", "is", null)
      .execute();
    expect(unused).toHaveLength(1);
  });

  test("G18 end after 30 days", async () => {
    const { refresh_token } = await users.register("old@example.com");
    passTime(30 * 24 * 60 * 60_000 + 1_000);
    expect(await refusal(refresh(refresh_token))).toBe("refresh_invalid");
  });

  test("G18 that nobody made are refused", async () => {
    expect(await refusal(refresh("mjr_nothing"))).toBe("refresh_invalid");
  });

  test("an access token that has ended is token_expired, also when it was in use before", async () => {
    const { access_token } = await users.register("expired@example.com");
    await users.with(access_token, "users.me", {});
    passTime(15 * 60_000 + 1_000);
    expect(await refusal(users.ask("users.resolveToken", { token: access_token }))).toBe("token_expired");
  });
});

describe("logout", () => {
  test("ends the login with its access token", async () => {
    const { access_token, refresh_token } = await users.register("leave@example.com");
    await users.with(access_token, "users.me", {});
    expect(await users.ask("users.logout", { refresh_token })).toBeNull();
    expect(await refusal(refresh(refresh_token))).toBe("refresh_invalid");
    expect(await refusal(users.with(access_token, "users.me", {}))).toBe("unauthenticated");
  });

  test("of an unknown token, and repeated, is answered alike", async () => {
    const { refresh_token } = await users.register("again@example.com");
    await users.ask("users.logout", { refresh_token });
    expect(await users.ask("users.logout", { refresh_token })).toBeNull();
    expect(await users.ask("users.logout", { refresh_token: "mjr_nothing" })).toBeNull();
  });
});
