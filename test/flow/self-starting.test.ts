// "Always allow" does not reach places whose files run by themselves (cases/security.md 8).
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type AnyEvent, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const contentOf = (path: string) => readFile(path, "utf8").catch(() => "not there");
const write = (path: string) => `call:write_file ${JSON.stringify({ path, content: "x" })}`;
const isQuestion = ({ event }: AnyEvent) => event === "approval_required";

test("G29 a hook of git is asked about with the reason although all writing is allowed, and runs once it is approved", async () => {
  const user = await register(stack.server.url);
  await user.call("PUT", "/users/me/policy", { rules: [{ risk: "write", decision: "allow" }] });
  await mkdir(join(stack.workspace, "repository/.git/hooks"), { recursive: true });
  const [hook, free] = ["repository/.git/hooks/pre-commit", "repository/notes"].map((path) =>
    join(stack.workspace, path),
  ) as [string, string];
  expect((await user.chat({ message: write(free) })).some(isQuestion)).toBe(false);
  expect(await contentOf(free)).toBe("x");
  const events = await user.chat({ message: write(hook) }, { until: isQuestion });
  const question = events.at(-1)?.data as Record<string, unknown>;
  expect(question.because).toContain("is run by git, outside of the sandbox");
  expect(await contentOf(hook)).toBe("not there");
  const run = String(events[0]?.data?.run_id);
  const answered = await user.call("POST", `/agent/runs/${run}/approvals/${question.call_id}`, {
    decision: "approve",
    remember: "always",
  });
  expect(answered.body).toMatchObject({ approval: { because: question.because } });
  expect((await user.events(run)).at(-1)?.data).toMatchObject({ status: "completed" });
  expect(await contentOf(hook)).toBe("x");
  const again = await user.chat({ message: write(`${hook}-2`) }, { until: isQuestion });
  expect(again.some(isQuestion)).toBe(true);
});

test("a link that leads there is refused with the path to name, and a direct call is told why it may not", async () => {
  const user = await register(stack.server.url);
  await user.call("PUT", "/users/me/policy", { rules: [{ risk: "write", decision: "allow" }] });
  await mkdir(join(stack.workspace, "other/.git/hooks"), { recursive: true });
  await symlink(".git/hooks", join(stack.workspace, "other/link"));
  const path = join(stack.workspace, "other/link/pre-push");
  const events = await user.chat({ message: write(path) });
  const result = events.find(({ event }) => event === "tool_result")?.data;
  expect(result).toMatchObject({ ok: false, result: { error: { code: "approval_required" } } });
  expect(JSON.stringify(result)).toContain("other/.git/hooks/pre-push");
  const args = { path: join(stack.workspace, "other/.git/config"), content: "x" };
  const direct = await user.call<{ detail: string }>("POST", "/tools/write_file/execute", { args });
  expect(direct.status).toBe(403);
  expect(direct.body.detail).toContain("asked about every time");
});
