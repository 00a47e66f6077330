// The door for programs made for Anthropic, byte by byte: what goes in, what comes out, what is refused and how. The vendor's own client is in
// test/doors/anthropic.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { type AnyEvent, Client, readEvents, register } from "../support/client.ts";
import { declareTooLarge, rawRequest } from "../support/raw-http.ts";
import { type Stack, startStack } from "../support/stack.ts";

const CLAUDE = "anthropic/claude-haiku-4-5";
const GPT = "openai/fake";

let stack: Stack;
let key: string;
beforeAll(async () => {
  stack = await startStack({ MODELS: `${CLAUDE},${GPT},gemini/gemini-2.5-pro`, ANTHROPIC_API_KEY: "k" });
  await stack.restart({ ANTHROPIC_BASE_URL: stack.fake.url });
  key = await stack.server.ownerKey();
});
afterEach(() => {
  stack.fake.release();
  stack.fake.script();
  stack.fake.requests.length = 0;
});
afterAll(() => stack.stop());

type Block = { type: string; id: string };
type Body = { content: Block[]; request_id: string; [field: string]: unknown };
type Answer = { status: number; headers: Headers; body: Body };

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${stack.server.url}/anthropic/v1${path}`, {
    method: "POST",
    headers: {
      "x-api-key": key,
      "content-type": "application/json",
      "anthropic-version": "2023-06-01",
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

async function ask(body: object, headers?: Record<string, string>): Promise<Answer> {
  const response = await post("/messages", { model: CLAUDE, max_tokens: 500, ...body }, headers);
  return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
}

async function stream(body: object, headers?: Record<string, string>): Promise<AnyEvent[]> {
  const response = await post(
    "/messages",
    { model: CLAUDE, max_tokens: 500, stream: true, ...body },
    headers,
  );
  expect(response.status).toBe(200);
  return readEvents(response);
}

const hello = { messages: [{ role: "user", content: "hello" }] };
const owner = () => new Client(stack.server.url, key);
/** What the vendor was asked last. */
const sent = () => stack.fake.requests.at(-1)?.body ?? {};

describe("a message", () => {
  test("is answered whole, as the API answers", async () => {
    stack.fake.script([{ text: ["Hi ", "there"], usage: { input: 12, output: 3 } }]);
    const { status, headers, body } = await ask(hello);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ id: expect.stringMatching(/^msg_/), type: "message", role: "assistant", model: CLAUDE },
      content: [{ type: "text", text: "Hi there", citations: null }],
      ...{ stop_reason: "end_turn", stop_sequence: null, stop_details: null },
      ...{ container: null, diagnostics: null },
      usage: expect.objectContaining({ input_tokens: 12, output_tokens: 3 }),
    });
    expect(headers.get("request-id")).toBe(headers.get("x-request-id"));
    const { body: read } = await owner().call<{ run: object }>(
      "GET",
      `/agent/runs/${headers.get("x-run-id")}`,
    );
    expect(read.run).toMatchObject({ mode: "model", source: "anthropic", status: "completed" });
  });

  test("is streamed, event by event", async () => {
    stack.fake.script([{ text: ["Hi ", "there"], usage: { input: 12, output: 3 } }]);
    const events = await stream(hello);
    expect(events.every(({ event, data }) => data.type === event)).toBe(true);
    const kinds = events.map(({ event }) => event).filter((event) => event !== "ping");
    expect(kinds).toEqual([
      ...["message_start", "content_block_start", "content_block_delta", "content_block_delta"],
      ...["content_block_stop", "message_delta", "message_stop"],
    ]);
    expect(events.at(-2)?.data).toMatchObject({
      delta: { stop_reason: "end_turn", stop_sequence: null },
      usage: { input_tokens: 12, output_tokens: 3 },
    });
  });

  test("goes to the vendor as it came: nothing added, nothing left out", async () => {
    const cache_control = { type: "ephemeral", ttl: "1h" };
    const question = {
      system: [
        { type: "text", text: "You are terse.", cache_control },
        { type: "text", text: "Really." },
      ],
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is this?", cache_control },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } },
          ],
        },
        // A prefill: a history may end with the assistant.
        { role: "assistant", content: [{ type: "text", text: "It is" }] },
      ],
      tools: [
        {
          name: "look",
          description: "looks",
          input_schema: { type: "object", properties: {} },
          cache_control,
          strict: true,
        },
        { name: "go", input_schema: { type: "object" } },
      ],
      tool_choice: { type: "any", disable_parallel_tool_use: true },
      ...{ temperature: 0.3, top_p: 0.9, top_k: 40, stop_sequences: ["END"] },
      thinking: { type: "enabled", budget_tokens: 1_024 },
      output_config: { effort: "low", format: { type: "json_schema", schema: { type: "object" } } },
      cache_control,
      max_tokens: 2_000,
    };
    const headers = { "anthropic-beta": "interleaved-thinking-2025-05-14,prompt-caching-2024-07-31" };
    const more = { metadata: { user_id: "u1" }, service_tier: "auto" };
    expect((await ask({ ...question, ...more }, headers)).status).toBe(200);
    expect(sent()).toEqual({ ...question, model: "claude-haiku-4-5", stream: true });
    expect(stack.fake.requests.at(-1)?.headers["anthropic-beta"]).toBe("interleaved-thinking-2025-05-14");
    expect(stack.fake.requests.at(-1)?.headers["x-api-key"]).toBe("k");
  });

  test("goes to another vendor in that vendor's words", async () => {
    stack.fake.script([{ toolCalls: [{ id: "call_x", name: "look", arguments: { at: 1 } }] }]);
    const look = { name: "look", input_schema: { type: "object" } };
    const first = await ask({
      ...{ model: GPT, tools: [look], tool_choice: { type: "tool", name: "look" }, stop_sequences: ["END"] },
      system: [{ type: "text", text: "Be terse.", cache_control: { type: "ephemeral" } }],
      messages: [
        { role: "user", content: [{ type: "text", text: "go", cache_control: { type: "ephemeral" } }] },
      ],
    });
    expect(first.body).toMatchObject({
      stop_reason: "tool_use",
      content: [{ type: "tool_use", name: "look", input: { at: 1 } }],
    });
    expect(JSON.stringify(sent())).not.toContain("cache_control");
    expect(sent()).toMatchObject({
      messages: [{ role: "system", content: "Be terse." }, { role: "user" }],
      tool_choice: { type: "function", function: { name: "look" } },
      stop: ["END"],
    });
    const id = first.body.content[0]?.id;
    const result = { type: "tool_result", tool_use_id: id, content: "no such thing", is_error: true };
    await ask({
      ...{ model: GPT, tools: [look] },
      messages: [
        { role: "user", content: "go" },
        { role: "assistant", content: first.body.content },
        { role: "user", content: [result] },
      ],
    });
    expect(sent()).toMatchObject({
      messages: [
        { role: "user" },
        {
          role: "assistant",
          tool_calls: [{ id: "call_x", function: { name: "look", arguments: '{"at":1}' } }],
        },
        { role: "tool", tool_call_id: "call_x", content: expect.stringMatching(/failed.*no such thing/s) },
      ],
    });
  });

  test("that ends at a text of the caller's says at which", async () => {
    const raw = [
      'data: {"type":"message_start","message":{"usage":{"input_tokens":1}}}\n\n',
      'data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":"one"}}\n\n',
      'data: {"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"END"},"usage":{"output_tokens":1}}\n\n',
      'data: {"type":"message_stop"}\n\n',
    ];
    stack.fake.script([{ raw }]);
    const { body } = await ask({ ...hello, stop_sequences: ["END"] });
    expect(body).toMatchObject({ stop_reason: "stop_sequence", stop_sequence: "END" });
  });

  test("that a limit cuts says so, with what there is of a call", async () => {
    stack.fake.script([{ toolCalls: [{ name: "look", arguments: '{"at": "so' }], finish: "max_tokens" }]);
    const tools = [{ name: "look", input_schema: { type: "object" } }];
    const { body } = await ask({ ...hello, tools });
    expect(body).toMatchObject({
      stop_reason: "max_tokens",
      content: [{ type: "tool_use", input: { INVALID_JSON: expect.stringContaining('{"at": "so') } }],
    });
  });

  test("that the vendor's filter withholds is a refusal", async () => {
    stack.fake.script([{ text: "I", finish: "refusal" }]);
    const { status, body } = await ask(hello);
    expect(status).toBe(200);
    expect(body).toMatchObject({ stop_reason: "refusal", stop_details: { type: "refusal" } });
  });
});

describe("thoughts", () => {
  const fixture = readFileSync(
    join(import.meta.dirname, "../fixtures/vendors/anthropic-thinking-tool-use.sse"),
    "utf8",
  );
  const SIGNATURE = "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds";
  const tools = ["get_weather", "get_time"].map((name) => ({ name, input_schema: { type: "object" } }));
  const thinking = { type: "enabled", budget_tokens: 2_000 };
  const sealed =
    'event: content_block_start\ndata: {"type":"content_block_start","index":9,"content_block":{"type":"redacted_thinking","data":"SEALED+/="}}\n\n' +
    'event: content_block_stop\ndata: {"type":"content_block_stop","index":9}\n\n';
  const spoken = fixture.replace(
    'event: content_block_start\ndata: {"type":"content_block_start","index":1',
    (at) => sealed + at,
  );
  const said = {
    messages: [{ role: "user", content: "weather and time?" }],
    tools,
    thinking,
    max_tokens: 4_000,
  };
  const blocks = [
    { type: "thinking", thinking: "I need the weather.", signature: SIGNATURE },
    { type: "redacted_thinking", data: "SEALED+/=" },
    { type: "text", text: "Okay, let's check.", citations: null },
    expect.objectContaining({ type: "tool_use", name: "get_weather", input: { location: "San Francisco" } }),
    expect.objectContaining({ type: "tool_use", name: "get_time", input: {} }),
  ];

  test.each([
    ["another question", async () => {}],
    ["a restart of the server", () => stack.restart()],
  ])("come as the vendor gave them, and go back letter by letter after %s", async (_what, between) => {
    stack.fake.script([{ raw: [spoken] }]);
    const { body } = await ask(said);
    expect(body.content).toEqual(blocks);
    await between();
    const { content } = body;
    const results = content
      .filter(({ type }) => type === "tool_use")
      .map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "fine" }));
    const history = [...said.messages, { role: "assistant", content }, { role: "user", content: results }];
    expect((await ask({ ...said, messages: history })).status).toBe(200);
    expect(sent().messages).toMatchObject([
      { role: "user", content: [{ type: "text", text: "weather and time?" }] },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "I need the weather.", signature: SIGNATURE },
          { type: "redacted_thinking", data: "SEALED+/=" },
          { type: "text", text: "Okay, let's check." },
          // The vendor's own ids, by which it knows its calls.
          { type: "tool_use", id: "toolu_01T1x1fJ34qAmk2tNTrN7Up6", name: "get_weather" },
          { type: "tool_use", id: "toolu_02", name: "get_time" },
        ],
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "toolu_01T1x1fJ34qAmk2tNTrN7Up6", content: "fine" },
          { type: "tool_result", tool_use_id: "toolu_02", content: "fine" },
        ],
      },
    ]);
  });

  test("are streamed with their signatures", async () => {
    stack.fake.script([{ raw: [spoken] }]);
    const events = await stream(said);
    const deltas = events.flatMap(({ data }) => (data.delta && "index" in data ? [data.delta] : []));
    expect(deltas).toContainEqual({ type: "signature_delta", signature: SIGNATURE });
    expect(events.map(({ data }) => data.content_block)).toContainEqual({
      type: "redacted_thinking",
      data: "SEALED+/=",
    });
    const run = (await owner().call<{ runs: { id: string }[] }>("GET", "/agent/runs")).body.runs[0]?.id;
    const { body } = await owner().call<{ run: { steps: { thoughts: unknown[] }[] } }>(
      "GET",
      `/agent/runs/${run}`,
    );
    expect(body.run.steps[0]?.thoughts).toEqual(blocks.slice(0, 2));
  });

  test("that another model is said to have had do not go to this one", async () => {
    const content = [
      { type: "thinking", thinking: "mine", signature: "S" },
      { type: "text", text: "a" },
    ];
    const messages = [
      { role: "user", content: "x" },
      { role: "assistant", content },
      { role: "user", content: "y" },
    ];
    expect((await ask({ model: GPT, messages })).status).toBe(200);
    expect(JSON.stringify(sent())).not.toContain("mine");
  });
});

describe("the agent", () => {
  test("works with its own tools on the user's machine; its text shows", async () => {
    stack.fake.script([
      { text: "I look.", reasoning: "hm", toolCalls: [{ name: "get_system_info", arguments: {} }] },
      { text: "All is well." },
    ]);
    const { status, body } = await ask({ ...hello, model: `macjarvis/${GPT}` });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      model: `macjarvis/${GPT}`,
      stop_reason: "end_turn",
      content: [
        { type: "text", text: "I look." },
        { type: "text", text: "All is well." },
      ],
    });
  });

  test("that has to ask ends the answer with where to answer, and goes on when it is", async () => {
    const call = { name: "write_file", arguments: { path: join(stack.workspace, "a.txt"), content: "x" } };
    stack.fake.script([{ text: "I write.", toolCalls: [call] }, { text: "Written." }]);
    const response = await post(
      "/messages",
      { ...hello, model: `macjarvis/${GPT}`, max_tokens: 100, stream: true },
      { "x-approval-wait": "0" },
    );
    const events = await readEvents(response);
    const run = response.headers.get("x-run-id");
    const texts = events.flatMap(
      ({ data }) => ((data.delta as { text?: string } | undefined)?.text ?? []) as string,
    );
    const { body } = await owner().call<{ approvals: { run_id: string; call_id: string }[] }>(
      "GET",
      "/agent/approvals",
    );
    const asked = body.approvals.find(({ run_id }) => run_id === run);
    expect(texts.join("")).toContain(`/api/v1/agent/runs/${run}/approvals/${asked?.call_id}`);
    expect(texts.join("")).toContain("write_file");
    expect(events.at(-2)?.data).toMatchObject({ delta: { stop_reason: "end_turn" } });
    expect(events.at(-1)?.event).toBe("message_stop");
    await owner().call("POST", `/agent/runs/${run}/approvals/${asked?.call_id}`, { decision: "approve" });
    const rest = await owner().events(String(run));
    expect(rest.at(-1)?.data).toMatchObject({ status: "completed" });
  });

  test("has the whole history as its context, and no tools of the caller", async () => {
    const messages = [
      { role: "user", content: "my name is Ada" },
      { role: "assistant", content: "Hello Ada." },
      { role: "user", content: "who am I?" },
    ];
    expect((await ask({ model: `macjarvis/${GPT}`, system: "Be terse.", messages })).status).toBe(200);
    const text = JSON.stringify(sent().messages);
    for (const part of ["my name is Ada", "Hello Ada.", "who am I?", "Be terse."])
      expect(text).toContain(part);
    const tools = [{ name: "look", input_schema: { type: "object" } }];
    const refused = await ask({ model: "macjarvis", tools, ...hello });
    expect(refused).toMatchObject({
      status: 400,
      body: {
        error: { type: "invalid_request_error", message: expect.stringMatching(/tools.*model alone/) },
      },
    });
  });

  test("in a session of ours reads what was said there, and of the request only what is new", async () => {
    const made = await owner().call<{ session: { id: string } }>("POST", "/sessions", { model: GPT });
    const { id } = made.body.session;
    await owner().chat({ message: "remember the word basalt", session_id: id });
    const messages = [
      { role: "user", content: "a stale question" },
      { role: "assistant", content: "a stale answer" },
      { role: "user", content: "which word?" },
    ];
    const { status } = await ask({ model: `macjarvis/${GPT}`, messages }, { "x-session-id": id });
    expect(status).toBe(200);
    const text = JSON.stringify(sent().messages);
    expect(text).toContain("basalt");
    expect(text).toContain("which word?");
    expect(text).not.toContain("stale");
  });
});

describe("refusals have Anthropic's shape", () => {
  const cases: [string, object, Record<string, string>, number, string, RegExp][] = [
    ["no max_tokens", { max_tokens: undefined }, {}, 400, "invalid_request_error", /max_tokens/],
    ["no messages", { messages: [] }, {}, 400, "invalid_request_error", /messages/],
    ["an unknown field", { frobnicate: 1 }, {}, 400, "invalid_request_error", /frobnicate/],
    ["a container", { container: "c" }, {}, 400, "invalid_request_error", /container/],
    ["a thread", { thread: { type: "create" } }, {}, 400, "invalid_request_error", /thread/],
    [
      "MCP servers",
      { mcp_servers: [{ type: "url", url: "https://x", name: "x" }] },
      {},
      400,
      "invalid_request_error",
      /mcp_servers/,
    ],
    ["another tier", { service_tier: "standard_only" }, {}, 400, "invalid_request_error", /service_tier/],
    ["fast answers", { speed: "fast" }, {}, 400, "invalid_request_error", /speed/],
    [
      "a beta",
      {},
      { "anthropic-beta": "context-1m-2025-08-07,advisor-tool-2026-03-01" },
      400,
      "invalid_request_error",
      /advisor-tool-2026-03-01/,
    ],
    ["a bad wait", {}, { "x-approval-wait": "soon" }, 400, "invalid_request_error", /X-Approval-Wait/],
    [
      "what is no session",
      {},
      { "x-session-id": "s".repeat(200) },
      400,
      "invalid_request_error",
      /X-Session-Id/,
    ],
    [
      "an unknown session",
      {},
      { "x-session-id": "ses_01k00000000000000000000000" },
      404,
      "not_found_error",
      /session/,
    ],
    ["an unknown model", { model: "claude-haiku-4-5" }, {}, 404, "not_found_error", /claude-haiku-4-5/],
    ["an unknown agent", { model: "macjarvis/no/such" }, {}, 404, "not_found_error", /no\/such/],
    ["a model that is not set up", { model: "gemini/gemini-2.5-pro" }, {}, 529, "overloaded_error", /gemini/],
    [
      "a tool of Anthropic's",
      { tools: [{ type: "bash_20250124", name: "bash" }] },
      {},
      400,
      "invalid_request_error",
      /tools\.0\.type/,
    ],
    [
      "G28 a picture by its address, to a server of our own network",
      {
        messages: [
          {
            role: "user",
            content: [{ type: "image", source: { type: "url", url: "https://127.0.0.1:9/secret.png" } }],
          },
        ],
      },
      {},
      400,
      "invalid_request_error",
      /messages.*send its bytes/,
    ],
    [
      "a choice without tools",
      { tool_choice: { type: "any" } },
      {},
      400,
      "invalid_request_error",
      /tool_choice/,
    ],
    [
      "thinking where there is none",
      { model: GPT, thinking: { type: "enabled", budget_tokens: 1_024 } },
      {},
      400,
      "invalid_request_error",
      /thinking/,
    ],
    [
      "a limit of candidates where there is none",
      { model: GPT, top_k: 3 },
      {},
      400,
      "invalid_request_error",
      /top_k/,
    ],
    [
      "a document",
      {
        messages: [
          {
            role: "user",
            content: [{ type: "document", source: { type: "text", media_type: "text/plain", data: "x" } }],
          },
        ],
      },
      {},
      400,
      "invalid_request_error",
      /messages\.0\.content.*"document"/,
    ],
    [
      "an uploaded picture",
      { messages: [{ role: "user", content: [{ type: "image", source: { type: "file", file_id: "f" } }] }] },
      {},
      400,
      "invalid_request_error",
      /messages\.0\.content.*"file"/,
    ],
    [
      "words of the system in between",
      {
        messages: [
          { role: "user", content: "x" },
          { role: "system", content: "y" },
        ],
      },
      {},
      400,
      "invalid_request_error",
      /messages\.1.*system/,
    ],
  ];
  test.each(cases)("%s", async (_what, more, headers, status, type, words) => {
    const answer = await ask({ ...hello, ...more }, headers);
    expect(answer).toMatchObject({
      status,
      body: { type: "error", error: { type, message: expect.stringMatching(words) } },
    });
    expect(answer.body.request_id).toBe(answer.headers.get("request-id"));
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(stack.fake.requests).toEqual([]);
  });

  test.each([
    ["broken JSON", "{", {}, 400, "invalid_request_error"],
    ["a list", "[]", {}, 400, "invalid_request_error"],
    ["a text", "hello", { "content-type": "text/plain" }, 400, "invalid_request_error"],
    ["a prototype", '{"__proto__":{"x":1}}', {}, 400, "invalid_request_error"],
    ["no credential", "{}", { "x-api-key": "" }, 401, "authentication_error"],
    ["a wrong credential", "{}", { "x-api-key": "mj_nope" }, 401, "authentication_error"],
    ["an origin", "{}", { origin: "https://evil.example" }, 403, "permission_error"],
  ])("before anything is read: %s", async (_what, body, headers, status, type) => {
    const response = await post("/messages", body, headers as Record<string, string>);
    expect(response.status).toBe(status);
    const told = (await response.json()) as { request_id: string };
    expect(told).toMatchObject({ type: "error", error: { type, message: expect.any(String) } });
    expect(told.request_id).toBe(response.headers.get("request-id"));
  });

  test("before anything is read: what is too large", async () => {
    const headers = { "x-api-key": key, "Content-Type": "application/json" };
    const { status, body } = await declareTooLarge(stack.server.url, "/anthropic/v1/messages", headers);
    expect(status).toBe(413);
    expect(JSON.parse(body)).toMatchObject({ type: "error", error: { type: "request_too_large" } });
  });

  test("what is refused before routing: hosts, paths, methods, credentials in addresses, what is no HTTP", async () => {
    const send = (line: string, host = new URL(stack.server.url).host) =>
      rawRequest(
        stack.server.url,
        `${line} HTTP/1.1\r\nHost: ${host}\r\nx-api-key: ${key}\r\nContent-Length: 0\r\n\r\n`,
      );
    const shape = {
      type: "error",
      error: { type: expect.any(String), message: expect.any(String) },
      request_id: expect.any(String),
    };
    for (const [line, status, type, host] of [
      ["GET /anthropic/v1/nothing", 404, "not_found_error"],
      ["GET /anthropic/v1/messages", 405, "invalid_request_error"],
      ["POST /anthropic/v1/messages?api_key=x", 400, "invalid_request_error"],
      ["POST /anthropic/v1/messages", 421, "invalid_request_error", "evil.example"],
    ] as const) {
      const answer = await send(line, host);
      expect([line, answer.status]).toEqual([line, status]);
      expect(JSON.parse(answer.body)).toEqual({ ...shape, error: { ...shape.error, type } });
    }
  });

  test("two credentials that differ are none; the same one twice is one", async () => {
    const both = (bearer: string) =>
      post("/messages", { model: CLAUDE, max_tokens: 9, ...hello }, { authorization: `Bearer ${bearer}` });
    expect((await both(key)).status).toBe(200);
    expect((await both("mj_another")).status).toBe(401);
    // The header is this door's alone.
    const elsewhere = await fetch(`${stack.server.url}/api/v1/users/me`, { headers: { "x-api-key": key } });
    expect(elsewhere.status).toBe(401);
  });

  test("a key that may only read may not ask, and sees the models", async () => {
    const { body } = await owner().call<{ secret: string }>("POST", "/users/me/keys", {
      name: "r",
      scopes: ["sessions:read"],
    });
    const answer = await ask(hello, { "x-api-key": String(body.secret) });
    expect(answer).toMatchObject({ status: 403, body: { error: { type: "permission_error" } } });
    const models = await fetch(`${stack.server.url}/anthropic/v1/models`, {
      headers: { "x-api-key": String(body.secret) },
    });
    expect(models.status).toBe(200);
  });

  test("a vendor's refusal of the question is the caller's fault, and is not worth asking again", async () => {
    const body = {
      type: "error",
      error: { type: "invalid_request_error", message: "temperature: may not be set" },
    };
    stack.fake.script(() => ({ fault: { type: "status", status: 400, body } }));
    const answer = await ask({ ...hello, temperature: 0.5 });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_request_error", message: expect.stringContaining("temperature") } },
    });
    expect(answer.headers.get("x-should-retry")).toBe("false");
  });

  test("a plan's limit is a rate limit, with when to come again", async () => {
    const user = await register(stack.server.url);
    await owner().call("PATCH", `/admin/users/${user.id}`, { limits: { runs_per_day: 1 } });
    const bearer = { authorization: `Bearer ${user.token}`, "x-api-key": String(user.token) };
    const first = await ask(hello, bearer);
    expect(first.status).toBe(200);
    expect(first.headers.get("anthropic-ratelimit-requests-limit")).toBe("1");
    expect(first.headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
    const second = await ask(hello, bearer);
    expect(second).toMatchObject({ status: 429, body: { error: { type: "rate_limit_error" } } });
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(second.headers.get("anthropic-ratelimit-requests-remaining")).toBe("0");
    const reset = Date.parse(second.headers.get("anthropic-ratelimit-requests-reset") ?? "");
    expect(reset).toBeGreaterThan(Date.now());
  });
});

describe("in the middle of a stream", () => {
  test("a vendor that breaks off is an error event, the last one", async () => {
    stack.fake.script([{ text: ["Hi ", "there", "!"], fault: { type: "cut_after", pieces: 1 } }]);
    const events = await stream(hello);
    expect(events[0]?.event).toBe("message_start");
    expect(events.at(-1)).toMatchObject({
      event: "error",
      data: {
        type: "error",
        error: { type: "api_error", message: expect.any(String) },
        request_id: expect.any(String),
      },
    });
    expect(events.map(({ event }) => event)).not.toContain("message_stop");
  });

  test("so is a credential that ends", async () => {
    const made = await owner().call<{ secret: string }>("POST", "/users/me/keys", {
      name: "short",
      scopes: ["chat"],
    });
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["Hi ", "there"], gate: gate.promise, gateAfter: 1 }]);
    const response = await post(
      "/messages",
      { model: CLAUDE, max_tokens: 9, stream: true, ...hello },
      { "x-api-key": String(made.body.secret) },
    );
    const keys = await owner().call<{ keys: { id: string; name: string }[] }>("GET", "/users/me/keys");
    const id = keys.body.keys.find(({ name }) => name === "short")?.id;
    await owner().call("DELETE", `/users/me/keys/${id}`);
    const events = await readEvents(response);
    gate.resolve();
    expect(events.at(-1)).toMatchObject({
      event: "error",
      data: { error: { type: "authentication_error" } },
    });
  });

  test("and a run that is cancelled", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["Hi ", "there"], gate: gate.promise, gateAfter: 1 }]);
    const response = await post("/messages", { model: CLAUDE, max_tokens: 9, stream: true, ...hello });
    await owner().call("POST", `/agent/cancel/${response.headers.get("x-run-id")}`);
    const events = await readEvents(response);
    gate.resolve();
    expect(events.at(-1)).toMatchObject({
      event: "error",
      data: { error: { message: expect.stringContaining("cancelled") } },
    });
  });

  test("a client that leaves ends the question at the vendor", async () => {
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["Hi ", "there"], gate: gate.promise, gateAfter: 1 }]);
    const response = await post("/messages", { model: CLAUDE, max_tokens: 9, stream: true, ...hello });
    await response.body?.cancel();
    const asked = await stack.fake.waitForRequest();
    await asked.gone;
    gate.resolve();
    expect(asked.closed).toBe(true);
  });
});

test("text that no store and no vendor can take comes through as far as it is text", async () => {
  const odd = `half \ud83d, none \0, bidi \u202e, ${"x".repeat(100_000)}`;
  for (const model of [CLAUDE, GPT, `macjarvis/${GPT}`]) {
    const { status } = await ask({ model, system: odd, messages: [{ role: "user", content: odd }] });
    expect([model, status]).toEqual([model, 200]);
    expect(JSON.stringify(sent())).toContain("half \ufffd, none \ufffd");
  }
});

test("the same request with the same Idempotency-Key is one run; another body is refused", async () => {
  stack.fake.script([{ text: "only once" }]);
  const headers = { "idempotency-key": "anthropic-once" };
  const [first, second] = [await ask(hello, headers), await ask(hello, headers)];
  expect(second.body).toEqual(first.body);
  expect(stack.fake.requests).toHaveLength(1);
  const other = await ask({ messages: [{ role: "user", content: "bye" }] }, headers);
  expect(other).toMatchObject({ status: 400, body: { error: { type: "invalid_request_error" } } });
});

describe("tokens", () => {
  const count = async (body: object) => {
    const response = await post("/messages/count_tokens", body);
    return {
      status: response.status,
      how: response.headers.get("x-token-count"),
      body: (await response.json()) as object,
    };
  };

  test("are counted by the vendor where it counts", async () => {
    stack.fake.script([{ raw: ['{"input_tokens":42}'], contentType: "application/json" }]);
    expect(await count({ model: CLAUDE, system: "Be terse.", ...hello })).toEqual({
      ...{ status: 200, how: "counted" },
      body: { input_tokens: 42 },
    });
    expect(stack.fake.requests[0]).toMatchObject({
      path: "/v1/messages/count_tokens",
      body: { model: "claude-haiku-4-5", system: "Be terse.", messages: [{ role: "user" }] },
    });
    expect(Object.keys(sent()).toSorted()).toEqual(["messages", "model", "system"]);
  });

  test.each([
    ["a vendor that does not", GPT, undefined],
    ["a vendor that fails", CLAUDE, { fault: { type: "status", status: 500 } } as const],
    ["the agent", "macjarvis", undefined],
  ])("are estimated for %s", async (_what, model, turn) => {
    stack.fake.script(turn ? [turn] : []);
    const { body, ...rest } = await count({
      model,
      messages: [{ role: "user", content: "word ".repeat(100) }],
    });
    expect(rest).toEqual({ status: 200, how: "estimated" });
    const { input_tokens } = body as { input_tokens: number };
    expect(input_tokens).toBeGreaterThan(80);
    expect(input_tokens).toBeLessThan(250);
  });

  test("of what is no question are refused", async () => {
    expect(await count({ model: CLAUDE, max_tokens: 5, ...hello })).toMatchObject({
      status: 400,
      body: { error: { type: "invalid_request_error", message: expect.stringContaining("max_tokens") } },
    });
    expect(await count({ model: "no/such", ...hello })).toMatchObject({ status: 404 });
  });
});

describe("models", () => {
  const get = async (path: string) => {
    const response = await fetch(`${stack.server.url}/anthropic/v1/models${path}`, {
      headers: { "x-api-key": key },
    });
    return {
      status: response.status,
      body: (await response.json()) as Record<string, never> & { data: { id: string }[] },
    };
  };

  test("are each there twice, in pages", async () => {
    // A server that has answered is there, however busy this machine was when it was looked at.
    for (const model of [CLAUDE, GPT]) await ask({ model, ...hello });
    const all = [
      "macjarvis",
      `macjarvis/${CLAUDE}`,
      `macjarvis/${GPT}`,
      "macjarvis/demo/demo",
      CLAUDE,
      GPT,
      "demo/demo",
    ];
    const { body } = await get("");
    const ids = body.data.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(all.toSorted());
    expect(body).toMatchObject({ has_more: false, first_id: ids[0], last_id: ids.at(-1) });
    expect(body.data[0]).toMatchObject({
      type: "model",
      id: "macjarvis",
      display_name: expect.any(String),
      created_at: expect.any(String),
    });
    const first = await get("?limit=2");
    expect(first.body).toMatchObject({ has_more: true, first_id: ids[0], last_id: ids[1] });
    const next = await get(`?limit=2&after_id=${encodeURIComponent(ids[1] ?? "")}`);
    expect(next.body.data.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    const before = await get(`?limit=2&before_id=${encodeURIComponent(ids[3] ?? "")}`);
    expect(before.body).toMatchObject({ has_more: true, first_id: ids[1], last_id: ids[2] });
    expect((await get("?after_id=nope")).status).toBe(400);
    expect((await get("?limit=0")).status).toBe(400);
  });

  test("are found by their ids, slashes and all", async () => {
    expect((await get(`/${encodeURIComponent(`macjarvis/${CLAUDE}`)}`)).body).toMatchObject({
      type: "model",
      id: `macjarvis/${CLAUDE}`,
    });
    expect(await get("/nope")).toMatchObject({
      status: 404,
      body: { type: "error", error: { type: "not_found_error" } },
    });
  });
});
