// The unmodified client of the MCP SDK against `/mcp`.
import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { Client as McpClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type CallToolResult, ElicitRequestSchema, type McpError } from "@modelcontextprotocol/sdk/types.js";
import { Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let owner: Client;
const open: McpClient[] = [];

beforeAll(async () => {
  stack = await startStack({ SANDBOX: "off" });
  owner = new Client(stack.server.url, await stack.server.ownerKey());
});
afterEach(async () => {
  stack.fake.script();
  for (const client of open.splice(0)) await client.close().catch(() => undefined);
});
afterAll(() => stack.stop());

type Person = (message: string) => Promise<"accept" | "decline" | "cancel">;

/** @param person who answers at the client, if it can ask */
async function connect(token = owner.token, person?: Person): Promise<McpClient> {
  const client = new McpClient(
    { name: "test", version: "1" },
    { capabilities: person ? { elicitation: {} } : {} },
  );
  if (person)
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => ({
      action: await person(params.message),
    }));
  const transport = new StreamableHTTPClientTransport(new URL(`${stack.server.url}/mcp`), {
    requestInit: { headers: { Authorization: `Bearer ${token}` } },
  });
  await client.connect(transport as Parameters<typeof client.connect>[0]);
  open.push(client);
  return client;
}

type Told = {
  ok?: boolean;
  error?: { code: string; message: string };
  run_id: string;
  [key: string]: unknown;
};
async function call(
  client: McpClient,
  name: string,
  args: Record<string, unknown>,
  options: Parameters<typeof client.callTool>[2] = {},
) {
  const result = (await client.callTool({ name, arguments: args }, undefined, options)) as CallToolResult;
  const text = result.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  return { ...result, text, told: (result.structuredContent ?? {}) as Told };
}

const file = (name: string) => join(stack.workspace, name);
const isThere = (name: string) =>
  access(file(name)).then(
    () => true,
    () => false,
  );
const write = (name: string, content = "by MCP") => ({ path: file(name), content });
const asked = async (of = owner) =>
  (
    await of.call<{
      approvals: { run_id: string; call_id: string; name: string; args: { path?: string } }[];
    }>("GET", "/agent/approvals")
  ).body.approvals;
/** The question about the file, answered as a person does elsewhere. */
async function answer(name: string, decision: "approve" | "deny", of = owner): Promise<number> {
  const question = (await asked(of)).find(({ args }) => args.path === file(name));
  const path = `/agent/runs/${question?.run_id}/approvals/${question?.call_id}`;
  return (await of.call("POST", path, { decision })).status;
}

