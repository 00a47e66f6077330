// Users who go, or are shut out, while their runs live: every run ends all the same (G4), and a removal is done.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditRecords } from "../support/auditor.ts";
import { Client, register } from "../support/client.ts";
import { onCluster } from "../support/on-cluster.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { testUnless } from "../support/unless.ts";
import { waitFor } from "../support/wait-for.ts";

const onEmbedded = onCluster("it looks into the embedded database");

type User = Awaited<ReturnType<typeof register>>;

let stack: Stack;
let owner: Client;
beforeAll(async () => {
  stack = await startStack();
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

async function restart(): Promise<void> {
  await stack.restart();
  owner.url = stack.server.url;
}

/** Whether no table knows the user any more. */
function isGone(user: User): boolean {
  const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"), { readOnly: true });
  const documents = ["runs", "sessions"].map(
    (name) => `SELECT 1 FROM documents_${name} WHERE body ->> 'user_id' = ?`,
  );
  const rows = ["holds", "ledger", "usage_days", "subscriptions", "api_keys", "refresh_families"].map(
    (name) => `SELECT 1 FROM ${name} WHERE user_id = ?`,
  );
  const left = [...documents, ...rows, "SELECT 1 FROM users WHERE id = ?"].filter(
    (sql) => db.prepare(sql).all(user.id).length > 0,
  );
  db.close();
  return left.length === 0;
}

const openRuns = async () => auditRecords(await stack.records()).filter((fault) => fault.startsWith("G4"));

describe("G4 users who leave", () => {
  test("a user who is disabled: what waits, works or stands in line ends, and nothing is asked of a model for it", async () => {
    const user = await busyUser();
    expect((await owner.call("PATCH", `/admin/users/${user.id}`, { disabled: true })).status).toBe(200);
    const asked = stack.fake.requests.length;
    await waitFor(
      "all runs have ended, also the one whose model says no more",
      async () => (await openRuns()).length === 0,
    );
    user.release();
    expect(stack.fake.requests.length).toBe(asked);
    await owner.call("PATCH", `/admin/users/${user.id}`, { disabled: false });
    const login = await user.call<{ access_token: string }>("POST", "/users/login", {
      email: user.email,
      password: user.password,
    });
    user.token = login.body.access_token;
    const { body } = await user.call<{ runs: { status: string }[] }>("GET", "/agent/runs");
    expect(body.runs.map(({ status }) => status)).toEqual(["cancelled", "cancelled", "cancelled"]);
  });

  testUnless(onEmbedded)(
    "a user who was disabled while no process was there: the next one ends the runs, answered or not",
    async () => {
      const user = await busyUser();
      await stack.server.kill();
      const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"));
      db.prepare("UPDATE users SET is_disabled = 1 WHERE id = ?").run(user.id);
      // As if the question had been answered meanwhile.
      const approve = "UPDATE documents_calls SET body = json_set(body, '$.approval.decision', 'approve')";
      db.prepare(`${approve} WHERE json_extract(body, '$.status') = 'waiting_approval'`).run();
      db.close();
      user.release();
      await restart();
      await waitFor("all runs have ended", async () => (await openRuns()).length === 0);
    },
  );

  test("a user who removes the account: runs in every state end, and the account is gone", async () => {
    const user = await busyUser();
    const answer = await user.call("DELETE", "/users/me", { current_password: user.password });
    expect(answer.status).toBe(202);
    const again = { email: user.email, password: user.password };
    await waitFor("the address is free again", async () => {
      return (await user.call("POST", "/users/register", again)).status === 201;
    });
    expect(await openRuns()).toEqual([]);
    user.release();
  });

  testUnless(onEmbedded)(
    "a user who removes the account just before kill -9: the next process takes down all that is left",
    async () => {
      const user = await busyUser();
      await user.call("DELETE", "/users/me", { current_password: user.password });
      await restart();
      user.release();
      await waitFor("nothing is left", () => isGone(user));
    },
  );

  test("everything is consistent afterwards", async () => {
    await stack.server.kill("SIGTERM");
    expect(auditRecords(await stack.records())).toEqual([]);
  });
});
