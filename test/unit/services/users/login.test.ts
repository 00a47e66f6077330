import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import type { Rooms } from "../../../../services/users/rooms.ts";
import { PASSWORD, refusal, startUsers, type UsersBroker, until } from "./users-broker.ts";

let users: UsersBroker;
beforeAll(async () => {
  users = await startUsers();
});
afterAll(() => users.stop());
afterEach(() => {
  jest.restoreAllMocks();
});

const login = (email: string, password: string, address?: string) =>
  users.ask("users.login", { email, password }, address);
async function fail(email: string, times: number, address: string) {
  const outcomes: (string | undefined)[] = [];
  for (let time = 0; time < times; time += 1)
    outcomes.push(await refusal(login(email, "wrong password", address)));
  return outcomes;
}

/** Failures count by the minute of the clock: a minute that ends in the middle would begin anew. */
const holdTheMinute = () => jest.spyOn(Date, "now").mockReturnValue(Date.now());

describe("login", () => {
  test("answers tokens and notes the time, in any case of the address", async () => {
    const { user } = await users.register("ada@example.com");
    const pair = await login("ADA@example.com", PASSWORD);
    expect(pair.user.id).toBe(user.id);
    expect(pair.user.last_login_at).not.toBeNull();
    const { caller } = await users.ask("users.resolveToken", { token: pair.access_token });
    expect(caller).toMatchObject({ user_id: user.id, role: "free_user", plan: "free", scopes: "all" });
  });

  test("G17 unknown user and wrong password get the very same answer", async () => {
    await users.register("known@example.com");
    const answer = async (email: string) => {
      const error = await login(email, "wrong password", "198.51.100.1").catch((thrown: unknown) => thrown);
      const { type, code, message, data } = error as Record<string, unknown>;
      return { type, code, message, data };
    };
    const known = await answer("known@example.com");
    expect(known).toMatchObject({ type: "invalid_credentials", code: 401 });
    expect(await answer("unknown@example.com")).toEqual(known);
  });

  test("G17 after five failures of an address for an account more are refused, for unknown ones too", async () => {
    holdTheMinute();
    await users.register("target@example.com");
    for (const [email, address] of [
      ["target@example.com", "198.51.100.2"],
      ["nobody@example.com", "198.51.100.3"],
    ] as const) {
      const outcomes = await fail(email, 6, address);
      expect(outcomes).toEqual([...Array(5).fill("invalid_credentials"), "too_many_attempts"]);
    }
    const refused = await login("target@example.com", PASSWORD, "198.51.100.2").catch(
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ type: "too_many_attempts", code: 429, retryable: true });
    expect((refused as { data: { retryAfterMs: number } }).data.retryAfterMs).toBeGreaterThan(0);
  });

  test("G17 many guesses at once do not slip through", async () => {
    holdTheMinute();
    await users.register("burst@example.com");
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () => refusal(login("burst@example.com", "wrong password", "198.51.100.4"))),
    );
    expect(outcomes.filter((type) => type === "invalid_credentials")).toHaveLength(5);
    expect(outcomes.filter((type) => type === "too_many_attempts")).toHaveLength(25);
  });

  test("many right passwords at once are all let in", async () => {
    await users.register("busy@example.com");
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () => refusal(login("busy@example.com", PASSWORD, "198.51.100.5"))),
    );
    expect(outcomes).toEqual(Array(30).fill(undefined));
  });

  test("G17 an address that tries many accounts is refused", async () => {
    holdTheMinute();
    const outcomes: (string | undefined)[] = [];
    for (let account = 0; account < 21; account += 1)
      outcomes.push(...(await fail(`victim${account}@example.com`, 1, "198.51.100.6")));
    expect(outcomes.slice(0, 20)).toEqual(Array(20).fill("invalid_credentials"));
    expect(outcomes[20]).toBe("too_many_attempts");
  });

  test("G17 the victim still logs in while others guess from everywhere, from a new address too", async () => {
    holdTheMinute();
    await users.register("victim@example.com");
    await login("victim@example.com", PASSWORD, "203.0.113.1");
    for (let attacker = 0; attacker < 45; attacker += 1)
      await fail("victim@example.com", 5, `198.51.101.${attacker}`);
    expect(await refusal(login("victim@example.com", PASSWORD, "203.0.113.1"))).toBeUndefined();
    expect(await refusal(login("victim@example.com", PASSWORD, "203.0.113.2"))).toBeUndefined();
    // And yet the guessing has become slower: a new address has one try now instead of five.
    expect(await fail("victim@example.com", 2, "198.51.102.1")).toEqual([
      "invalid_credentials",
      "too_many_attempts",
    ]);
  });

  test("G17 a full pool refuses with hashing_busy, and a flood of that does not close the login to others", async () => {
    const narrow = await startUsers({ hashing: { cost: 4, threads: 1, maxQueue: 0 } });
    await narrow.register("patient@example.com");
    const flood = await Promise.all(
      Array.from({ length: 120 }, (_, i) => {
        const params = { email: `flood${i}@example.com`, password: "wrong password" };
        return refusal(narrow.ask("users.login", params, `198.51.103.${i}`));
      }),
    );
    expect(new Set(flood)).toEqual(new Set(["invalid_credentials", "hashing_busy"]));
    const patient = { email: "patient@example.com", password: PASSWORD };
    expect(await refusal(narrow.ask("users.login", patient))).toBeUndefined();
    await narrow.stop();
  });

  test.each([
    ["one address", () => "198.51.104.1"],
    ["several addresses", (n: number) => `198.51.104.${n % 8}`],
  ])(
    "G17 a flood of registrations from %s makes no login of others wait for it",
    async (_from, addressOf) => {
      const narrow = await startUsers({ hashing: { cost: 6, threads: 1, maxQueue: 32 } });
      try {
        await narrow.register("calm@example.com");
        const { passwords } = (narrow.broker.getLocalService("users") as unknown as { rooms: Rooms }).rooms;
        let hashed = 0;
        const hash = passwords.hash.bind(passwords);
        jest.spyOn(passwords, "hash").mockImplementation(async (...asked) => {
          const done = await hash(...asked);
          hashed += 1;
          return done;
        });
        const waited: number[] = [];
        const verify = passwords.verify.bind(passwords);
        jest.spyOn(passwords, "verify").mockImplementation(async (...asked) => {
          const before = hashed;
          const fits = await verify(...asked);
          waited.push(hashed - before);
          return fits;
        });
        const flood = Array.from({ length: 60 }, (_, n) =>
          refusal(
            narrow.ask(
              "users.register",
              { email: `flood${n}@example.com`, password: PASSWORD },
              addressOf(n),
            ),
          ),
        );
        await until(() => hashed > 0);
        const login = { email: "calm@example.com", password: PASSWORD };
        for (const address of ["203.0.113.1", "203.0.113.2"])
          expect(await refusal(narrow.ask("users.login", login, address))).toBeUndefined();
        // Each for the one that had the thread.
        expect(waited).toEqual([expect.any(Number), expect.any(Number)]);
        expect(Math.max(...waited)).toBeLessThanOrEqual(1);
        expect(new Set(await Promise.all(flood))).toEqual(new Set([undefined, "hashing_busy"]));
      } finally {
        await narrow.stop();
      }
    },
  );

  test("a right password clears the account's former failures of that address", async () => {
    await users.register("typo@example.com");
    for (let round = 0; round < 3; round += 1) {
      expect(await fail("typo@example.com", 4, "198.51.100.7")).toEqual(Array(4).fill("invalid_credentials"));
      await login("typo@example.com", PASSWORD, "198.51.100.7");
    }
  });
});

