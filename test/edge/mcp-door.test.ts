// `/mcp` of a user with several machines: which one is meant, and one that goes in the middle of a call.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Client as McpClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type ServedMac, type ServedMacs, startServedMacs } from "../support/edge/served-macs.ts";
import { waitFor } from "../support/wait-for.ts";

let macs: ServedMacs;
let studio: ServedMac;
let client: McpClient;

beforeAll(async () => {
  macs = await startServedMacs({ SANDBOX: "off" });
  studio = await macs.pair("studio");
  await macs.online(studio);
  client = new McpClient({ name: "test", version: "1" });
  const transport = new StreamableHTTPClientTransport(new URL(`${macs.stack.server.url}/mcp`), {
    requestInit: { headers: { Authorization: `Bearer ${macs.user.token}` } },
  });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
});
afterAll(async () => {
  await client.close();
  await macs.stop();
});

type Told = { ok: boolean; error?: { code: string; message: string } };
async function call(name: string, args: Record<string, unknown>): Promise<Told> {
  const { structuredContent } = await client.callTool({ name, arguments: args });
  return structuredContent as Told;
}
const contentOf = (name: string) => readFile(join(studio.root, name), "utf8").catch(() => "");

test("a tool that several machines have takes the name of one, and runs there", async () => {
  const { tools } = await client.listTools();
  const read = tools.find(({ name }) => name === "read_file");
  const node = read?.inputSchema.properties?.node as { enum: string[] } | undefined;
  expect(node?.enum).toHaveLength(2);
  expect(node?.enum).toContain("studio");
  const path = join(studio.root, "here.txt");
  expect((await call("write_file", { path, content: "on the Mac", node: "studio" })).ok).toBe(true);
  expect(await contentOf("here.txt")).toBe("on the Mac");
  const { error } = await call("read_file", { path, node: "nowhere" });
  expect(error).toMatchObject({ code: "invalid_request" });
  expect(error?.message).toContain('"studio"');
});

test("an approval is of the machine that was asked about", async () => {
  await macs.user.call("PUT", "/users/me/policy", { rules: [] });
  const args = { path: join(studio.root, "bound.txt"), content: "once", create_if_missing: true };
  const here = () => call("append_file", { ...args, node: "studio" });
  expect((await here()).error?.code).toBe("approval_required");
  type Asked = { approvals: { run_id: string; call_id: string; node_id: string }[] };
  const { body } = await macs.user.call<Asked>("GET", "/agent/approvals");
  const [{ run_id, call_id, node_id } = { run_id: "", call_id: "", node_id: "" }] = body.approvals;
  expect(node_id).toBe(studio.id);
  await macs.user.call("POST", `/agent/runs/${run_id}/approvals/${call_id}`, { decision: "approve" });
  // The same on any machine is another question.
  expect((await call("append_file", args)).error?.code).toBe("approval_required");
  expect(await contentOf("bound.txt")).toBe("");
  expect((await here()).ok).toBe(true);
  expect(await contentOf("bound.txt")).toBe("once");
});

test("G3 a machine that dies in the middle of a call says when it is back that nobody knows, and does not run it again", async () => {
  await macs.user.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
  const command = "echo begun >> begun.txt; sleep 60";
  const args = { command, working_directory: studio.root, node: "studio" };
  const called = call("execute_shell_command", args);
  await waitFor("it runs", async () => (await contentOf("begun.txt")) !== "");
  await studio.program.kill();
  studio.program.restart();
  const told = await called;
  expect(told.ok).toBe(false);
  expect(told.error?.code).toBe("outcome_unknown");
  expect(await contentOf("begun.txt")).toBe("begun\n");
});
