// A NUL in a command, a path or any other argument (cases/tools.md): refused in the tool's words, and nobody is asked about it.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

test.each([
  ["execute_shell_command", { command: "echo a\0b" }, "command"],
  ["execute_shell_command", { command: "true", working_directory: "a\0" }, "working_directory"],
  ["write_file", { path: "a\0b", content: "x" }, "path"],
  ["write_file", { path: "a", content: "x\0" }, "content"],
  ["write_file", { path: "a", content: "half \ud83d" }, "content"],
  ["search_files", { path: ".", pattern: "*\0" }, "pattern"],
  ["grep_recursive", { directory: ".", pattern: "x", exclude_dirs: ["a\0"] }, "exclude_dirs.0"],
  ["git_status", { repository: "\0" }, "repository"],
  ["git_diff", { repository: "\0" }, "repository"],
  ["git_log", { repository: "half \ud83d" }, "repository"],
  ["run_python_script", { path: "a\0.py" }, "path"],
  ["run_python_script", { path: "a.py", args: ["x", "\0"] }, "args.1"],
  ["download_file", { url: "http://a.invalid/\0", output_path: "x" }, "url"],
  ["download_file", { url: "http://a.invalid/", output_path: "x\0" }, "output_path"],
  ["ping_host", { host: "a.invalid\0" }, "host"],
  ["process_list", { filter: "a\0" }, "filter"],
])("%s with %j", async (name, args, at) => {
  const user = await register(stack.server.url);
  const events = await user.chat({ message: `call:${name} ${JSON.stringify(args)}` });
  expect(events.some(({ event }) => event === "approval_required")).toBe(false);
  const result = events.find(({ event }) => event === "tool_result")?.data;
  expect(result).toMatchObject({ ok: false, result: { error: { code: "invalid_arguments" } } });
  expect(JSON.stringify(result)).toContain(`${at}: has `);
  const direct = await user.call<{ errors: { path: string }[] }>("POST", `/tools/${name}/execute`, { args });
  expect(direct.status).toBe(422);
  expect(direct.body.errors.map(({ path }) => path)).toEqual([`args.${at}`]);
});