describe("a new password", () => {
  test("needs the current one", async () => {
    const { access_token } = await users.register("change@example.com");
    const change = (current_password?: string) =>
      refusal(
        users.with(access_token, "users.updateMe", { password: "a new long password", current_password }),
      );
    expect(await change()).toBe("invalid_request");
    expect(await change("wrong password")).toBe("wrong_password");
    expect(await change(PASSWORD)).toBeUndefined();
    expect(await refusal(login("change@example.com", PASSWORD))).toBe("invalid_credentials");
    expect(await refusal(login("change@example.com", "a new long password"))).toBeUndefined();
  });

  test("ends every other login with its access tokens, and leaves the one that asked", async () => {
    const mine = await users.register("logins@example.com");
    const other = await login("logins@example.com", PASSWORD);
    await users.with(other.access_token, "users.me", {});
    await users.with(mine.access_token, "users.updateMe", {
      password: "a new long password",
      current_password: PASSWORD,
    });
    expect(await refusal(users.with(other.access_token, "users.me", {}))).toBe("unauthenticated");
    expect(await refusal(users.ask("users.refresh", { refresh_token: other.refresh_token }))).toBe(
      "refresh_invalid",
    );
    expect(await refusal(users.with(mine.access_token, "users.me", {}))).toBeUndefined();
    expect(await refusal(users.ask("users.refresh", { refresh_token: mine.refresh_token }))).toBeUndefined();
  });

  test.each([
    ["another password", { password_hash: "another" }, "invalid_credentials"],
    ["a removal", { state: "removing" }, "invalid_credentials"],
    ["a disabled account", { is_disabled: 1 }, "account_disabled"],
  ] as const)("or, while a login is being checked, %s ends that login too", async (what, change, outcome) => {
    const email = `${what.replaceAll(" ", "-")}@example.com`;
    const { user } = await users.register(email);
    const { passwords } = (users.broker.getLocalService("users") as unknown as { rooms: Rooms }).rooms;
    jest.spyOn(passwords, "verify").mockImplementation(async () => {
      await users.database
        .updateTable("users")
        .set(change)
        .where("id", "=", user.id as never)
        .execute();
      return true;
    });
    expect(await refusal(login(email, PASSWORD))).toBe(outcome);
  });

  test.each([
    ["users.updateMe", { password: "a thief's new password", current_password: PASSWORD }],
    ["users.removeMe", { current_password: PASSWORD }],
  ] as const)(
    "%s that was asked for with a password is refused when that is changed meanwhile",
    async (name, asked) => {
      const email = `${name.toLowerCase()}@example.com`;
      const { user, access_token } = await users.register(email);
      const { passwords } = (users.broker.getLocalService("users") as unknown as { rooms: Rooms }).rooms;
      const hash = await passwords.hash("the owner's new password", { address: "local", urgency: "known" });
      const verify = passwords.verify.bind(passwords);
      jest.spyOn(passwords, "verify").mockImplementation(async (...given) => {
        const fits = await verify(...given);
        await users.database
          .updateTable("users")
          .set({ password_hash: hash })
          .where("id", "=", user.id as never)
          .execute();
        return fits;
      });
      expect(await refusal(users.with(access_token, name, asked as never))).toBe("wrong_password");
      jest.restoreAllMocks();
      expect(await refusal(login(email, "the owner's new password"))).toBeUndefined();
    },
  );

  test("name and picture change without a password", async () => {
    const { access_token } = await users.register("name@example.com");
    const changes = { display_name: "Augusta", avatar_url: "https://example.com/a.png" };
    expect((await users.with(access_token, "users.updateMe", changes)).user).toMatchObject(changes);
    expect((await users.with(access_token, "users.me", {})).user).toMatchObject(changes);
  });
});
