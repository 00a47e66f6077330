// The signed identity of a call while the secret behind its key is replaced.
import { expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import { Identity } from "../../../../lib/broker/authorization.ts";

const [OLD, NEW] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const CALLER = { user_id: "usr_1", role: "admin", plan: "free", scopes: "all" } as unknown as Caller;

test("processes understand one another at each step of replacing a secret", () => {
  const steps = [[OLD], [OLD, NEW], [NEW, OLD]].map((keys) => new Identity(keys));
  for (const [before, after] of [steps.slice(0, 2), steps.slice(1)] as [Identity, Identity][]) {
    expect(after.verify(before.sign(CALLER))).toEqual(CALLER);
    expect(before.verify(after.sign(CALLER))).toEqual(CALLER);
  }
});

test("a key that was taken away signs nothing any more", () => {
  const token = new Identity([OLD]).sign(CALLER);
  expect(() => new Identity([NEW]).verify(token)).toThrow(/not valid/);
});
