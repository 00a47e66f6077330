// A call that a user makes itself, outside of any run, is for its answer: nobody can cancel it, ask for it again, or see it.
import { access } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Client } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let owner: Client;
beforeAll(async () => {
  stack = await startStack({ SANDBOX: "off" });
  owner = new Client(stack.server.url, await stack.server.ownerKey());
  await owner.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
});
afterAll(() => stack.stop());

const isThere = (name: string) =>
  access(join(stack.workspace, name)).then(
    () => true,
    () => false,
  );

/** One that runs until it is ended, and tells both. */
async function begin(name: string, client: Client, signal?: AbortSignal): Promise<void> {
  const command = `trap "touch ${name}-ended; exit" TERM; touch ${name}; while :; do sleep 0.05; done`;
  const args = { command, working_directory: stack.workspace };
  client.open("POST", "/tools/execute_shell_command/execute", { args }, {}, signal).catch(() => undefined);
  await waitFor("it runs", () => isThere(name));
}

describe("a direct call whose server dies over it", () => {
  test("G3 has an end in the audit trail after the next start: nobody knows", async () => {
    await begin("died-over", owner);
    await stack.restart();
    owner.url = stack.server.url;
    const ends = async () => {
      const { audit } = await stack.records();
      const sent = audit.filter(
        ({ entry, details }) => entry === "call.sent" && String(details).includes("died-over"),
      );
      expect(sent).toHaveLength(1);
      return audit.filter(({ subject, entry }) => subject === sent[0]?.subject && entry === "call.ended");
    };
    await waitFor("it has an end", async () => (await ends()).length === 1);
    expect(JSON.parse(String((await ends())[0]?.details))).toMatchObject({ status: "outcome_unknown" });
    const left = () => stack.sql("SELECT call_id FROM open_calls");
    await waitFor("nothing is kept of it", async () => (await left()).length === 0);
  });
});

describe("a direct call is ended", () => {
  test("when its client leaves", async () => {
    const leave = new AbortController();
    await begin("left", owner, leave.signal);
    leave.abort();
    await waitFor("its command is ended", () => isThere("left-ended"));
  });

  test("when the credential it was asked with ends", async () => {
    const scopes = ["tools:execute", "admin"];
    const made = await owner.call<{ secret: string; key: { id: string } }>("POST", "/users/me/keys", {
      name: "k",
      scopes,
    });
    await begin("ended", new Client(stack.server.url, made.body.secret));
    expect((await owner.call("DELETE", `/users/me/keys/${made.body.key.id}`)).status).toBe(204);
    await waitFor("its command is ended", () => isThere("ended-ended"));
  });
});
