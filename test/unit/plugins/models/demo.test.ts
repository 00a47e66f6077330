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
    ["read notes.txt\n\nERROR: what came through a pipe", "read_file", { path: "notes.txt" }],
    ["list files in ~/Documents\n\na pipe", "list_directory", { path: "~/Documents" }],
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

  test.each([
    ["磁盘用了多少？", "disk_usage", {}],
    ["我的硬盘还剩多少剩余空间", "disk_usage", {}],
    ["内存有多大？", "system_info", {}],
    ["有哪些进程在运行？", "top_processes", {}],
    ["請問有哪些處理程序正在執行", "top_processes", {}],
    ["列出 ~/Documents 里的文件", "list_directory", { path: "~/Documents" }],
    ["请帮我列出~/Documents中的所有文件。", "list_directory", { path: "~/Documents" }],
    ["/tmp 目录下有哪些文件？", "list_directory", { path: "/tmp" }],
    ["列出目录 /tmp", "list_directory", { path: "/tmp" }],
    ["列出文件", "list_directory", { path: "." }],
    ["当前目录有什么文件", "list_directory", { path: "." }],
    ["列出“我的 文档”里的文件", "list_directory", { path: "我的 文档" }],
    ["读取 notes.txt", "read_file", { path: "notes.txt" }],
    ["读一下文件“我的 笔记.txt”的内容", "read_file", { path: "我的 笔记.txt" }],
    ["請讀取檔案 notes.txt", "read_file", { path: "notes.txt" }],
    ["打开 /etc/hosts", "read_file", { path: "/etc/hosts" }],
    ["运行 df -h | head", "execute_shell_command", { command: "df -h | head" }],
    ["请执行命令：uname -a。", "execute_shell_command", { command: "uname -a" }],
    ["运行 `free -m`", "execute_shell_command", { command: "free -m" }],
    ["把 hello world 写入 a.txt", "write_file", { path: "a.txt", content: "hello world" }],
    [
      "将“你好，世界”写到文件“我的 文件.txt”里。",
      "write_file",
      { path: "我的 文件.txt", content: "你好，世界" },
    ],
    ["写 你好 到 a.txt", "write_file", { path: "a.txt", content: "你好" }],
    ["在 a.txt 里写入 你好", "write_file", { path: "a.txt", content: "你好" }],
  ])("understands Chinese: %s → %s", async (message, name, args) => {
    const said = await say(message);
    expect(said.calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([[name, args]]);
    expect(said.text).toMatch(/演示模型（demo）。我来调用/);
  });

  test("asks for nothing that was only mentioned, and answers in Chinese", async () => {
    for (const message of ["运行时间是多少", "你好", "人生的意义是什么？", "帮我写一首诗"]) {
      const said = await say(message);
      expect([message, said.calls]).toEqual([message, []]);
      expect(said.text).toMatch(/演示模型[\s\S]*OPENAI_API_KEY/);
    }
    expect((await say("磁盘和内存")).calls.map(({ name }) => name)).toEqual(["disk_usage", "system_info"]);
    expect((await say("磁盘", [])).text).toMatch(/disk_usage，而这次运行没有提供它/);
  });

  test.each([
    ["write", "write x ", "to "],
    ["Chinese writes", "把 x ", "写"],
    ["spaces", "把 ", " "],
    ["English spaces", "write x", " "],
    ["quotes", "列出“", "“"],
  ])("a message of a million characters holds nobody up: %s", async (_what, begin, again) => {
    expect((await say(begin + again.repeat(500_000))).calls.length).toBeLessThan(2);
    expect((await say(begin + again.repeat(900))).calls.length).toBeLessThan(2);
  });

  test("an English order with a Chinese name in it is answered in English", async () => {
    const said = await say("read 笔记.txt");
    expect(said.calls.map((call) => JSON.parse(call.arguments))).toEqual([{ path: "笔记.txt" }]);
    expect(said.text).toMatch(/^I am the demo model/);
  });

  test("its answers come in pieces in Chinese too, and say the results of tools in it", async () => {
    const help = await say("你好");
    expect(help.chunks.filter((chunk) => chunk.type === "text").length).toBeGreaterThan(40);
    const told = await ask(provider, {
      tools,
      messages: [
        { role: "user", content: "运行 false" },
        {
          role: "assistant",
          content: "",
          tool_calls: [{ wire_id: "1", name: "execute_shell_command", arguments: "{}" }],
        },
        {
          role: "tool",
          wire_id: "1",
          name: "execute_shell_command",
          content: JSON.stringify({ ok: false, exit_code: 1, stdout: "", stderr: "" }),
        },
      ],
    });
    expect(told.text).toBe("我是演示模型（demo）。execute_shell_command 没有成功：执行失败\n（退出码 1）");
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
    const sizes = await answer({
      ok: true,
      data: {
        size_bytes: 270_553_174_016,
        used_percent: 24.1,
        files: [{ size: 1 }, { size: 5 }, { free_bytes: 4_096 }],
      },
    });
    for (const words of [
      "size: 252 GiB",
      "used percent: 24.1",
      "size 1 byte",
      "size 5 bytes",
      "free 4.0 KiB",
    ])
      expect(sizes.text).toContain(words);
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
