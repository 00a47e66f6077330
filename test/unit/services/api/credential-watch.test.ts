// What decides that an open request ends with its credential, also where no signal comes.
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import { USER_CHANGED } from "../../../../contracts/signals.ts";
import type { Credential, CredentialState } from "../../../../contracts/users.ts";
import { processSignals } from "../../../../lib/embedded/memory-ports.ts";
import type { AppError } from "../../../../lib/errors.ts";
import { openLog } from "../../../../lib/log.ts";
import { CredentialWatch } from "../../../../services/api/credential-watch.ts";
import { aUser } from "../../../support/test-broker.ts";

const LIVES: CredentialState = { type: "lives", role: "free_user", ends_at: null };
const ENDED: CredentialState = { type: "ended", disabled: false };

/** What the store would answer, by key; and what was asked. */
let states: Record<string, CredentialState>;
let asked: Credential[][];
let isAway: boolean;
let watch: CredentialWatch;
const signals = processSignals();

beforeEach(async () => {
  jest.useFakeTimers();
  states = {};
  asked = [];
  isAway = false;
  const ask = async (credentials: Credential[]) => {
    asked.push(credentials);
    if (isAway) throw new Error("the store is away");
    return credentials.map(({ key_id = "" }) => states[key_id] ?? LIVES);
  };
  watch = new CredentialWatch(ask, signals, await openLog("silent", "json"));
});
afterEach(() => {
  watch.close();
  jest.useRealTimers();
});

const USER = aUser().user_id;
const withKey = (key: string, more: Partial<Caller> = {}): Caller =>
  aUser({ user_id: USER, scopes: ["chat"], ...more, key_id: key as NonNullable<Caller["key_id"]> });

/** Opens something with the key; what it ended with is told by `type()`. */
function open(caller: Caller) {
  const ends: AppError[] = [];
  const stop = watch.watch(caller, (reason) => ends.push(reason));
  return { stop, types: () => ends.map(({ type }) => type) };
}

describe("an open request", () => {
  test("ends at the signal of its user, and only with its own credential", async () => {
    const removed = open(withKey("key_a"));
    const kept = open(withKey("key_b"));
    await jest.advanceTimersByTimeAsync(1_000);
    states.key_a = ENDED;
    signals.publish(USER_CHANGED, { user_id: USER });
    await jest.advanceTimersByTimeAsync(0);
    expect([removed.types(), kept.types()]).toEqual([["unauthenticated"], []]);
  });

  test("ends without a signal too, a little later", async () => {
    const { types } = open(withKey("key_a"));
    await jest.advanceTimersByTimeAsync(1_000);
    states.key_a = ENDED;
    await jest.advanceTimersByTimeAsync(10_500);
    expect(types()).toEqual(["unauthenticated"]);
  });

  test("ends within a second when its credential had ended before it was there", async () => {
    states.key_a = ENDED;
    const { types } = open(withKey("key_a"));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(types()).toEqual(["unauthenticated"]);
  });

  test("ends at the hour at which its key ends, unless the store knows a later one by then", async () => {
    states.key_a = { ...LIVES, ends_at: Date.now() + 5_000 } as CredentialState;
    states.key_b = states.key_a;
    const expired = open(withKey("key_a"));
    const lengthened = open(withKey("key_b"));
    await jest.advanceTimersByTimeAsync(4_000);
    states.key_a = ENDED;
    states.key_b = { ...LIVES, ends_at: Date.now() + 60_000 } as CredentialState;
    expect(expired.types()).toEqual([]);
    await jest.advanceTimersByTimeAsync(2_000);
    expect([expired.types(), lengthened.types()]).toEqual([["unauthenticated"], []]);
  });

  test("ends when the rights of an admin are lost, not when others are changed", async () => {
    const admin = open(withKey("key_a", { role: "admin", scopes: ["chat", "admin"] }));
    const narrow = open(withKey("key_a", { role: "admin", scopes: ["chat"] }));
    states.key_a = { ...LIVES, role: "pro_user" } as CredentialState;
    await jest.advanceTimersByTimeAsync(1_000);
    expect([admin.types(), narrow.types()]).toEqual([["unauthenticated"], []]);
  });

  test("is told when the account is disabled", async () => {
    states.key_a = { type: "ended", disabled: true };
    const { types } = open(withKey("key_a"));
    await jest.advanceTimersByTimeAsync(1_000);
    expect(types()).toEqual(["account_disabled"]);
  });

  test("goes on while nobody can say whether its credential lives, and is asked about until somebody can", async () => {
    isAway = true;
    const { types } = open(withKey("key_a"));
    states.key_a = ENDED;
    await jest.advanceTimersByTimeAsync(30_000);
    expect(types()).toEqual([]);
    isAway = false;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(types()).toEqual(["unauthenticated"]);
  });

  test("that is over is asked about no more; many are asked about together, and seldom", async () => {
    open(withKey("key_over")).stop();
    const opened = Array.from({ length: 250 }, (_, index) => open(withKey(`key_${index}`)));
    open(withKey("key_0"));
    await jest.advanceTimersByTimeAsync(9_000);
    expect(asked.map((some) => some.length)).toEqual([100, 100, 50]);
    expect(asked.flat().some(({ key_id }) => key_id === "key_over")).toBe(false);
    for (const { stop } of opened) stop();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(asked.length).toBe(4);
  });
});