describe("the SDK's client", () => {
  test("lists the tools with their schemas, hints, and the agent, and calls one", async () => {
    const client = await connect();
    expect(client.getServerVersion()).toMatchObject({ name: "macjarvis", title: "MacJarvis" });
    const { tools } = await client.listTools();
    const byName = new Map(tools.map((tool) => [tool.name, tool]));
    expect(byName.get("list_directory")).toMatchObject({
      title: "List directory",
      inputSchema: { type: "object", required: ["path"] },
      outputSchema: { type: "object", required: ["ok"] },
      annotations: { readOnlyHint: true, destructiveHint: false },
    });
    // There is one machine: nothing to choose.
    expect(byName.get("list_directory")?.inputSchema.properties).not.toHaveProperty("node");
    expect(byName.get("execute_shell_command")?.annotations).toMatchObject({
      readOnlyHint: false,
      destructiveHint: true,
      openWorldHint: true,
    });
    expect(byName.get("ask_agent")).toMatchObject({ annotations: { readOnlyHint: false } });
    // The client checks the structured content against the schema that it was given.
    const { told, text, isError } = await call(client, "list_directory", { path: stack.workspace });
    expect(isError).toBeUndefined();
    expect(told.ok).toBe(true);
    expect(JSON.parse(text)).toEqual(told);
  });

  test("reads what went wrong in a result, and what is no tool in an error", async () => {
    const client = await connect();
    const failed = await call(client, "read_file", { path: file("none.txt") });
    expect(failed).toMatchObject({ isError: true, told: { ok: false } });
    const unfit = await call(client, "read_file", { paths: 1 });
    expect(unfit).toMatchObject({ isError: true, told: { error: { code: "invalid_request" } } });
    await expect(call(client, "no_such_tool", {})).rejects.toMatchObject({
      code: -32602,
      data: { code: "tool_not_found" },
    });
  });

  test("asks the agent, hears how far it is, and gets its answer", async () => {
    const client = await connect();
    const heard: string[] = [];
    const message = `call:list_directory ${JSON.stringify({ path: stack.workspace })}`;
    const onprogress = ({ message: said = "" }: { message?: string | undefined }) => void heard.push(said);
    const { told, text, isError } = await call(client, "ask_agent", { message }, { onprogress });
    expect(isError).toBeUndefined();
    expect(told).toMatchObject({ status: "completed", answer: text });
    expect(text).not.toBe("");
    expect(heard.length).toBeGreaterThan(0);
    const { body } = await owner.call<{ run: { status: string } }>("GET", `/agent/runs/${told.run_id}`);
    expect(body.run.status).toBe("completed");
    // Whoever had left asks for the answer of the same run.
    expect((await call(client, "ask_agent", { run_id: told.run_id })).told).toEqual(told);
  });

  test("reads the user's sessions as Markdown", async () => {
    const client = await connect();
    const { told } = await call(client, "ask_agent", { message: "what a session says" });
    const { resources } = await client.listResources();
    const uri = `macjarvis://sessions/${told.session_id}`;
    expect(resources).toContainEqual(expect.objectContaining({ uri, mimeType: "text/markdown" }));
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toMatchObject([{ uriTemplate: "macjarvis://sessions/{id}" }]);
    const { contents } = await client.readResource({ uri });
    expect(contents).toMatchObject([{ uri, mimeType: "text/markdown" }]);
    expect(String((contents[0] as { text?: string }).text)).toContain("what a session says");
    await expect(client.readResource({ uri: "macjarvis://sessions/ses_none" })).rejects.toMatchObject({
      data: { code: "session_not_found" },
    });
  });

  test("lists sessions page by page", async () => {
    // A new user has one that says welcome.
    const user = await register(stack.server.url);
    for (let made = 0; made < 52; made += 1) await user.call("POST", "/sessions", { title: `s${made}` });
    const client = await connect(user.token);
    const first = await client.listResources();
    const second = await client.listResources({ cursor: first.nextCursor });
    const uris = [...first.resources, ...second.resources].map(({ uri }) => uri);
    expect([first.resources.length, new Set(uris).size, second.nextCursor]).toEqual([50, 53, undefined]);
  });
});

