// MCP servers that a Mac's owner has named: their tools are the user's like any other of the Mac, and asked about.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import { aUser } from "../support/test-broker.ts";
import { waitFor } from "../support/wait-for.ts";

const SCRIPT = join(import.meta.dirname, "../support/mcp/scripted-server.ts");
const server = (kind: string) => ({ command: process.execPath, args: [SCRIPT, kind] });

let edge: EdgeStack;
let mac: PairedMac;
const owner = aUser();

beforeAll(async () => {
  edge = await startEdgeStack();
  mac = await edge.pair(owner.user_id, "studio", {
    mcp: {
      notes: server("good"),
      many: server("thousand"),
      strange: server("schemas"),
      dead: server("dies"),
      greedy: server("greedy"),
      greedier: server("greedy"),
    },
  });
  await mac.serve();
});
afterAll(() => edge.stop());

const tools = async () => (await edge.stack.as(owner, "nodes.get", { id: mac.id })).node.tools;
const has = (name: string) => waitFor(`${name} is there`, async () => (await tools()).includes(name));
const execute = (name: string, args: object = {}) =>
  edge.stack.as(owner, "tools.execute", { name, node_id: mac.id, args: args as Record<string, unknown> });

test("their tools are listed with the Mac's own, whatever other servers are like", async () => {
  for (const name of ["notes_echo", "many_tool0", "strange_hangs", "greedy_greedy0", "greedier_greedy0"])
    await has(name);
  expect(await tools()).toContain("read_file");
  const { tools: listed } = await edge.stack.as(owner, "tools.list", { node_id: mac.id });
  expect(listed.find(({ name }) => name === "notes_echo")).toMatchObject({
    category: "mcp",
    risk: "execute",
  });
});

test("what of them the plan has no room for is told, and is theirs, not the Mac's own", async () => {
  await has("many_tool99");
  const { tools: listed, left_out } = await edge.stack.as(owner, "tools.list", {});
  expect(listed.length).toBeGreaterThan(64);
  expect(left_out).toEqual(listed.slice(64).map(({ name }) => name));
  expect(listed.slice(64).every(({ category }) => category === "mcp")).toBe(true);
  const plus = await edge.stack.as({ ...owner, role: "admin", plan: "enterprise" }, "tools.list", {});
  expect(plus.left_out).toEqual([]);
});

test("they are asked about, unless the user's rules say otherwise", async () => {
  await expect(execute("notes_echo", { words: "hello" })).rejects.toMatchObject({
    type: "approval_required",
  });
  await edge.stack.as(owner, "tools.setPolicy", { rules: [{ category: "mcp", decision: "allow" }] });
  expect(await execute("notes_echo", { words: "hello" })).toMatchObject({ data: { text: "heard: hello" } });
  await expect(execute("notes_echo", { word: "hello" })).rejects.toMatchObject({ type: "invalid_request" });
});

test("pictures come as pictures", async () => {
  expect(await execute("notes_picture")).toMatchObject({ images: [{ media_type: "image/png" }] });
});

test("a server that has other tools now is asked for them by the hub", async () => {
  await execute("notes_grow");
  await has("notes_new_one");
  expect(await execute("notes_new_one")).toMatchObject({ data: { text: "ran newOne" } });
});

test("one that the policy file names no more is gone, and what else the Mac has stays", async () => {
  const file = join(mac.home, "node", "policy.json");
  const policy = JSON.parse(await readFile(file, "utf8")) as { mcp: Record<string, unknown> };
  delete policy.mcp.notes;
  const { writeSecretFile } = await import("../../lib/secret-file.ts");
  writeSecretFile(file, JSON.stringify(policy));
  await waitFor("they are gone", async () => !(await tools()).some((name) => name.startsWith("notes_")));
  expect(await tools()).toContain("many_tool0");
  await expect(execute("notes_echo", { words: "x" })).rejects.toMatchObject({ type: "tool_not_found" });
});
