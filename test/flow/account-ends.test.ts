// What an account has under way when it is disabled or removed: nothing of it may go on, wait for ever, or stay behind.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { audit } from "../support/auditor.ts";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterEach(() => stack.fake.release());
afterAll(() => stack.stop());

type User = Awaited<ReturnType<typeof register>>;

/** Three runs of the user: one waits for an approval, one waits in line behind it, one waits for the model. */
async function threeRuns(user: User): Promise<string[]> {
  const path = join(stack.workspace, "never-written.txt");
  const message = `call:write_file ${JSON.stringify({ path, content: "x" })}`;
  const asked = await user.chat({ message }, { until: ({ event }) => event === "approval_required" });
  const session_id = asked[0]?.data.session_id;
  const behind = { message: "and then", session_id, if_busy: "queue" };
  const [queued] = await user.chat(behind, { until: () => true });
  stack.fake.hold();
  const [running] = await user.chat({ message: "think" }, { until: () => true });
  return [asked[0], queued, running].map((event) => String(event?.data.run_id));
}

/** The statuses of the user's runs as the store has them. */
function statuses(user: User): string[] {
  const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"), { readOnly: true });
  const rows = db
    .prepare("SELECT body ->> 'status' AS status FROM documents_runs WHERE body ->> 'user_id' = ?")
    .all(user.id);
  db.close();
  return rows.map((row) => String(row.status)).toSorted();
}

const disable = async (user: User, disabled = true) =>
  new Client(stack.server.url, await stack.server.ownerKey()).call("PATCH", `/admin/users/${user.id}`, {
    disabled,
  });

describe("an account that is disabled", () => {
  test("G4 has its runs cancelled at once: those that wait, those in line, and the one at the model", async () => {
    const user = await register(stack.server.url);
    const [, , running] = await threeRuns(user);
    const stream = user.events(String(running));
    expect((await disable(user)).status).toBe(200);
    await waitFor("all runs are cancelled", () => statuses(user).every((status) => status === "cancelled"));
    expect((await stream).at(-1)?.data).toMatchObject({ status: "cancelled" });
  });

  test("G4 while its runs had no process ends them when one is there again", async () => {
    const user = await register(stack.server.url);
    await threeRuns(user);
    await stack.server.kill();
    const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"));
    db.prepare("UPDATE users SET is_disabled = 1 WHERE id = ?").run(user.id);
    // As if somebody had answered the question meanwhile: what would resume the run must find the account.
    db.prepare("UPDATE documents_calls SET body = json_set(body, '$.approval.decision', 'approve')").run();
    db.close();
    await stack.restart();
    await waitFor("all runs are cancelled", () => statuses(user).every((status) => status === "cancelled"));
  });
});

describe("an account that is removed", () => {
  test("goes with its runs, whatever they wait for", async () => {
    const user = await register(stack.server.url);
    await threeRuns(user);
    expect((await user.call("DELETE", "/users/me", { current_password: user.password })).status).toBe(202);
    await waitFor("nothing is left", () => isGone(user));
  });

  test("is gone after kill -9 in the middle, too, and its address is free", async () => {
    const user = await register(stack.server.url);
    await threeRuns(user);
    await user.call("DELETE", "/users/me", { current_password: user.password });
    await stack.restart();
    await waitFor("nothing is left", () => isGone(user));
    const again = await new Client(stack.server.url).call("POST", "/users/register", {
      email: user.email,
      password: user.password,
    });
    expect(again.status).toBe(201);
  });
});

test("G7 ledger and counters agree, and no hold is left", async () => {
  await stack.server.kill("SIGTERM");
  expect(audit(stack.server.home)).toEqual([]);
});

/** Whether no table knows the user any more. */
function isGone(user: User): boolean {
  const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"), { readOnly: true });
  const holds = (sql: string) => db.prepare(sql).all(user.id).length > 0;
  const documents = ["runs", "sessions"].map(
    (name) => `SELECT 1 FROM documents_${name} WHERE body ->> 'user_id' = ?`,
  );
  const rows = ["holds", "ledger", "usage_days", "subscriptions", "api_keys", "refresh_families"].map(
    (name) => `SELECT 1 FROM ${name} WHERE user_id = ?`,
  );
  const isLeft = [...documents, ...rows, "SELECT 1 FROM users WHERE id = ?"].some(holds);
  db.close();
  return !isLeft;
}