describe("a call that policy asks about", () => {
  test("is asked at the client, with what would run, and runs when it is accepted", async () => {
    const shown: string[] = [];
    const client = await connect(owner.token, async (message) => {
      shown.push(message);
      expect(await isThere("accepted.txt")).toBe(false);
      return "accept";
    });
    const { told } = await call(client, "write_file", write("accepted.txt"));
    expect(told).toMatchObject({ ok: true });
    expect(await readFile(file("accepted.txt"), "utf8")).toBe("by MCP");
    expect(shown).toHaveLength(1);
    for (const part of ["write_file", "Machine: ", "Risk: write", file("accepted.txt"), "by MCP"])
      expect(shown[0]).toContain(part);
  });

  test("does not run when it is declined, and is not asked about again", async () => {
    let times = 0;
    const client = await connect(owner.token, async () => {
      times += 1;
      return "decline";
    });
    for (let time = 0; time < 2; time += 1) {
      const { isError, told } = await call(client, "write_file", write("declined.txt"));
      expect([isError, told.error?.code]).toEqual([true, "tool_denied"]);
    }
    expect([times, await isThere("declined.txt")]).toEqual([1, false]);
  });

  test("stands in the list of questions when the client's person would not say", async () => {
    const client = await connect(owner.token, async () => "cancel");
    const { told } = await call(client, "write_file", write("later.txt"));
    expect(told.error?.code).toBe("approval_required");
    expect(await answer("later.txt", "approve")).toBe(200);
    expect((await call(client, "write_file", write("later.txt"))).told.ok).toBe(true);
  });

  test("goes on when it is answered elsewhere while the client asks", async () => {
    const never = Promise.withResolvers<"accept">();
    const client = await connect(owner.token, () => never.promise);
    const called = call(client, "write_file", write("elsewhere.txt"));
    await waitFor("it is asked", async () =>
      (await asked()).some(({ args }) => args.path === file("elsewhere.txt")),
    );
    await answer("elsewhere.txt", "approve");
    expect((await called).told.ok).toBe(true);
  });

  test("says to a client that cannot ask where to answer; after that the same call runs once", async () => {
    const client = await connect();
    const refused = await call(client, "write_file", write("repeat.txt"));
    expect(refused).toMatchObject({ isError: true, told: { error: { code: "approval_required" } } });
    const [question] = (await asked()).filter(({ args }) => args.path === file("repeat.txt"));
    expect(refused.text).toContain(`/agent/runs/${question?.run_id}/approvals/${question?.call_id}`);
    // Asked for again, it is the same question.
    await call(client, "write_file", write("repeat.txt"));
    expect((await asked()).filter(({ args }) => args.path === file("repeat.txt"))).toHaveLength(1);
    expect(await answer("repeat.txt", "approve")).toBe(200);
    // Other arguments are another call.
    const other = await call(client, "write_file", write("repeat.txt", "something else"));
    expect(other.told.error?.code).toBe("approval_required");
    expect((await call(client, "write_file", write("repeat.txt"))).told.ok).toBe(true);
    const again = await call(client, "write_file", write("repeat.txt"));
    expect(again.told.error?.code).toBe("approval_required");
  });

  test("of a run is asked at the client; another client is told where, and gets the answer after it", async () => {
    const message = `call:write_file ${JSON.stringify(write("by-agent.txt"))}`;
    const asking = await connect(owner.token, async () => "accept");
    expect((await call(asking, "ask_agent", { message })).told.status).toBe("completed");
    expect(await isThere("by-agent.txt")).toBe(true);
    const client = await connect();
    const later = `call:write_file ${JSON.stringify(write("by-agent-later.txt"))}`;
    const waiting = await call(client, "ask_agent", { message: later });
    expect(waiting.isError).toBeUndefined();
    expect(waiting.told).toMatchObject({ status: "waiting_approval", approvals: [{ name: "write_file" }] });
    expect(waiting.text).toContain("write_file");
    expect(await answer("by-agent-later.txt", "approve")).toBe(200);
    const done = await call(client, "ask_agent", { run_id: waiting.told.run_id });
    expect(done.told.status).toBe("completed");
    expect(await isThere("by-agent-later.txt")).toBe(true);
  });
});

