import { expect, test } from "@jest/globals";
import type { UserId } from "../../../../contracts/ids.ts";
import { USER_CHANGED } from "../../../../contracts/signals.ts";
import type { Proven } from "../../../../contracts/users.ts";
import { processSignals } from "../../../../lib/embedded/memory-ports.ts";
import { AppError } from "../../../../lib/errors.ts";
import { KnownCallers } from "../../../../services/api/known-callers.ts";

const ADA = "usr_ada" as UserId;

function proven(ends_at: number | null = null): Proven {
  return { caller: { user_id: ADA, role: "free_user", plan: "free", scopes: "all" }, ends_at };
}

function knownCallers(answer: () => Promise<Proven>) {
  const signals = processSignals();
  let asked = 0;
  const known = new KnownCallers(() => {
    asked += 1;
    return answer();
  }, signals);
  return { known, signals, asked: () => asked };
}

test("a token is asked about once, and its caller stays the same object, so that its identity is signed once", async () => {
  const { known, asked } = knownCallers(() => Promise.resolve(proven()));
  expect(await known.callerOf("token")).toBe(await known.callerOf("token"));
  expect(asked()).toBe(1);
});

test("a change of the user is heard of at once, one of another user forgets nothing", async () => {
  const { known, signals, asked } = knownCallers(() => Promise.resolve(proven()));
  await known.callerOf("token");
  signals.publish(USER_CHANGED, { user_id: "usr_bob" });
  await known.callerOf("token");
  expect(asked()).toBe(1);
  signals.publish(USER_CHANGED, { user_id: ADA });
  await known.callerOf("token");
  expect(asked()).toBe(2);
});

test("what was asked before a change is not remembered after it", async () => {
  const answer = Promise.withResolvers<Proven>();
  const { known, signals, asked } = knownCallers(() => answer.promise);
  const first = known.callerOf("token");
  signals.publish(USER_CHANGED, { user_id: ADA });
  answer.resolve(proven());
  await first;
  await known.callerOf("token");
  expect(asked()).toBe(2);
});

test("a credential is not known beyond its end, and a refusal not at all", async () => {
  const over = knownCallers(() => Promise.resolve(proven(Date.now() - 1)));
  await over.known.callerOf("token");
  await over.known.callerOf("token");
  expect(over.asked()).toBe(2);
  const refused = knownCallers(() => Promise.reject(new AppError("unauthenticated")));
  for (let times = 0; times < 2; times += 1)
    await expect(refused.known.callerOf("token")).rejects.toMatchObject({ type: "unauthenticated" });
  expect(refused.asked()).toBe(2);
});
