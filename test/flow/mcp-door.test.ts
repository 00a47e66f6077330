// `/mcp` as a hostile or a broken program sees it: raw JSON-RPC over HTTP, other users' ids, calls and answers at the same time.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createParser } from "eventsource-parser";
import type { Scope } from "../../contracts/access.ts";
import { Client, register } from "../support/client.ts";
import { isOnCluster } from "../support/on-cluster.ts";
import { declareTooLarge } from "../support/raw-http.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
let owner: Client;
let user: Awaited<ReturnType<typeof register>>;

beforeAll(async () => {
  stack = await startStack();
  owner = new Client(stack.server.url, await stack.server.ownerKey());
  user = await register(stack.server.url);
});
afterAll(() => stack.stop());

type Rpc = {
  id?: unknown;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, never>;
  error?: { code: number; message: string; data?: Record<string, unknown> };
};
type Said = { status: number; headers: Headers; messages: Rpc[]; text: string };

const ACCEPT = {
  ...{ Accept: "application/json, text/event-stream", "Content-Type": "application/json" },
  // So that it comes through the next gateway: what a client answers or cancels reaches the one that waits.
  ...(isOnCluster ? { Connection: "close" } : {}),
};

function open(client: Client, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const auth = client.token === undefined ? {} : { Authorization: `Bearer ${client.token}` };
  return fetch(`${client.url}/mcp`, {
    method: "POST",
    headers: { ...ACCEPT, ...auth, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** @param onMessage hears what comes while it comes */
async function read(response: Response, onMessage: (message: Rpc) => void = () => undefined): Promise<Said> {
  const messages: Rpc[] = [];
  const add = (data: string) => {
    const message = JSON.parse(data) as Rpc;
    messages.push(message);
    onMessage(message);
  };
  let text = "";
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  const parser = createParser({ onEvent: ({ data }) => add(data) });
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    const piece = decoder.decode(bytes, { stream: true });
    text += piece;
    if (isStream) parser.feed(piece);
  }
  if (!isStream && text !== "") add(text);
  return { status: response.status, headers: response.headers, messages, text };
}

const send = async (client: Client, body: unknown, headers?: Record<string, string>) =>
  read(await open(client, body, headers));
let ids = 0;
const request = (method: string, params: unknown = {}) => {
  ids += 1;
  return { jsonrpc: "2.0", id: ids, method, params };
};
const tool = (name: string, args: unknown, meta = {}) =>
  request("tools/call", { name, arguments: args, ...meta });
/** What the request was answered. */
const answerOf = ({ messages }: Said) => messages.find(({ result, error }) => result || error) ?? {};
const codeOf = (said: Said): string => {
  const { result, error } = answerOf(said) as {
    result?: { structuredContent?: { ok?: boolean; error?: { code: string } } };
    error?: Rpc["error"];
  };
  return error ? `${error.code} ${error.data?.code ?? ""}` : (result?.structuredContent?.error?.code ?? "ok");
};
async function initialize(client: Client, capabilities: unknown = {}): Promise<Record<string, string>> {
  const params = { protocolVersion: "2025-11-25", capabilities, clientInfo: { name: "t", version: "1" } };
  const { headers } = await send(client, request("initialize", params));
  return { "Mcp-Session-Id": String(headers.get("mcp-session-id")) };
}
const file = (name: string) => join(stack.workspace, name);
const append = (name: string) => ({ path: file(name), content: "once\n", create_if_missing: true });
const contentOf = (name: string) => readFile(file(name), "utf8").catch(() => "");

type Question = { run_id: string; call_id: string; args: { path?: string } };
async function questionAbout(client: Client, name: string): Promise<Question> {
  const { body } = await client.call<{ approvals: Question[] }>("GET", "/agent/approvals");
  const found = body.approvals.find(({ args }) => args.path === file(name));
  if (!found) throw new Error(`nothing is asked about ${name}`);
  return found;
}
const answer = (client: Client, { run_id, call_id }: Question, body: unknown) =>
  client.call<{ code?: string }>("POST", `/agent/runs/${run_id}/approvals/${call_id}`, body);
async function approved(client: Client, name: string): Promise<Question> {
  expect(codeOf(await send(client, tool("append_file", append(name))))).toBe("approval_required");
  const question = await questionAbout(client, name);
  expect((await answer(client, question, { decision: "approve" })).status).toBe(200);
  return question;
}
async function withKey(scopes: Scope[], of: Client = owner): Promise<Client> {
  const { body } = await of.call<{ secret: string }>("POST", "/users/me/keys", { name: "k", scopes });
  return new Client(of.url, body.secret);
}

describe("what is no request of the protocol", () => {
  test.each(["GET", "DELETE", "PUT", "PATCH", "HEAD"])("%s is not there", async (method) => {
    const headers = { Authorization: `Bearer ${owner.token}`, Accept: "text/event-stream" };
    const response = await fetch(`${owner.url}/mcp`, { method, headers });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
    if (method !== "HEAD")
      expect(await response.json()).toMatchObject({ jsonrpc: "2.0", id: null, error: { code: -32000 } });
  });

  test("nobody in particular is told how to say who it is", async () => {
    const said = await send(new Client(owner.url), request("ping"));
    expect([said.status, said.headers.get("www-authenticate"), codeOf(said)]).toEqual([
      ...[401, "Bearer"],
      "-32000 unauthenticated",
    ]);
  });

  test.each([
    ["no JSON", "{", 400, "-32700 invalid_json"],
    ["not UTF-8", "\xff", 400, "-32700 invalid_json"],
    ["nothing", "", 422, "-32600 invalid_request"],
    ["a batch", [{ jsonrpc: "2.0", id: 1, method: "ping" }], 422, "-32600 invalid_request"],
    ["another version of JSON-RPC", { jsonrpc: "1.0", id: 1, method: "ping" }, 422, "-32600 invalid_request"],
    ["no method", { jsonrpc: "2.0", id: 1 }, 422, "-32600 invalid_request"],
    ["an id that is null", { jsonrpc: "2.0", id: null, method: "ping" }, 422, "-32600 invalid_request"],
    ["an id that is a list", { jsonrpc: "2.0", id: [1], method: "ping" }, 422, "-32600 invalid_request"],
    ["a long id", { jsonrpc: "2.0", id: "x".repeat(300), method: "ping" }, 422, "-32600 invalid_request"],
    [
      "a long token",
      { jsonrpc: "2.0", id: 1, method: "ping", params: { _meta: { progressToken: "x".repeat(300) } } },
      ...[422, "-32600 invalid_request"],
    ],
    [
      "a key that could become a prototype",
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{"__proto__":{"a":1}}}}',
      ...[422, "-32600 invalid_request"],
    ],
    [
      "too deep",
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":${'{"a":'.repeat(200)}1${"}".repeat(201)}`,
      422,
      "-32600 invalid_request",
    ],
  ] as [string, unknown, number, string][])("%s", async (_what, body, status, code) => {
    const bytes = body === "\xff" ? Buffer.from([0xff]) : body;
    const response = await fetch(`${owner.url}/mcp`, {
      method: "POST",
      headers: { ...ACCEPT, Authorization: `Bearer ${owner.token}` },
      body: bytes instanceof Buffer || typeof bytes === "string" ? bytes : JSON.stringify(bytes),
    });
    const said = await read(response);
    expect([said.status, codeOf(said)]).toEqual([status, code]);
  });

  test("too large", async () => {
    const headers = { ...ACCEPT, Authorization: `Bearer ${owner.token}` };
    const { status, body } = await declareTooLarge(owner.url, "/mcp", headers);
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ error: { code: -32000, data: { code: "body_too_large" } } });
  });

  test.each([
    ["an answer it could not read", { Accept: "application/json" }, 406],
    ["another kind of body", { "Content-Type": "text/plain" }, 415],
    ["an unknown version", { "Mcp-Protocol-Version": "1999-01-01" }, 400],
    ["no session of ours", { "Mcp-Session-Id": "anything" }, 404],
    ["another origin", { Origin: "https://evil.example" }, 403],
  ] as [string, Record<string, string>, number][])("%s", async (_what, headers, status) => {
    const said = await send(owner, request("tools/list"), headers);
    expect(said.status).toBe(status);
    expect(answerOf(said).error?.code).toBeLessThan(0);
  });

  test("a version that nobody knows is answered with one that is known; a method that is not there by name", async () => {
    const params = {
      protocolVersion: "2099-01-01",
      capabilities: {},
      clientInfo: { name: "t", version: "1" },
    };
    const said = await send(owner, request("initialize", params));
    expect(answerOf(said).result).toMatchObject({ protocolVersion: "2025-11-25" });
    for (const method of [
      "prompts/list",
      "tasks/list",
      "logging/setLevel",
      "completion/complete",
      "__proto__",
    ])
      expect(answerOf(await send(owner, request(method))).error?.code).toBe(-32601);
  });

  test("a call that wants what is not offered is answered, not left open", async () => {
    for (const params of [
      { name: "list_directory", arguments: { path: stack.workspace }, task: { ttl: 1000 } },
      { arguments: {} },
      { name: "list_directory", arguments: [] },
      { name: "list_directory", arguments: "x" },
      { name: 7 },
    ])
      expect(answerOf(await send(owner, request("tools/call", params))).error?.code).toBeLessThan(0);
  });

  test("no message of an error tells of our insides", async () => {
    const said = await send(owner, request("resources/list", { cursor: "\u0000'; DROP TABLE" }));
    expect(codeOf(said)).toBe("-32602 invalid_request");
    expect(said.text).not.toMatch(/\bat [^ ]+:\d|node_modules|services\//);
  });
});

