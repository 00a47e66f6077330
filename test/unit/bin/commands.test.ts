import { EventEmitter } from "node:events";
import { afterEach, describe, expect, test } from "@jest/globals";
import { NodeNames } from "../../../bin/chat/approvals.ts";
import { runCommand } from "../../../bin/chat/commands.ts";
import type { CommandRoom } from "../../../bin/chat/conversation.ts";
import { widthOf } from "../../../bin/terminal/fit-line.ts";
import { Screen } from "../../../bin/terminal/screen.ts";
import { Server } from "../../../bin/terminal/server.ts";
import { type Language, textsFor } from "../../../bin/terminal/texts.ts";
import { waitFor } from "../../support/wait-for.ts";
import { json, problem, type RemoteServer, type Reply, remoteServer } from "./remote-server.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

class Keys extends EventEmitter {
  isTTY = true;
  setRawMode(): void {}
  resume(): void {}
  pause(): void {}
  type(key: string): void {
    this.emit("data", Buffer.from(key));
  }
}

const session =
  (active: string | null): Reply =>
  (_asked, response) =>
    json(response, 200, { session: { id: "ses_1", title: "Disks", active_run_id: active } });
const gives =
  (body: unknown): Reply =>
  (_asked, response) =>
    json(response, 200, body);

type Options = { columns?: number; language?: Language; sessionId?: string | undefined };

async function room(routes: Record<string, Reply>, options: Options = {}) {
  const { columns = 80, language = "en", sessionId = "ses_1" } = options;
  const remote: RemoteServer = await remoteServer({
    "GET /agent/approvals": gives({ approvals: [] }),
    "GET /sessions/ses_1/messages*": gives({ messages: [], has_more: false }),
    ...routes,
  });
  closing.push(remote.close);
  const shown: string[] = [];
  const followed: string[] = [];
  const output = { columns, write: (text: string) => shown.push(text) };
  const texts = textsFor(language);
  const server = new Server({ url: remote.url, key: "k" }, texts);
  const keys = new Keys();
  const commands: CommandRoom = {
    server,
    screen: new Screen(output, output, texts),
    nodes: new NodeNames(server),
    input: keys,
    conversation: { sessionId },
    follow: async (run) => void followed.push(run),
  };
  return { commands, remote, followed, keys, text: () => shown.join("") };
}

const SESSIONS = [
  {
    id: "ses_01aaaaaaaaaaaaaaaaaaaaaa1x",
    title: "磁盘清理和备份的计划，非常长的一个标题，一直写到行末还没有写完",
    active_run_id: null,
  },
  { id: "ses_01aaaaaaaaaaaaaaaaaaaaaa2y", title: "Disks", active_run_id: "run_1" },
  { id: "ses_01aaaaaaaaaaaaaaaaaaaaaa3z", title: "Waits", active_run_id: "run_2" },
].map((one) => ({ ...one, message_count: 3, updated_at: "2024-02-01T10:00:00.000Z" }));
const APPROVAL = {
  call_id: "call_1",
  run_id: "run_2",
  session_id: SESSIONS[2]?.id,
  session_title: "Waits",
  name: "write_file",
  args: { path: "/tmp/a", content: "x" },
  risk: "write",
  node_id: null,
  asked_at: "2024-02-01T10:00:00.000Z",
  decision: null,
};

describe("the commands of the chat, where a run is under way in the session", () => {
  test("/open tells of it, /follow shows it, /cancel ends it", async () => {
    const { commands, remote, followed, text } = await room({
      "GET /sessions/ses_1": session("run_9"),
      "GET /sessions?*": gives({ sessions: [{ id: "ses_1" }], next_cursor: null }),
      "POST /agent/cancel/run_9": (_asked, response) => json(response, 202, { run: {} }),
    });
    await runCommand(commands, "/open 1");
    expect(text()).toContain("/follow shows it, /cancel ends it");
    await runCommand(commands, "/follow");
    expect(followed).toEqual(["run_9"]);
    await runCommand(commands, "/cancel");
    expect(remote.asked.at(-1)).toMatchObject({ method: "POST", path: "/agent/cancel/run_9" });
  });

  test("without one they say so, and that one elsewhere waits for an answer", async () => {
    const { commands, followed, text } = await room({ "GET /sessions/ses_1": session(null) });
    await runCommand(commands, "/follow");
    await runCommand({ ...commands, conversation: {} }, "/cancel");
    expect(followed).toEqual([]);
    expect(text()).toBe("No run is under way in this session.\n".repeat(2));
    const other = await room({
      "GET /sessions/ses_1": session(null),
      "GET /agent/approvals": gives({ approvals: [APPROVAL] }),
    });
    await runCommand(other.commands, "/follow");
    expect(other.text()).toContain("elsewhere a question waits for your answer: /approvals");
  });
});

