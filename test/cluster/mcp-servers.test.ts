// MCP servers in a cluster: what admins add every machine of the core hosts, and what is accepted of it is accepted for all of them; what stands
// in a machine's `mcp.json` is that machine's alone.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { McpServer, McpServers } from "../../contracts/answers/mcp.ts";
import { Client } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const SCRIPT = join(ROOT, "test/support/mcp/scripted-server.ts");
let cluster: Cluster;
let shared: string;
let machines: TestServer[];
let admin: Client;

const log = () => join(shared, "log");
const program = (at: string) => ({ command: process.execPath, args: [SCRIPT, "changes", at] });
const list = async () => (await admin.call<McpServers>("GET", "/admin/mcp-servers")).body.servers;
const states = async (name: string, tool: string) =>
  (await list())
    .filter((one) => one.name === name)
    .map((one) => one.tools.find((each) => each.name === tool)?.state);
const accept = (name: string, more: object) =>
  admin.call<{ servers: McpServer[] }>("POST", `/admin/mcp-servers/${name}/accept`, more);
const nodesWith = async (name: string) => {
  const { body } = await admin.call<{ tools: { name: string; nodes: string[] }[] }>("GET", "/tools");
  return body.tools.find((tool) => tool.name === name)?.nodes.length ?? 0;
};
const execute = (name: string, node_id: string | null) =>
  admin.call("POST", `/tools/${name}/execute`, { args: {}, node_id: String(node_id) });

beforeAll(async () => {
  cluster = await startCluster();
  shared = join(cluster.workspace, "shared");
  await mkdir(shared);
  const machine = () => cluster.add("node", { TOOL_ROOTS: `${shared},${ROOT}` });
  const [gateway, first, second, users] = await Promise.all([
    cluster.add("api"),
    machine(),
    machine(),
    cluster.add("users,quota,sessions,tools,nodes"),
    cluster.add("agent"),
  ]);
  machines = [first, second];
  await waitFor(
    "the gateway",
    async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
  );
  admin = new Client(gateway.url, await users.ownerKey());
  await admin.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
  await waitFor(
    "both machines",
    async () => (await admin.call<{ nodes: object[] }>("GET", "/nodes")).body.nodes.length === 2,
  );
});
afterAll(() => cluster.stop());

test("one that an admin adds is hosted by each machine, and accepted once for both", async () => {
  const added = await admin.call<{ servers: McpServer[] }>("POST", "/admin/mcp-servers", {
    name: "tools",
    ...program(log()),
  });
  expect([added.status, added.body.servers]).toMatchObject([201, [{ state: "ready" }, { state: "ready" }]]);
  expect(await states("tools", "weather")).toEqual(["accepted", "accepted"]);
  await waitFor("both have it", async () => (await nodesWith("tools__weather")) === 2);
  writeFileSync(`${log()}.weather`, "Something else.");
  for (const { node_id } of await list())
    expect((await execute("tools__announce", node_id)).status).toBe(200);
  await waitFor("neither has it", async () => (await nodesWith("tools__weather")) === 0);
  expect(await states("tools", "weather")).toEqual(["changed", "changed"]);
  const [one] = await list();
  const sha256 = String(one?.tools.find(({ name }) => name === "weather")?.sha256);
  expect((await accept("tools", { tools: [{ name: "weather", sha256 }] })).status).toBe(200);
  expect(await states("tools", "weather")).toEqual(["accepted", "accepted"]);
  await waitFor("both have it again", async () => (await nodesWith("tools__weather")) === 2);
});

test("one of a machine's mcp.json is that machine's, and so is what is accepted of it", async () => {
  const logs = machines.map(({ home }, index) => {
    const at = join(shared, `own-${index}`);
    writeFileSync(`${at}.weather`, `As on machine ${index}.`);
    writeFileSync(join(home, "mcp.json"), JSON.stringify({ mcpServers: { own: program(at) } }), {
      mode: 0o600,
    });
    return at;
  });
  await waitFor("both have it", async () => (await nodesWith("own__weather")) === 2);
  expect(await states("own", "weather")).toEqual(["accepted", "accepted"]);
  for (const at of logs) writeFileSync(`${at}.weather`, "Something else.");
  const own = (await list()).filter(({ name }) => name === "own");
  for (const { node_id } of own) await execute("own__announce", node_id);
  await waitFor("both are other", async () =>
    (await states("own", "weather")).every((state) => state === "changed"),
  );
  const [{ node_id = null, tools = [] } = {}] = (await list()).filter(({ name }) => name === "own");
  const wanted = {
    tools: [{ name: "weather", sha256: String(tools.find(({ name }) => name === "weather")?.sha256) }],
  };
  expect((await accept("own", wanted)).status).toBe(422);
  expect((await accept("own", { ...wanted, node_id })).status).toBe(200);
  expect((await states("own", "weather")).toSorted()).toEqual(["accepted", "changed"]);
});

test("a machine that starts again has what is accepted, and one that is removed is gone from all", async () => {
  const [first] = machines;
  if (!first) throw new Error("there is no machine");
  machines[0] = await first.restart();
  await waitFor("both have it", async () => (await nodesWith("tools__weather")) === 2);
  expect((await admin.call("DELETE", "/admin/mcp-servers/tools")).status).toBe(204);
  await waitFor("neither has it", async () => (await nodesWith("tools__weather")) === 0);
  expect(existsSync(log()) && readFileSync(log(), "utf8")).toContain("start");
});