describe("a call that lasts", () => {
  /** Runs until it is ended, and tells both. */
  const endless = (name: string) => ({
    command: `trap "touch ${name}-ended; exit" TERM; touch ${name}; while :; do sleep 0.05; done`,
    working_directory: stack.workspace,
  });
  const accept: Person = async () => "accept";

  test("is ended by a cancel", async () => {
    const client = await connect(owner.token, accept);
    const stop = new AbortController();
    const called = call(client, "execute_shell_command", endless("c1"), { signal: stop.signal });
    await waitFor("it runs", () => isThere("c1"));
    stop.abort();
    await expect(called).rejects.toThrow();
    await waitFor("its command is ended", () => isThere("c1-ended"));
  });

  test("is ended when its client leaves", async () => {
    const client = await connect(owner.token, accept);
    const called = call(client, "execute_shell_command", endless("c2"));
    called.catch(() => undefined);
    await waitFor("it runs", () => isThere("c2"));
    await client.close();
    await waitFor("its command is ended", () => isThere("c2-ended"));
  });

  test("of the agent is cancelled by a cancel, and goes on when its client leaves", async () => {
    const user = await register(stack.server.url);
    const runs = async () =>
      (await user.call<{ runs: { id: string; status: string }[] }>("GET", "/agent/runs")).body.runs;
    const client = await connect(user.token);
    const stop = new AbortController();
    stack.fake.hold();
    const cancelled = call(client, "ask_agent", { message: "to cancel" }, { signal: stop.signal });
    await waitFor("it runs", async () => (await runs()).some(({ status }) => status === "running"));
    stop.abort();
    await expect(cancelled).rejects.toThrow();
    await waitFor("it is cancelled", async () => (await runs())[0]?.status === "cancelled");
    call(client, "ask_agent", { message: "to leave" }).catch(() => undefined);
    await waitFor("it runs", async () => (await runs()).some(({ status }) => status === "running"));
    await client.close();
    stack.fake.release();
    await waitFor("it is completed", async () => (await runs())[0]?.status === "completed");
  });
});

describe("limits and faults", () => {
  test("a limit of the plan is an error with when to come again", async () => {
    const user = await register(stack.server.url);
    await owner.call("PATCH", `/admin/users/${user.id}`, { plan: "free" });
    const client = await connect(user.token);
    let error: McpError | undefined;
    for (let runs = 0; runs < 80 && !error; runs += 1)
      await call(client, "ask_agent", { message: "hi" }).catch((thrown: McpError) => {
        error = thrown;
      });
    const retry_after_ms = expect.any(Number);
    expect(error).toMatchObject({ code: -32000, data: { code: "rate_limited", retry_after_ms } });
  });

  test("a wrong key is 401, and no session of MCP comes of it", async () => {
    await expect(connect("mj_wrong")).rejects.toThrow(/401|Unauthorized/i);
  });

  test("a server that shuts down says so to who waits; the client goes on with the next one", async () => {
    const client = await connect();
    stack.fake.hold();
    const called = call(client, "ask_agent", { message: "over a restart" });
    called.catch(() => undefined);
    const said = stack.fake.waitForRequest(({ heard }) => JSON.stringify(heard).includes("over a restart"));
    await said;
    const before = stack.server.url;
    await stack.server.kill("SIGTERM");
    await expect(called).rejects.toMatchObject({ data: { code: "shutting_down" } });
    stack.fake.release();
    await stack.restart({ PORT: new URL(before).port });
    owner.url = stack.server.url;
    expect(stack.server.url).toBe(before);
    // The same client, with the session that it had: no gateway keeps it.
    const { told } = await call(client, "list_directory", { path: stack.workspace });
    expect(told.ok).toBe(true);
    const { body } = await owner.call<{ runs: { id: string }[] }>("GET", "/agent/runs");
    const { told: done } = await call(client, "ask_agent", { run_id: body.runs[0]?.id });
    expect(done.status).toBe("completed");
  });

  test("a question, and its answer, are there after a server was killed; the call runs once", async () => {
    const client = await connect();
    expect((await call(client, "write_file", write("survives.txt"))).told.error?.code).toBe(
      "approval_required",
    );
    const port = new URL(stack.server.url).port;
    await stack.restart({ PORT: port });
    expect(await answer("survives.txt", "approve")).toBe(200);
    await stack.restart({ PORT: port });
    expect((await call(client, "write_file", write("survives.txt"))).told.ok).toBe(true);
    expect((await call(client, "write_file", write("survives.txt"))).told.error?.code).toBe(
      "approval_required",
    );
  });
});
