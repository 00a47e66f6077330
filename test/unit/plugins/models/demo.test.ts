import { describe, expect, test } from "@jest/globals";
import { demoProvider } from "../../../../plugins/models/demo.ts";
import { ask } from "./ask-provider.ts";

const provider = demoProvider({ delayMs: 0 });
const NAMES = [
  "disk_usage",
  "system_info",
  "top_processes",
  "list_directory",
  "read_file",
  "execute_shell_command",
  "write_file",
];
const tools = NAMES.map((name) => ({ name, description: "", parameters: {} }));
const say = (content: string, offered = tools) =>
  ask(provider, { messages: [{ role: "user", content }], tools: offered });

describe("the demo model", () => {
  test.each([
    ["How full is my disk?", "disk_usage", {}],
    ["show memory", "system_info", {}],
    ["which processes are running?", "top_processes", {}],
    ["list files in ~/Documents", "list_directory", { path: "~/Documents" }],
    ["Please list the files in /tmp.", "list_directory", { path: "/tmp" }],
    ["list files", "list_directory", { path: "." }],
    ["read notes.txt", "read_file", { path: "notes.txt" }],
    ['read the file "my notes.txt"', "read_file", { path: "my notes.txt" }],
    ["run df -h | head", "execute_shell_command", { command: "df -h | head" }],
    ["run `free -m` ", "execute_shell_command", { command: "free -m" }],
    ["write hello world to a.txt", "write_file", { path: "a.txt", content: "hello world" }],
    ['write "a to b" to "my file.txt"', "write_file", { path: "my file.txt", content: "a to b" }],
  ])("%s → %s", async (message, name, args) => {
    const said = await say(message);
    expect(said.calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([[name, args]]);
    expect(said.end).toBe("tool_calls");
    expect(said.text).toMatch(/demo/);
  });

  test("one message may ask for several things at once", async () => {
    const { calls } = await say("disk and memory please");
    expect(calls.map((call) => call.name)).toEqual(["disk_usage", "system_info"]);
    expect(new Set(calls.map((call) => call.wire_id)).size).toBe(2);
  });

  test("anything else is answered with what it can do and how to set a key, word by word", async () => {
    const said = await say("what is the meaning of life?");
    expect(said.text).toMatch(/demo/);
    expect(said.text).toMatch(/OPENAI_API_KEY/);
    expect(said.end).toBe("stop");
    expect(said.chunks.filter((chunk) => chunk.type === "text").length).toBeGreaterThan(20);
    expect(said.usage?.output_tokens).toBeGreaterThan(0);
  });

  test("a tool that is not offered is said to be missing, not called", async () => {
    const said = await say("how full is the disk", []);
    expect(said.calls).toEqual([]);
    expect(said.text).toMatch(/demo.*disk_usage.*not offered/s);
  });

  test("results are told in readable words", async () => {
    const answer = (content: unknown, name = "disk_usage") =>
      ask(provider, {
        tools,
        messages: [
          { role: "user", content: "disk" },
          { role: "assistant", content: "", tool_calls: [{ wire_id: "1", name, arguments: "{}" }] },
          {
            role: "tool",
            wire_id: "1",
            name,
            content: typeof content === "string" ? content : JSON.stringify(content),
          },
        ],
      });
    const disk = await answer({ ok: true, data: { volumes: [{ mount: "/", percent_used: 41 }] } });
    expect(disk.text).toMatch(/demo/);
    expect(disk.text).toContain("mount /, percent used 41");
    expect(disk.calls).toEqual([]);
    const run = await answer(
      { ok: true, exit_code: 0, stdout: "Linux\n", stderr: "" },
      "execute_shell_command",
    );
    expect(run.text).toContain("exit code 0");
    expect(run.text).toContain("Linux");
    const failed = await answer({
      ok: false,
      error: { code: "tool_denied", message: "The policy denies it." },
    });
    expect(failed.text).toMatch(/did not work: The policy denies it/);
    const cut = await answer('{"ok":true,"data":"aaa… 50 characters cut …');
    expect(cut.text).toContain("characters cut");
  });

  test("aborting ends it", async () => {
    const stop = new AbortController();
    const slow = demoProvider({ delayMs: 50 });
    const asking = ask(slow, { signal: stop.signal });
    stop.abort();
    const said = await asking;
    expect(said.error?.name).toBe("AbortError");
    expect(said.end).toBeUndefined();
  });
});