describe("what a credential opens", () => {
  const methods = async (client: Client) => {
    const codes: string[] = [];
    for (const asked of [
      request("tools/list"),
      tool("list_directory", { path: stack.workspace }),
      tool("ask_agent", { message: "hi" }),
      request("resources/list"),
    ])
      codes.push(codeOf(await send(client, asked)));
    return codes;
  };
  const listed = async (client: Client) => {
    const { result } = answerOf(await send(client, request("tools/list"))) as {
      result?: { tools: { name: string }[] };
    };
    return result?.tools.map(({ name }) => name);
  };

  test("is there, and nothing else is", async () => {
    const [noTool, noMethod] = ["-32602 tool_not_found", "-32601 "];
    expect(await methods(await withKey(["chat"]))).toEqual(["ok", noTool, "ok", noMethod]);
    expect(await methods(await withKey(["tools:execute"]))).toEqual(["ok", "ok", noTool, noMethod]);
    expect(await methods(await withKey(["sessions:read"]))).toEqual([noMethod, noMethod, noMethod, "ok"]);
    expect(await methods(await withKey(["account"]))).toEqual(Array(4).fill("-32000 scope_missing"));
    expect(await listed(await withKey(["chat"]))).toEqual(["ask_agent"]);
    const executes = await listed(await withKey(["tools:execute"]));
    expect(executes).toContain("write_file");
    expect(executes).not.toContain("ask_agent");
  });

  test("another user's sessions and runs are not there", async () => {
    const asked = await send(owner, tool("ask_agent", { message: "mine" }));
    const { session_id, run_id } = (
      answerOf(asked).result as unknown as { structuredContent: Record<string, string> }
    ).structuredContent;
    const uri = `macjarvis://sessions/${session_id}`;
    expect(codeOf(await send(user, request("resources/read", { uri })))).toBe("-32000 session_not_found");
    const said = await send(user, tool("ask_agent", { run_id }, { _meta: { progressToken: 1 } }));
    expect([codeOf(said), said.messages.length]).toEqual(["run_not_found", 1]);
    expect(codeOf(await send(user, tool("ask_agent", { message: "x", session_id })))).toBe(
      "session_not_found",
    );
    for (const wrong of ["file:///etc/passwd", "macjarvis://sessions/", "macjarvis://sessions/../x", "x"])
      expect(codeOf(await send(user, request("resources/read", { uri: wrong })))).toBe(
        "-32000 session_not_found",
      );
  });
});

