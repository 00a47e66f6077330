// Users who go, or are shut out, while their runs live: every run ends all the same (G4), and a removal is done.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { audit } from "../support/auditor.ts";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

type User = Awaited<ReturnType<typeof register>>;

let stack: Stack;
let owner: Client;
beforeAll(async () => {
  stack = await startStack({ APPROVAL_TIMEOUT_S: "2" });
  owner = new Client(stack.server.url, await stack.server.ownerKey());
});
afterAll(() => stack.stop());

const question = `call:write_file ${JSON.stringify({ path: "/nowhere", content: "x" })}`;

/** Has a run that waits for an answer, one whose model does not go on before `release`, and one that stands in its line. */
async function busyUser(): Promise<User & { release(): void }> {
  const user = await register(stack.server.url);
  await user.chat({ message: question }, { until: ({ event }) => event === "approval_required" });
  const gate = Promise.withResolvers<void>();
  stack.fake.script([{ text: ["held ", "to its end"], gate: gate.promise, gateAfter: 1 }]);
  const held = await user.chat({ message: "hold" }, { until: ({ event }) => event === "content" });
  const body = { message: "q", session_id: held[0]?.data.session_id, if_busy: "queue" };
  await user.chat(body, { until: ({ event }) => event === "run" });
  return Object.assign(user, { release: () => gate.resolve() });
}

const openRuns = () => audit(stack.server.home).filter((fault) => fault.startsWith("G4"));

describe("G4 users who leave", () => {
  test("a user who is disabled: what waits, works or stands in line ends, and nothing is asked of a model for it", async () => {
    const user = await busyUser();
    expect((await owner.call("PATCH", `/admin/users/${user.id}`, { disabled: true })).status).toBe(200);
    const asked = stack.fake.requests.length;
    user.release();
    await waitFor("all runs have ended", () => openRuns().length === 0);
    expect(stack.fake.requests.length).toBe(asked);
    await owner.call("PATCH", `/admin/users/${user.id}`, { disabled: false });
    const login = await user.call<{ access_token: string }>("POST", "/users/login", {
      email: user.email,
      password: user.password,
    });
    user.token = login.body.access_token;
    const { body } = await user.call<{ runs: { status: string; error?: { code: string } }[] }>(
      "GET",
      "/agent/runs",
    );
    expect(body.runs.map(({ status, error }) => error?.code ?? status).toSorted()).toEqual([
      "account_disabled",
      "account_disabled",
      "completed",
    ]);
  });

  test("a user who removes the account: runs in every state end, and the account is gone", async () => {
    const user = await busyUser();
    const answer = await user.call("DELETE", "/users/me", { current_password: user.password });
    expect(answer.status).toBe(202);
    const again = { email: user.email, password: user.password };
    await waitFor("the address is free again", async () => {
      return (await user.call("POST", "/users/register", again)).status === 201;
    });
    expect(openRuns()).toEqual([]);
    user.release();
  });

  test("everything is consistent afterwards", async () => {
    await stack.server.kill("SIGTERM");
    expect(audit(stack.server.home)).toEqual([]);
  });
});
