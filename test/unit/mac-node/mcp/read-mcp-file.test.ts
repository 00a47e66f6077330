import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readMcpFile } from "../../../../mac-node/mcp/on-server/read-mcp-file.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-mcp-file-"));
  path = join(folder, "mcp.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(said: unknown, mode = 0o600) {
  writeFileSync(path, typeof said === "string" ? said : JSON.stringify(said));
  chmodSync(path, mode);
  return readMcpFile(path);
}
const namesIn = ({ servers }: ReturnType<typeof readMcpFile>) => servers && [...servers.keys()];

describe("mcp.json", () => {
  test("that is not there names no server", () => {
    expect(readMcpFile(path)).toEqual({ servers: new Map(), faults: [] });
  });

  test("of other programs is taken as it is: what gives rights there gives none here, other things in it are no matter", () => {
    const file = read({
      globalShortcut: "",
      mcpServers: {
        files: {
          type: "stdio",
          command: "npx",
          args: ["-y", "x"],
          env: { A: "1" },
          autoApprove: ["all"],
          alwaysAllow: [],
          trust: true,
        },
        docs: { type: "http", url: "https://example.com/mcp", headers: { Authorization: "Bearer ${KEY}" } },
        old: { type: "sse", url: "${BASE:-https://example.com}/sse", seconds: 30 },
        off: { command: "x", disabled: true },
      },
    });
    expect(file.faults).toEqual([]);
    expect(namesIn(file)).toEqual(["files", "docs", "old", "off"]);
  });

  test("with a mark of byte order is read", () => {
    expect(namesIn(read('\ufeff{"mcpServers":{"a":{"command":"x"}}}'))).toEqual(["a"]);
  });

  test.each([
    ["no JSON", '{"mcpServers": {\n"a": hunter22}}', /^mcp\.json, it is not JSON: Unexpected token 'h'$/],
    ["cut off", '{"mcpServers": {"a": {"command": "hunter22', /^mcp\.json, line 1: it is not JSON/],
    ["empty", "", /^mcp\.json, line 1: it is not JSON/],
    ["a list", '["hunter22"]', /^mcp\.json, line 1: it /],
    ["without servers", '{"servers": {"a": "hunter22"}}', /mcpServers must be an object of servers/],
    ["with a list of servers", '{"mcpServers": ["hunter22"]}', /mcpServers must be an object of servers/],
  ])("that is %s says so, quotes nothing, and leaves what was before", (_what, text, words) => {
    const { servers, faults } = read(text);
    expect(servers).toBeUndefined();
    expect(faults[0]).toMatch(words);
    expect(faults.join()).not.toContain("hunter22");
  });

  test("that others may write, or that is no file, is not used", () => {
    expect(read({ mcpServers: {} }, 0o666)).toEqual({
      servers: undefined,
      faults: [expect.stringContaining("chmod 600")],
    });
    rmSync(path);
    execFileSync("mkfifo", [path]);
    expect(readMcpFile(path).faults).toEqual([expect.stringContaining("no regular file")]);
    rmSync(path);
    symlinkSync(join(folder, "nowhere"), path);
    expect(readMcpFile(path)).toMatchObject({
      servers: undefined,
      faults: [expect.stringContaining("link")],
    });
  });

  test("with faults in some servers has the others, and each fault with its line", () => {
    const { servers, faults } = read(`{"mcpServers": {
      "good": {"command": "x"},
      "both": {"command": "x", "url": "https://x"},
      "none": {},
      "mixed": {"url": "https://x", "args": ["hunter22"]},
      "wrong": {"command": "x", "type": "http"},
      "odd": {"command": "x", "env": {"A B": "hunter22"}},
      "header": {"url": "https://x", "headers": {"a\\nb": "x"}},
      "long": {"command": "x", "seconds": 36000},
      "../up": {"command": "x"},
      "__proto__": {"command": "x"},
      "good": {"command": "y"}
    }}`);
    expect([...(servers?.keys() ?? [])]).toEqual(["good"]);
    const told = faults.join("\n");
    for (const [line, words] of [
      [3, "mcpServers.both.command"],
      [4, "mcpServers.none.command"],
      [5, "mcpServers.mixed.args is for servers with a command"],
      [6, "mcpServers.wrong.type is stdio for a command"],
      [7, "mcpServers.odd.env"],
      [8, "mcpServers.header.headers"],
      [9, "mcpServers.long.seconds"],
      [10, "its name must be letters"],
      [12, "mcpServers.good is there twice"],
    ])
      expect(told).toMatch(new RegExp(`^mcp\\.json, line ${line}: .*${words}`, "m"));
    expect(told).not.toContain("hunter22");
  });

  test("starts no more than fifty", () => {
    const many = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`s${index}`, { command: "x" }]),
    );
    const { servers, faults } = read({ mcpServers: many });
    expect([servers?.size, faults.length]).toEqual([50, 10]);
  });
});