describe("an approval", () => {
  test("G3, G6 is spent once by calls at the same time, and the trail links it with the call", async () => {
    const { call_id } = await approved(owner, "raced.txt");
    const codes = await Promise.all(
      Array.from({ length: 12 }, async () =>
        codeOf(await send(owner, tool("append_file", append("raced.txt")))),
      ),
    );
    expect(codes.filter((code) => code === "ok")).toHaveLength(1);
    for (const code of codes) expect(["ok", "conflict", "approval_required"]).toContain(code);
    expect(await contentOf("raced.txt")).toBe("once\n");
    const { audit } = await stack.records();
    const entries = audit.filter(({ subject }) => subject === call_id).map(({ entry }) => entry);
    expect(entries).toEqual(["approval.asked", "approval.answered", "call.sent", "call.ended"]);
  });

  test("counts with its first answer", async () => {
    await send(owner, tool("append_file", append("answered.txt")));
    const question = await questionAbout(owner, "answered.txt");
    const answers = await Promise.all(
      ["approve", "deny", "approve", "deny"].map((decision) => answer(owner, question, { decision })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
  });

  test("is of one user, and of one credential", async () => {
    const key = await withKey(["tools:execute", "sessions:read"]);
    await approved(owner, "whose.txt");
    for (const other of [user, key])
      expect(codeOf(await send(other, tool("append_file", append("whose.txt"))))).toBe("approval_required");
    const question = await questionAbout(key, "whose.txt");
    expect((await answer(user, question, { decision: "approve" })).body.code).toBe("run_not_found");
    // A key that may not answer.
    expect((await answer(key, question, { decision: "approve" })).status).toBe(403);
    expect(await contentOf("whose.txt")).toBe("");
    expect(codeOf(await send(owner, tool("append_file", append("whose.txt"))))).toBe("ok");
  });

  test("takes no other arguments and no session; remembered, the call is not asked about again", async () => {
    await send(user, tool("append_file", append("rule.txt")));
    const question = await questionAbout(user, "rule.txt");
    for (const more of [{ args: append("other.txt") }, { remember: "session" }])
      expect((await answer(user, question, { decision: "approve", ...more })).status).toBe(422);
    expect((await answer(user, question, { decision: "approve", remember: "always" })).status).toBe(200);
    for (let time = 0; time < 2; time += 1)
      expect(codeOf(await send(user, tool("append_file", append("rule.txt"))))).toBe("ok");
    await user.call("PUT", "/users/me/policy", { rules: [] });
  });

  test("is asked for over our own door too, where the program wants that", async () => {
    const asks = (more: object) =>
      owner.call<{ code: string; approval?: Question }>("POST", "/tools/append_file/execute", {
        args: append("rest.txt"),
        ...more,
      });
    const refused = await asks({});
    expect([refused.status, refused.body.approval]).toEqual([403, undefined]);
    const kept = await asks({ ask: true });
    expect([kept.status, kept.body.code]).toEqual([403, "approval_required"]);
    await answer(owner, kept.body.approval as Question, { decision: "approve" });
    // Without it an approval is not spent.
    expect((await asks({})).status).toBe(403);
    expect((await asks({ ask: true })).status).toBe(200);
    expect(await contentOf("rest.txt")).toBe("once\n");
  });

  test("is not asked for what nobody would read, nor for more than somebody can answer", async () => {
    const long = { ...append("long.txt"), content: "x".repeat(300_000) };
    const said = await send(user, tool("append_file", long));
    expect(codeOf(said)).toBe("approval_required");
    expect(said.text).toContain("too long to be asked about");
    const codes: string[] = [];
    for (let asked = 0; asked < 60 && codes.at(-1) !== "-32000 concurrency_exceeded"; asked += 1)
      codes.push(codeOf(await send(user, tool("append_file", append(`many-${asked}.txt`)))));
    expect(codes.at(-1)).toBe("-32000 concurrency_exceeded");
    expect(codes.length).toBeGreaterThan(40);
  });
});

describe("a person at the client", () => {
  /** Begins a call with a client that can ask. @returns the question as it comes, and the whole answer */
  async function begin(client: Client, name: string, capabilities: unknown = { elicitation: {} }) {
    const session = await initialize(client, capabilities);
    const question = Promise.withResolvers<Rpc>();
    const asked = tool("append_file", append(name));
    const said = read(await open(client, asked, session), (message) => {
      if (message.method === "elicitation/create") question.resolve(message);
    });
    return { session, said, question: question.promise, id: asked.id };
  }
  const reply = (client: Client, id: unknown, session: Record<string, string>, action = "accept") =>
    send(client, { jsonrpc: "2.0", id, result: { action } }, session);

  test("is heard by whoever waits, and another user is not", async () => {
    const { session, said, question } = await begin(owner, "heard.txt");
    const { id } = await question;
    expect((await reply(user, id, session)).status).toBe(202);
    for (const wrong of [0, "0", "x.0", `${id}0`, String(id).replace(/\.\d+$/, ".7")])
      await reply(owner, wrong, session);
    // Answered by the right one it runs, so the others have changed nothing.
    await questionAbout(owner, "heard.txt");
    expect((await reply(owner, id, session)).status).toBe(202);
    expect(codeOf(await said)).toBe("ok");
    expect(await contentOf("heard.txt")).toBe("once\n");
  });

  test.each([
    ["says nothing that fits", { jsonrpc: "2.0", result: { action: "maybe" } }],
    ["says nothing", { jsonrpc: "2.0", result: {} }],
    ["cannot be asked after all", { jsonrpc: "2.0", error: { code: -32601, message: "no" } }],
  ])("who %s leaves the question open", async (what, reply) => {
    const name = `${what.replaceAll(" ", "-")}.txt`;
    const { session, said, question } = await begin(owner, name);
    await send(owner, { ...reply, id: (await question).id }, session);
    expect(codeOf(await said)).toBe("approval_required");
    await questionAbout(owner, name);
  });

  test("is not asked where the key may not answer, nor where the client asks by addresses only", async () => {
    const key = await withKey(["tools:execute"]);
    expect(codeOf(await (await begin(key, "no-right.txt")).said)).toBe("approval_required");
    const urls = await begin(owner, "by-url.txt", { elicitation: { url: {} } });
    expect(codeOf(await urls.said)).toBe("approval_required");
  });

  test("a cancel of another user, or of another client, cancels nothing; one's own does", async () => {
    const { session, said, question, id } = await begin(owner, "cancelled.txt");
    await question;
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } };
    expect((await send(user, cancel, session)).status).toBe(202);
    expect((await send(owner, cancel, await initialize(owner))).status).toBe(202);
    expect((await send(owner, cancel)).status).toBe(202);
    expect((await send(owner, { ...cancel, params: { requestId: String(id) } }, session)).status).toBe(202);
    await questionAbout(owner, "cancelled.txt");
    expect((await send(owner, cancel, session)).status).toBe(202);
    // A request that was cancelled is not answered.
    expect((await said).messages.filter(({ result, error }) => result || error)).toEqual([]);
    expect(await contentOf("cancelled.txt")).toBe("");
  });

  test("sees what would run, whatever is put into it to be unseen", async () => {
    const session = await initialize(owner, { elicitation: {} });
    const path = `${file("x")}\u202e\u200btxt.exe`;
    const question = Promise.withResolvers<Rpc>();
    const response = await open(owner, tool("append_file", { path, content: "x" }), session);
    const said = read(response, (message) => {
      if (message.method === "elicitation/create") question.resolve(message);
      else question.resolve({});
    });
    const { id, params } = await question.promise;
    if (id !== undefined) {
      expect(String(params?.message)).not.toMatch(/[\u202e\u200b]/);
      expect(String(params?.message)).toContain("\\u202e");
      await reply(owner, id, session, "decline");
    }
    await said;
  });
});

