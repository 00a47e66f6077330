// A question about a change of a file has what stands there, as far as its user could have read it.
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type AnyEvent, type Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type Before = { state: string; text?: string; read_at: string };
type Approval = { call_id: string; run_id: string; before?: Before };

const line = (tool: string, args: unknown) => `call:${tool} ${JSON.stringify(args)}`;
const openOf = async (user: Client) =>
  (await user.call<{ approvals: Approval[] }>("GET", "/agent/approvals")).body.approvals;

/** Asks about a call. @returns the question as the run's events, and as the list tell it */
async function asked(
  user: Client,
  tool: string,
  args: unknown,
): Promise<{ event: AnyEvent; open: Approval }> {
  const until = (event: AnyEvent) => event.event === "approval_required";
  const event = (await user.chat({ message: line(tool, args) }, { until })).at(-1) as AnyEvent;
  const open = (await openOf(user)).find(({ call_id }) => call_id === event.data.call_id);
  return { event, open: open as Approval };
}

test("it is what the tool for reading gives, for each tool that writes text, and why there is nothing else", async () => {
  const user = await register(stack.server.url);
  const at = (name: string) => join(stack.workspace, name);
  await writeFile(at("there.txt"), "one\ntwo\n");
  await writeFile(at("large.txt"), "x\n".repeat(30_000));
  await writeFile(at("binary.bin"), Buffer.from([0, 1, 2, 0, 255, 254, 0]));
  await mkdir(at("folder"));
  await symlink("/etc/passwd", at("leads-out.txt"));
  const text = { state: "text", text: "one\ntwo\n" };
  const rows: [tool: string, args: Record<string, unknown>, Partial<Before>][] = [
    ["write_file", { path: at("there.txt"), content: "three\n", overwrite: true }, text],
    ["append_file", { path: at("there.txt"), content: "three\n" }, text],
    ["edit_file", { path: at("there.txt"), old_text: "two", new_text: "2" }, text],
    ["write_file", { path: at("fresh.txt"), content: "a" }, { state: "new" }],
    ["write_file", { path: at("large.txt"), content: "a" }, { state: "too_large" }],
    ["write_file", { path: at("binary.bin"), content: "a" }, { state: "binary" }],
    ["write_file", { path: at("folder"), content: "a" }, { state: "not_read" }],
    ["write_file", { path: at("leads-out.txt"), content: "a" }, { state: "not_read" }],
  ];
  for (const [tool, args, expected] of rows) {
    const { event, open } = await asked(user, tool, args);
    expect({ tool, args, before: open.before }).toMatchObject({ tool, args, before: expected });
    expect(event.data.before).toEqual(open.before);
  }
  const { open } = await asked(user, "make_directory", { path: at("more") });
  expect(open.before).toBeUndefined();
});

test("nothing is read that a rule would ask about or deny", async () => {
  const path = join(stack.workspace, "ruled.txt");
  await writeFile(path, "a secret");
  for (const decision of ["ask", "deny"]) {
    const user = await register(stack.server.url);
    await user.call("PUT", "/users/me/policy", { rules: [{ tool: "read_file", decision }] });
    const { open } = await asked(user, "write_file", { path, content: "a" });
    expect(open.before).toMatchObject({ state: "not_read" });
    expect(JSON.stringify(await openOf(user))).not.toContain("a secret");
  }
});

test("it is there after a restart, stays with its answer, and goes where the answer names another file", async () => {
  const user = await register(stack.server.url);
  const [path, other] = ["kept.txt", "other.txt"].map((name) => join(stack.workspace, name)) as [
    string,
    string,
  ];
  await writeFile(path, "as it was");
  const args = { path, content: "new", overwrite: true };
  const [one, two] = [await asked(user, "write_file", args), await asked(user, "write_file", args)];
  await writeFile(path, "meanwhile");
  await stack.restart();
  user.url = stack.server.url;
  expect((await openOf(user)).map(({ before }) => before?.text)).toEqual(["as it was", "as it was"]);
  const answer = async ({ open }: typeof one, given: Record<string, unknown>) => {
    const way = `/agent/runs/${open.run_id}/approvals/${open.call_id}`;
    const body = { decision: "approve", args: given };
    return (await user.call<{ approval: Approval }>("POST", way, body)).body.approval;
  };
  expect((await answer(one, { ...args, content: "mine" })).before?.text).toBe("as it was");
  expect((await answer(two, { ...args, path: other })).before).toBeUndefined();
});

test("a program's own call has it too; the reading is in the audit trail as the user's, and the model hears nothing of it", async () => {
  const user = await register(stack.server.url);
  const path = join(stack.workspace, "programs.txt");
  await writeFile(path, "of a program");
  const { status } = await user.call("POST", "/tools/write_file/execute", {
    args: { path, content: "a", overwrite: true },
    ask: true,
  });
  expect(status).toBe(403);
  expect((await openOf(user))[0]?.before).toMatchObject({ state: "text", text: "of a program" });
  const before = stack.fake.requests.length;
  await asked(user, "write_file", { path, content: "a", overwrite: true });
  expect(JSON.stringify(stack.fake.requests.slice(before).map(({ body }) => body))).not.toContain(
    "of a program",
  );
  const rows = await stack.sql(`SELECT entry, details FROM audit WHERE user_id = '${user.id}'`);
  const reads = rows.filter(({ details }) => String(details).includes("read_file"));
  expect(reads.map(({ entry }) => entry)).toEqual(["call.sent", "call.ended", "call.sent", "call.ended"]);
});