describe("models", () => {
  const model = (id: string, reason?: string) => ({
    id,
    provider: id.split("/")[0],
    available: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
  });
  const routes = {
    "GET /agent/models": gives({
      models: [
        model("openai/small"),
        model("demo/demo"),
        model("anthropic/one", "set ANTHROPIC_API_KEY"),
        model("anthropic/two", "set ANTHROPIC_API_KEY"),
      ],
      default: "openai/small",
    }),
  };

  test.each([
    ["en", "Not now (set ANTHROPIC_API_KEY):\n  anthropic/one, anthropic/two\n"],
    ["zh", "现在不能使用（请设置 ANTHROPIC_API_KEY）：\n  anthropic/one、anthropic/two\n"],
  ] as const)("are listed in %s with what keeps some from being asked", async (language, words) => {
    const { commands, text } = await room(routes, { language });
    await runCommand(commands, "/models");
    expect(text()).toContain("● openai/small\n  demo/demo\n");
    expect(text()).toContain(words);
  });

  test.each(["nope", "nope/x", "openai/", "/x", "openai"])(
    "%s can be no model here and is refused at once, not with the next message",
    async (id) => {
      const { commands, text } = await room(routes);
      await runCommand(commands, `/model ${id}`);
      expect(text()).toContain(`There is no model "${id}": it is written provider/model.`);
      expect(commands.conversation.model).toBeUndefined();
    },
  );

  test("a model that a provider may have without being in the list is taken, one that cannot be asked is not", async () => {
    const { commands, text } = await room(routes);
    await runCommand(commands, "/model openai/new/one");
    expect(commands.conversation.model).toBe("openai/new/one");
    await runCommand(commands, "/model anthropic/one");
    expect(text()).toContain("anthropic/one cannot be used: set ANTHROPIC_API_KEY.");
    expect(commands.conversation.model).toBe("openai/new/one");
  });
});

