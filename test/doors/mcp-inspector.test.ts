// The unmodified command line of the MCP inspector against `/mcp`.
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

const require = createRequire(import.meta.url);
const MODULES = join(import.meta.dirname, "../../node_modules");
const PUBLISHED = dirname(require.resolve("@modelcontextprotocol/inspector-cli/package.json"));

let stack: Stack;
let key: string;
let folder: string;
beforeAll(async () => {
  // Published by itself it does not start: it reads a file of the folder that it lies in within the whole inspector.
  folder = await mkdtemp(join(tmpdir(), "macjarvis-inspector-"));
  await cp(PUBLISHED, join(folder, "cli"), { recursive: true });
  await cp(join(PUBLISHED, "package.json"), join(folder, "package.json"));
  await symlink(MODULES, join(folder, "node_modules"));
  stack = await startStack();
  key = await stack.server.ownerKey();
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

type Ended = { code: number; stdout: string; stderr: string };
/** @param signal ends it in the middle */
function inspect(signal: AbortSignal | undefined, ...args: string[]): Promise<Ended> {
  const where = [
    `${stack.server.url}/mcp`,
    "--transport",
    "http",
    "--header",
    `Authorization: Bearer ${key}`,
  ];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(folder, "cli/build/index.js"), ...where, ...args],
      signal ? { signal } : {},
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

async function asJson(...args: string[]): Promise<unknown> {
  const { code, stdout, stderr } = await inspect(undefined, ...args);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

test("lists the tools", async () => {
  const { tools } = (await asJson("--method", "tools/list")) as { tools: { name: string }[] };
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(["ask_agent", "list_directory"]));
});

test("calls a tool, and reads what policy asks about", async () => {
  const call = ["--method", "tools/call", "--tool-name"];
  const listed = await asJson(...call, "list_directory", "--tool-arg", `path=${stack.workspace}`);
  expect(listed).toMatchObject({ structuredContent: { ok: true } });
  const path = `path=${join(stack.workspace, "x.txt")}`;
  const refused = await asJson(...call, "write_file", "--tool-arg", path, "content=x");
  expect(refused).toMatchObject({
    isError: true,
    structuredContent: { error: { code: "approval_required" } },
  });
});

test("asks the agent, and reads its session", async () => {
  const call = ["--method", "tools/call", "--tool-name", "ask_agent"];
  const asked = await asJson(...call, "--tool-arg", "message=from the inspector");
  expect(asked).toMatchObject({ structuredContent: { status: "completed" } });
  const { session_id } = (asked as { structuredContent: { session_id: string } }).structuredContent;
  const uri = `macjarvis://sessions/${session_id}`;
  expect(await asJson("--method", "resources/list")).toMatchObject({
    resources: expect.arrayContaining([expect.objectContaining({ uri })]),
  });
  const read = await asJson("--method", "resources/read", "--uri", uri);
  expect(JSON.stringify(read)).toContain("from the inspector");
});

test("leaves in the middle of a call, which ends; the agent's goes on", async () => {
  const call = ["--method", "tools/call", "--tool-name", "ask_agent", "--tool-arg"];
  stack.fake.hold();
  const leaving = new AbortController();
  const left = inspect(leaving.signal, ...call, "message=left behind");
  await stack.fake.waitForRequest(({ heard }) => heard.message === "left behind");
  leaving.abort();
  expect((await left).stdout).toBe("");
  stack.fake.release();
  const owner = new Client(stack.server.url, key);
  await waitFor("its end", async () => {
    const { body } = await owner.call<{ runs: { status: string }[] }>("GET", "/agent/runs");
    return body.runs[0]?.status === "completed";
  });
});

test("reads a limit as an error", async () => {
  const user = await register(stack.server.url);
  const owner = new Client(stack.server.url, key);
  await owner.call("PATCH", `/admin/users/${user.id}`, { limits: { runs_per_day: 0 } });
  const [ownKey, call] = [key, ["--method", "tools/call", "--tool-name", "ask_agent"]];
  key = user.token ?? "";
  const { code, stderr } = await inspect(undefined, ...call, "--tool-arg", "message=hi");
  key = ownKey;
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/runs of the day are used/);
});

test("fails where its server dies in the middle, and the next one answers", async () => {
  const call = ["--method", "tools/call", "--tool-name", "ask_agent", "--tool-arg"];
  stack.fake.hold();
  const cut = inspect(undefined, ...call, "message=cut off");
  await stack.fake.waitForRequest(({ heard }) => heard.message === "cut off");
  await stack.restart();
  expect((await cut).code).not.toBe(0);
  stack.fake.release();
  expect(await asJson(...call, "message=again")).toMatchObject({
    structuredContent: { status: "completed" },
  });
});

test("is told that a key is wrong", async () => {
  key = "mj_wrong";
  const { code, stderr } = await inspect(undefined, "--method", "tools/list");
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/401|unauthenticated|access token/i);
});
