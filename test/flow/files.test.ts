// A user has a folder packed, moved away and unpacked again, and what is in it looked through: each change after a yes.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type AnyEvent, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const resultOf = (events: AnyEvent[]) =>
  events.find(({ event }) => event === "tool_result")?.data as
    | { result?: { ok: boolean; data?: unknown } }
    | undefined;

test("what was packed, moved and unpacked is what it was", async () => {
  const user = await register(stack.server.url);
  const inWorkspace = (path: string) => join(stack.workspace, path);
  await mkdir(inWorkspace("reports/2026"), { recursive: true });
  await writeFile(inWorkspace("reports/2026/größe.txt"), "first\nsecond needle\nthird\n");
  const run = async (tool: string, args: Record<string, unknown>, asks: boolean) => {
    const message = `call:${tool} ${JSON.stringify(args)}`;
    const events = await user.chat({ message }, { until: ({ event }) => event === "approval_required" });
    const question = events.find(({ event }) => event === "approval_required");
    expect([tool, question !== undefined]).toEqual([tool, asks]);
    if (!question) return resultOf(events)?.result;
    const id = String(events[0]?.data.run_id);
    await user.call("POST", `/agent/runs/${id}/approvals/${question.data.call_id}`, { decision: "approve" });
    return resultOf(await user.events(id))?.result;
  };
  const changes: [string, Record<string, unknown>][] = [
    ["copy_file", { from: inWorkspace("reports"), to: inWorkspace("copy") }],
    ["compress_files", { paths: [inWorkspace("reports")], output: inWorkspace("reports.zip") }],
    ["move_file", { from: inWorkspace("reports"), to: inWorkspace("old") }],
    ["extract_archive", { archive: inWorkspace("reports.zip"), output: inWorkspace("new") }],
  ];
  for (const [tool, args] of changes)
    expect([tool, await run(tool, args, true)]).toMatchObject([tool, { ok: true }]);
  expect((await readdir(stack.workspace)).toSorted()).toEqual(["copy", "new", "old", "reports.zip"]);
  const path = inWorkspace("new/reports/2026/größe.txt");
  expect(await readFile(path, "utf8")).toContain("needle");
  const looks: [string, Record<string, unknown>, unknown][] = [
    ["diff_files", { path1: path, path2: inWorkspace("old/2026/größe.txt") }, { identical: true }],
    ["find_in_file", { path, query: "NEEDLE" }, { matches: [{ line: 2 }] }],
    ["grep_search", { path, pattern: "^third" }, { matches: [{ line: 3 }] }],
    ["tail_log", { path, lines: 1 }, { content: "third" }],
    ["calculate_hash", { path, algorithm: "md5" }, { algorithm: "md5" }],
    ["find_advanced", { directory: inWorkspace("new"), file_type: "file" }, { results: [{ path }] }],
  ];
  for (const [tool, args, data] of looks)
    expect([tool, await run(tool, args, false)]).toMatchObject([tool, { ok: true, data }]);
});