describe("progress", () => {
  test("of a run that says very much is told now and then", async () => {
    stack.fake.script([{ text: Array<string>(4_000).fill("word ") }]);
    const said = await send(
      owner,
      tool("ask_agent", { message: "say much" }, { _meta: { progressToken: "p" } }),
    );
    stack.fake.script();
    expect(codeOf(said)).toBe("ok");
    const told = said.messages.filter(({ method }) => method === "notifications/progress");
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(200);
    const numbers = told.map(({ params }) => Number(params?.progress));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    for (const { params } of told) expect(params?.progressToken).toBe("p");
  });

  test("is told to nobody who did not ask", async () => {
    const said = await send(owner, tool("ask_agent", { message: "hi" }));
    expect(said.messages).toHaveLength(1);
  });
});

test("a client that reads nothing of its answer keeps nobody else from theirs", async () => {
  const unread = await Promise.all(
    Array.from({ length: 15 }, () => open(owner, tool("list_directory", { path: stack.workspace }))),
  );
  expect(codeOf(await send(owner, tool("list_directory", { path: stack.workspace })))).toBe("ok");
  await Promise.all(unread.map((response) => response.body?.cancel()));
  await waitFor("it is quiet", async () => codeOf(await send(owner, request("ping"))) === "ok");
});