describe("sessions", () => {
  const routes = {
    "GET /sessions?*": gives({ sessions: SESSIONS, next_cursor: null }),
    "GET /agent/approvals": gives({ approvals: [APPROVAL] }),
  };

  test.each([
    [80, "en"],
    [40, "zh"],
    [40, "en"],
  ] as const)(
    "are listed at %d columns in lines that do not wrap, with a mark of what waits",
    async (columns, language) => {
      const { commands, text } = await room(routes, { columns, language });
      await runCommand(commands, "/sessions");
      const lines = text().split("\n");
      for (const line of lines.slice(0, 3)) expect(widthOf(line)).toBeLessThanOrEqual(columns);
      expect(lines[0]).toMatch(/^ {2}1 2024-02-01 {2}磁盘清理.*… {2,3}aaaa1x$/);
      expect(lines[1]).toMatch(/^▸ 2 .*Disks *aaaa2y$/);
      expect(lines[2]).toMatch(/^\? 3 .*Waits *aaaa3z$/);
      expect(text()).toContain(textsFor(language).commands.waitsMark);
    },
  );

  test("stand in the order in which they were used, whatever the order of the server", async () => {
    const used = SESSIONS.map((one, index) => ({
      ...one,
      updated_at: `2024-02-0${index + 1}T10:00:00.000Z`,
    }));
    const { commands, text } = await room({
      ...routes,
      "GET /sessions?*": gives({ sessions: used, next_cursor: null }),
    });
    await runCommand(commands, "/sessions");
    expect(
      text()
        .split("\n")
        .map((line) => line.slice(-6))
        .slice(0, 3),
    ).toEqual(["aaaa3z", "aaaa2y", "aaaa1x"]);
    expect(commands.conversation.listed).toEqual(used.map(({ id }) => id).toReversed());
  });

  test("that no title matches are said to be that, not that there are none", async () => {
    const { commands, text } = await room({ "GET /sessions?*": gives({ sessions: [], next_cursor: null }) });
    await runCommand(commands, "/sessions xyz");
    expect(text()).toContain('No session has "xyz" in its title.');
    expect(text()).not.toContain("no session yet");
    await runCommand(commands, "/sessions");
    expect(text()).toContain("There is no session yet.");
  });

  test("are opened by their number in the list that was shown, and by the end of their id", async () => {
    const { commands, text } = await room({
      ...routes,
      "GET /sessions/ses_01*": ({ path }, response) =>
        path.includes("/messages")
          ? json(response, 200, { messages: [], has_more: false })
          : json(response, 200, { session: SESSIONS.find(({ id }) => path.endsWith(id)) }),
    });
    await runCommand(commands, "/sessions");
    await runCommand(commands, "/open 2");
    expect(commands.conversation.sessionId).toBe(SESSIONS[1]?.id);
    await runCommand(commands, "/open AAAA3Z");
    expect(commands.conversation.sessionId).toBe(SESSIONS[2]?.id);
    expect(text()).toContain("A run waits in it for your answer: /follow shows it and asks.");
    await expect(runCommand(commands, "/open 9")).rejects.toThrow("The list has no number 9.");
    await expect(runCommand(commands, "/open bbbb")).rejects.toThrow('There is no session "bbbb"');
    const several = [...SESSIONS, ...SESSIONS];
    const twice = await room({ "GET /sessions?*": gives({ sessions: several, next_cursor: null }) });
    await expect(runCommand(twice.commands, "/open aa1x")).rejects.toThrow("Several sessions end with");
  });

  test("show what was said in them, without what could drive the terminal", async () => {
    const messages = [
      { role: "user", content: "How full\nis it?\x1b[2J" },
      {
        role: "assistant",
        content: "",
        tool_calls: [{ call_id: "call_1", name: "disk_usage", args: { path: "/" } }],
      },
      { role: "tool", content: '{"ok":true}' },
      { role: "assistant", content: "**Half** full." },
      { role: "user", content: `piped ${"x".repeat(9_000)}` },
    ];
    const { commands, remote, text } = await room({
      "GET /sessions/ses_1": session(null),
      "GET /sessions?*": gives({ sessions: [{ id: "ses_1" }], next_cursor: null }),
      "GET /sessions/ses_1/messages*": gives({ messages, has_more: true }),
    });
    await runCommand(commands, "/open 1");
    expect(text()).toContain(
      'Going on with "Disks".\n  … earlier messages; /history <count> shows more\n\n› How full\n  is it?\n',
    );
    expect(text()).toContain("  ⚙ disk_usage path=/\nHalf full.\n");
    expect(text()).toContain("… (7,006 more characters)");
    expect(text()).not.toMatch(/\x1b|"ok"/);
    await runCommand(commands, "/history 50");
    expect(remote.asked.at(-1)?.path).toBe("/sessions/ses_1/messages?limit=50");
    await runCommand(commands, "/history many");
    expect(text()).toContain("Give the number of messages: /history 20");
  });
});

