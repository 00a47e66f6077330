import { expect, test } from "@jest/globals";
import { serverPrefix, serverToolName } from "../../../../mac-node/mcp/tool-names.ts";

/** OpenAI's and Anthropic's rule, and Google's, which wants a letter first. */
const VENDORS = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const SERVERS = ["notes", "My.Server", "7-up", "a", `${"x".repeat(59)}y`, "GitHub_Copilot", "A__B"];
const TOOLS = [
  "echo",
  "createIssue",
  "get-it",
  "a.b/c",
  "工具",
  "",
  "x".repeat(200),
  "__x__",
  "Über",
  "tool_0a1b2c3d",
  "a b",
];

test("all vendors take them", () => {
  for (const server of SERVERS)
    for (const tool of TOOLS) expect(serverToolName(server, tool)).toMatch(VENDORS);
});

test("a name is kept where it can be", () => {
  expect(serverToolName("notes", "createIssue")).toBe("notes__createIssue");
  expect(serverToolName("brave-search", "web_search")).toBe("brave_search__web_search");
});

test("no two tools have one name, and what else is there changes none", () => {
  const names = TOOLS.map((tool) => serverToolName("notes", tool));
  expect(new Set(names).size).toBe(TOOLS.length);
  // One that is called as another one's mark looks has a mark of its own.
  const marked = serverToolName("notes", "a.b");
  expect(serverToolName("notes", marked.slice("notes__".length))).not.toBe(marked);
});

test("the first two underscores end the server's part, so that no tool of one is called like one of another", () => {
  for (const server of SERVERS)
    expect(serverPrefix(server)).toMatch(/^[a-z](?!.*__)[a-z0-9_]*[a-z0-9]$|^[a-z]$/);
});