describe("/approvals", () => {
  const waiting = (more: Record<string, Reply> = {}) => ({
    "GET /agent/approvals": gives({
      approvals: [APPROVAL, { ...APPROVAL, call_id: "call_2", session_id: "ses_1", run_id: "run_3" }],
    }),
    "POST /agent/runs/*": gives({ approval: {} }),
    ...more,
  });

  test("asks what waits, one after the other; the run of this session is shown, of others it is said where they are", async () => {
    const { commands, keys, remote, followed, text } = await room(waiting());
    const done = runCommand(commands, "/approvals");
    await waitFor("the first question", async () => text().includes("Question 1 of 2"));
    expect(text()).toContain("? 1 write_file path=/tmp/a content=x\n    Waits, asked ");
    expect(text()).toContain(
      "? write_file on the server (changes something)\n    content: x\n    path: /tmp/a\n",
    );
    keys.type("y");
    await waitFor("the second question", async () => text().includes("Question 2 of 2"));
    keys.type("n");
    await done;
    expect(
      remote.asked.filter(({ method }) => method === "POST").map(({ path, body }) => [path, body]),
    ).toEqual([
      ["/agent/runs/run_2/approvals/call_1", { decision: "approve" }],
      ["/agent/runs/run_3/approvals/call_2", { decision: "deny" }],
    ]);
    expect(followed).toEqual(["run_3"]);
    expect(text()).toContain('The run goes on in "Waits": /open aaaa3z, then /follow shows it.');
  });

  test("leaves one for later, and stops with Ctrl-C", async () => {
    const { commands, keys, remote, text } = await room(waiting());
    const done = runCommand(commands, "/approvals");
    await waitFor("the first question", async () => text().includes("Question 1 of 2"));
    keys.type("l");
    await waitFor("the second question", async () => text().includes("Question 2 of 2"));
    keys.type("\x03");
    await done;
    expect(remote.asked.some(({ method }) => method === "POST")).toBe(false);
    expect(keys.listenerCount("data")).toBe(0);
  });

  test("says that nothing waits, and that an older server cannot tell", async () => {
    const none = await room({});
    await runCommand(none.commands, "/approvals");
    expect(none.text()).toBe("No question waits for an answer.\n");
    const old = await room({
      "GET /agent/approvals": (_asked, response) => problem(response, 404, "not_found", "x"),
    });
    await runCommand(old.commands, "/approvals");
    expect(old.text()).toContain("it is older than this program");
  });
});

describe("/rules", () => {
  const RULES = [
    { tool: "write_file", node_id: "nod_1", decision: "allow" },
    { tool: "execute_shell_command", node_id: "nod_1", args_hash: "a".repeat(64), decision: "allow" },
    { category: "network", decision: "deny" },
    { risk: "write", session_id: "ses_01aaaaaaaaaaaaaaaaaaaaaa1x", decision: "ask" },
    {
      tool: "web\u200b_fetch",
      host: "example.com",
      decision: "allow",
      says: 'Allows "web_fetch" to send\u202e to example.com',
    },
  ];
  const routes = {
    "GET /users/me/policy": gives({ rules: RULES }),
    "PUT /users/me/policy": gives({ rules: [] }),
    "GET /nodes": gives({ nodes: [{ id: "nod_1", name: "studio" }] }),
  };

  test("lists in words what each allows or denies; the server's own words go first", async () => {
    const { commands, text } = await room(routes, { columns: 200 });
    await runCommand(commands, "/rules");
    expect(text().split("\n").slice(0, 5)).toEqual([
      "  1  always allowed: write_file with any arguments, on studio",
      "  2  always allowed: execute_shell_command, only with the exact arguments that were answered, on studio",
      "  3  always denied: every tool of the category network, on every machine",
      "  4  always asked: every tool that changes something, on every machine, in the session aaaa1x",
      '  5  Allows "web_fetch" to send\\u202e to example.com',
    ]);
  });

  test("removes one, and leaves the others as they were", async () => {
    const { commands, remote, text } = await room(routes, { language: "zh" });
    await runCommand(commands, "/rules remove 3");
    expect(remote.asked.at(-1)?.body).toEqual({ rules: RULES.filter((_, index) => index !== 2) });
    expect(text()).toBe("已删除：总是拒绝：network 类的所有工具，在所有机器上\n");
    await runCommand(commands, "/rules remove 9");
    await runCommand(commands, "/rules remove");
    await runCommand(commands, "/rules delete 1");
    expect(text()).toContain("没有第 9 条规则");
    expect(text()).toContain("哪一条？");
    expect(text()).toContain("/rules 列出规则，/rules remove <编号> 删除其中一条。");
    expect(remote.asked.filter(({ method }) => method === "PUT")).toHaveLength(1);
  });
});

describe("/help", () => {
  test.each([
    [80, "en"],
    [40, "en"],
    [80, "zh"],
    [40, "zh"],
  ] as const)("fits %d columns in %s and names every command", async (columns, language) => {
    const { commands, text } = await room({}, { columns, language });
    await runCommand(commands, "/help");
    for (const line of text().split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    for (const name of ["/new", "/sessions", "/open", "/history", "/approvals", "/rules", "/models", "/quit"])
      expect(text()).toContain(name);
  });

  test("an unknown command is said to be one", async () => {
    const { commands, text } = await room({});
    await runCommand(commands, "/constructor");
    expect(text()).toBe("There is no command /constructor. /help lists them.\n");
  });
});

describe("/nodes", () => {
  const NODE = {
    ...{
      id: "nod_1",
      name: "studio\u202e",
      platform: "darwin",
      version: "0.1.0",
      labels: {},
      tools: ["a", "b"],
    },
    ...{ status: "online", last_seen_at: "2024-02-01T10:00:00.000Z", queue_length: 0 },
  };
  const FINGERPRINT = "3f1a 09bc 77d2 e410 5a6b";
  const PAIRING = {
    ...{ id: "pair_1", expires_at: "2024-02-01T10:10:00.000Z", node_id: null },
    ...{ name: "studio", platform: "darwin", version: "0.1.0", fingerprint: FINGERPRINT },
  };
  const pairs = (statuses: string[]) => ({
    "POST /nodes/pairings": gives({
      ...{ id: "pair_1", code: "AB12C-D3FGH", expires_at: PAIRING.expires_at },
      command: "npm run node -- join http://127.0.0.1:3000 AB12C-D3FGH",
    }),
    "GET /nodes/pairings/pair_1": ((_asked, response) =>
      json(response, 200, { ...PAIRING, status: statuses.shift() ?? "redeemed" })) satisfies Reply,
    "POST /nodes/pairings/pair_1/confirm": gives({ node: NODE }),
  });

  test("lists machines with what they can do, whose they are and what is wrong, in visible letters", async () => {
    const shared = {
      ...NODE,
      id: "nod_2",
      name: "lab",
      status: "offline",
      shared_by: "ada",
      problem: "cut off",
    };
    const { commands, text } = await room({ "GET /nodes": gives({ nodes: [NODE, shared] }) });
    await runCommand(commands, "/nodes");
    expect(text()).toMatch(/1 {2}studio.* {2}connected, darwin 0\.1\.0, 2 tools/);
    expect(text()).toMatch(/2 {2}lab {2}away, .*shared by ada\n.*cut off/);
    expect(text()).not.toContain("\u202e");
  });

  test("says how busy a machine is and how full its battery, where that is known", async () => {
    const charging = { ...NODE, load: 0.3, battery: { percent: 80, charging: true } };
    const nodes = [charging, { ...NODE, load: 0, battery: { percent: 7, charging: false } }];
    const routes = { "GET /nodes": gives({ nodes }), "GET /nodes/nod_1/queue": gives({ calls: [] }) };
    const english = await room(routes, { columns: 200 });
    await runCommand(english.commands, "/nodes");
    expect(english.text()).toContain("connected, load 30 %, battery 80 % (charging), darwin 0.1.0");
    expect(english.text()).toContain("connected, load 0 %, battery 7 %, darwin 0.1.0");
    await runCommand(english.commands, "/nodes 2");
    expect(english.text()).toContain("connected, load 0 %, battery 7 %  darwin 0.1.0");
    const chinese = await room(routes, { columns: 200, language: "zh" });
    await runCommand(chinese.commands, "/nodes");
    expect(chinese.text()).toContain("已连接，负载 30%，电量 80%（充电中），darwin 0.1.0");
  });

  test("shows one in full: presence, what waits for it, its last calls, its tools", async () => {
    const sha = "0".repeat(64);
    const place = (seq: number) => ({ seq, previous: sha, hash: sha, signature: "", at: 1_706_781_600_000 });
    const begun = { kind: "begun", grant: sha, run_id: "run_1", args: sha, user_id: "usr_1", attempt: 1 };
    const entries = [
      { ...begun, ...place(7), call_id: "call_1", tool: "write_file" },
      { kind: "ended", ...place(8), call_id: "call_1", status: "outcome_unknown", result: sha, output: sha },
      { ...begun, ...place(9), call_id: "call_2", tool: "tail_log\u202e" },
    ];
    const waits = { call_id: "call_3", name: "edit_file", args: { path: "a.txt" }, priority: 7 };
    const own = { ...NODE, fingerprint: FINGERPRINT, queue_length: 1, frozen: true };
    const { commands, text, remote } = await room({
      "GET /nodes": gives({ nodes: [own] }),
      "GET /nodes/nod_1/queue": gives({
        calls: [{ ...waits, queued_at: NODE.last_seen_at, expires_at: NODE.last_seen_at }],
      }),
      "GET /nodes/nod_1/chain*": gives({ first: 1, last: 9, entries }),
    });
    await runCommand(commands, "/nodes");
    expect(text()).toContain("1 call waits for it");
    await runCommand(commands, "/nodes 1");
    for (const words of [FINGERPRINT, "Frozen since", "7  edit_file path=a.txt", "2 tools:", "a, b"])
      expect(text()).toContain(words);
    expect(text()).toMatch(/tail_log.* {2}has not ended\n.*write_file {2}outcome unknown/);
    expect(text()).not.toContain("\u202e");
    expect(remote.asked.at(-1)?.path).toContain("/chain");
    await runCommand(commands, "/nodes 2");
    expect(text()).toContain("There is no machine 2");
  });

  test("says which tools the plan leaves out, and how they are had", async () => {
    const left_out = Array.from({ length: 12 }, (_, index) => `notes_tool${index}`);
    const { commands, text } = await room({
      "GET /nodes": gives({ nodes: [NODE] }),
      "GET /tools": gives({ tools: [], nodes: [], left_out }),
    });
    await runCommand(commands, "/nodes");
    const words = text().replaceAll(/\s+/g, " ");
    expect(words).toContain("12 are left out: notes_tool0, ");
    expect(words).toContain("notes_tool9 …. A chat that names");
  });

  test("pair shows the command, waits for the Mac, and confirms exactly the fingerprint that it has shown", async () => {
    const { commands, text, keys, remote } = await room(pairs(["waiting", "redeemed"]));
    const done = runCommand(commands, "/nodes pair in the studio");
    await waitFor("the fingerprint", () => text().includes(FINGERPRINT));
    expect(text()).toContain("npm run node -- join http://127.0.0.1:3000 AB12C-D3FGH");
    await waitFor("the question", () => text().includes("n  no"));
    keys.type("y");
    await done;
    const asked = (name: string) =>
      remote.asked.find(({ method, path }) => `${method} ${path}` === name)?.body;
    expect(asked("POST /nodes/pairings")).toEqual({ name: "in the studio" });
    expect(asked("POST /nodes/pairings/pair_1/confirm")).toEqual({ fingerprint: FINGERPRINT });
    expect(text()).toContain("has joined");
  });

  test("pair confirms nothing when the person says no, leaves, or no Mac comes", async () => {
    const no = await room(pairs([]));
    const said = runCommand(no.commands, "/nodes pair");
    await waitFor("the question", () => no.text().includes("n  no"));
    no.keys.type("n");
    await said;
    const left = await room(pairs(Array.from({ length: 100 }, () => "waiting")));
    const waits = runCommand(left.commands, "/nodes pair");
    await waitFor("the command", () => left.text().includes("Waiting"));
    left.keys.type("\x03");
    await waits;
    const late = await room(pairs(["expired"]));
    await runCommand(late.commands, "/nodes pair");
    for (const { remote } of [no, left, late])
      expect(remote.asked.some(({ path }) => path.endsWith("/confirm"))).toBe(false);
    expect(late.text()).toContain("expired");
  });

  test("revoke asks first", async () => {
    const routes = { "GET /nodes": gives({ nodes: [NODE] }), "DELETE /nodes/nod_1": gives(null) };
    const { commands, text, keys, remote } = await room(routes);
    await runCommand(commands, "/nodes revoke 2");
    expect(text()).toContain("There is no machine 2");
    for (const key of ["n", "y"]) {
      const before = text().length;
      const done = runCommand(commands, "/nodes revoke 1");
      await waitFor("the question", () => text().slice(before).includes("n  no"));
      keys.type(key);
      await done;
    }
    expect(remote.asked.filter(({ method }) => method === "DELETE")).toHaveLength(1);
  });
});
