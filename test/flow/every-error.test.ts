// Every error of the catalogue that a client can meet over HTTP is met here once, each in a problem document; the others
// are named with the test that meets them. A new code without either fails.
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import { CATALOGUE, type ErrorType } from "../../lib/errors.ts";
import { type Answer, Client, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

/** Codes that need another rig, and where that is. */
const ELSEWHERE: Partial<Record<ErrorType, string>> = {
  request_incomplete: "test/unit/services/api/open-server.test.ts",
  refresh_reused: "test/unit/services/users/refresh.test.ts",
  hashing_busy: "test/unit/services/users/passwords/hasher.test.ts",
  quota_exceeded: "test/flow/quota.test.ts",
  concurrency_exceeded: "test/flow/quota.test.ts",
  store_damaged: "test/flow/damaged-folder.test.ts",
  model_timeout: "test/unit/services/agent/model/ask-model.test.ts",
  model_rate_limited: "test/unit/services/agent/model/ask-model.test.ts",
  model_interrupted: "test/flow/models.test.ts",
  model_filtered: "test/flow/model-endings.test.ts",
  model_empty: "test/flow/model-endings.test.ts",
  model_malformed_call: "test/flow/model-endings.test.ts",
  model_ended: "test/flow/model-endings.test.ts",
  run_poisoned: "test/chaos/kill-cycles.test.ts",
  store_unavailable: "test/unit/lib/embedded/store.test.ts",
  busy: "test/unit/services/api/problem.test.ts",
  files_off: "test/cluster/files.test.ts",
  node_queue_full: "test/edge/queue.test.ts",
  node_revoked: "test/edge/pairing.test.ts",
  node_cut_off: "test/edge/cut-off.test.ts",
  pairing_expired: "test/edge/pairing.test.ts",
  pairing_not_redeemed: "test/edge/pairing.test.ts",
  fingerprint_differs: "test/edge/pairing.test.ts",
  too_many_pairings: "test/edge/pairing.test.ts",
  node_limit: "test/unit/services/nodes/pairing.test.ts",
  clock_differs: "test/edge/pairing.test.ts",
  node_offline: "test/cluster/several-machines.test.ts",
  request_timeout: "test/unit/services/api/problem.test.ts",
  internal: "test/unit/services/api/problem.test.ts",
  // Between our own services; the caller that meets one tries again or attaches.
  request_too_large: "test/cluster/bus.test.ts",
  answer_too_large: "test/cluster/bus.test.ts",
  stale_epoch: "test/support/contracts/events-contract.ts",
  duplicate_key: "test/support/contracts/documents-contract.ts",
};

const JWT_SECRET = "a-secret-for-the-test-of-every-error";
/** Requests of this client come from an address of their own. */
const FROM_FAR = { "X-Forwarded-For": "203.0.113.7" };

type Person = Awaited<ReturnType<typeof register>>;

const met = new Set<string>();
let stack: Stack;
let user: Person;
let admin: Client;

beforeAll(async () => {
  stack = await startStack({
    JWT_SECRET,
    TRUSTED_PROXIES: "127.0.0.1",
    MODELS: "openai/fake,anthropic/claude-haiku-4-5",
    MAX_FILES: "1",
  });
  user = await register(stack.server.url);
  admin = new Client(stack.server.url, await stack.server.ownerKey());
});
afterAll(() => stack.stop());

/** The problem is whole, fits the catalogue, and tells nothing of the inside. */
function meet(code: ErrorType, { status, body, headers }: Answer): void {
  const entry = CATALOGUE[code];
  expect({ status, type: headers.get("content-type"), body }).toMatchObject({
    status: entry.status,
    type: "application/problem+json",
    body: {
      type: `https://macjarvis.dev/errors/${code}`,
      title: entry.title,
      status: entry.status,
      detail: expect.any(String),
      code,
      request_id: headers.get("x-request-id"),
    },
  });
  expect(JSON.stringify(body)).not.toMatch(/node_modules|\.ts:|at async|SQLITE|Error:/);
  if (status === 429 || status === 503) expect(Number(headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
  if (status === 401) expect(headers.get("www-authenticate")).toBe("Bearer");
  met.add(code);
}

/** A request that fetch would not send. */
function odd(path: string, headers: Record<string, string>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(`${stack.server.url}${path}`, { headers }, (response) => {
      const answer = async (): Promise<Answer> => ({
        status: response.statusCode ?? 0,
        body: JSON.parse(await text(response)) as Record<string, unknown>,
        headers: new Headers(response.headers as Record<string, string>),
      });
      answer().then(resolve, reject);
    })
      .once("error", reject)
      .end();
  });
}

/** Asks again until it is too much. A window may end meanwhile, so how often that is, is not fixed. */
async function until429(ask: () => Promise<Answer>, atOnce = 1): Promise<Answer> {
  for (;;) {
    const answers = await Promise.all(Array.from({ length: atOnce }, ask));
    const refused = answers.find(({ status }) => status === 429);
    if (refused) return refused;
  }
}

const chat = (body: Record<string, unknown>, headers?: Record<string, string>) =>
  user.call<Record<string, unknown>>("POST", "/agent/chat/sync", { message: "hello", ...body }, headers);

describe("every error of the contract is met once", () => {
  test("what is wrong with the request itself", async () => {
    meet("bad_request", await user.call("GET", "/sessions/%zz"));
    meet("headers_too_large", await odd("/api/v1/plans", { "X-Long": "x".repeat(20_000) }));
    meet("invalid_json", await user.call("POST", "/sessions", "{"));
    meet("invalid_request", await user.call("POST", "/sessions", { title: 5 }));
    meet("body_too_large", await user.call("POST", "/sessions", "x".repeat(10 * 1024 * 1024 + 1)));
    meet(
      "unsupported_media_type",
      await user.call("POST", "/sessions", "{}", { "Content-Type": "text/plain" }),
    );
    meet("not_found", await user.call("GET", "/nothing"));
    const wrongMethod = await user.call("DELETE", "/plans");
    meet("method_not_allowed", wrongMethod);
    expect(wrongMethod.headers.get("allow")).toBe("GET, HEAD");
    meet("host_not_allowed", await odd("/api/v1/plans", { Host: "evil.example" }));
    meet(
      "origin_not_allowed",
      await user.call("GET", "/plans", undefined, { Origin: "http://evil.example" }),
    );
    meet("credential_in_url", await user.call("GET", "/plans?access_token=x"));
  });

  test("who calls", async () => {
    const { url } = stack.server;
    const nobody = new Client(url);
    meet("unauthenticated", await nobody.call("GET", "/users/me"));
    const { header, payload } = jwt.decode(user.token ?? "", { complete: true }) ?? {};
    const past = Math.floor(Date.now() / 1000) - 3_600;
    const expired = jwt.sign({ ...(payload as object), iat: past, exp: past + 900 }, JWT_SECRET, {
      keyid: String(header?.kid),
    });
    meet("token_expired", await new Client(url, expired).call("GET", "/users/me"));
    const wrong = { email: user.email, password: "not the password" };
    const guess = () => nobody.call("POST", "/users/login", wrong, FROM_FAR);
    meet("invalid_credentials", await guess());
    meet("too_many_attempts", await until429(guess));
    meet("sign_in_code_invalid", await nobody.call("POST", "/users/sign-in", { code: "mjc_none" }));
    meet("refresh_invalid", await nobody.call("POST", "/users/refresh", { refresh_token: "mjr_none" }));
    const pair = await nobody.call<{ refresh_token: string }>("POST", "/users/login", {
      email: user.email,
      password: user.password,
    });
    const { refresh_token } = pair.body;
    expect((await nobody.call("POST", "/users/refresh", { refresh_token })).status).toBe(200);
    meet("refresh_raced", await nobody.call("POST", "/users/refresh", { refresh_token }));
    const gone = await register(url);
    await admin.call("PATCH", `/admin/users/${gone.id}`, { disabled: true });
    meet(
      "account_disabled",
      await nobody.call("POST", "/users/login", { email: gone.email, password: gone.password }),
    );
    meet("forbidden", await user.call("GET", "/admin/users"));
    const key = await user.call<{ secret: string }>("POST", "/users/me/keys", {
      name: "reader",
      scopes: ["sessions:read"],
    });
    meet("scope_missing", await new Client(url, key.body.secret).call("POST", "/sessions", {}));
    const taken = { email: user.email, password: "another good password 7" };
    meet("email_taken", await nobody.call("POST", "/users/register", taken));
    const weak = { email: "weak@example.com", password: "password123" };
    meet("weak_password", await nobody.call("POST", "/users/register", weak));
    meet("wrong_password", await user.call("DELETE", "/users/me", { current_password: "not the password" }));
    meet("too_many_requests", await until429(() => nobody.call("GET", "/plans", undefined, FROM_FAR), 20));
    // The others at that address still work, and so does everybody elsewhere.
    expect((await user.call("GET", "/users/me", undefined, FROM_FAR)).status).toBe(200);
    expect((await nobody.call("GET", "/plans")).status).toBe(200);
  });

  test("what is not there", async () => {
    meet("user_not_found", await admin.call("PATCH", "/admin/users/usr_none", {}));
    meet("plan_not_found", await admin.call("PATCH", `/admin/users/${user.id}`, { plan: "none" }));
    meet("key_not_found", await user.call("DELETE", "/users/me/keys/key_none"));
    meet("login_not_found", await user.call("DELETE", "/users/me/logins/fam_none"));
    meet("session_not_found", await user.call("GET", "/sessions/ses_none"));
    const made = await user.call<{ session: { id: string } }>("POST", "/sessions", {});
    const session = made.body.session.id;
    meet("message_not_found", await user.call("GET", `/sessions/${session}/messages?before=msg_none`));
    meet("run_not_found", await user.call("GET", "/agent/runs/run_none"));
    const { body } = await chat({});
    const path = `/agent/runs/${String(body.run_id)}/approvals/call_none`;
    meet("approval_not_found", await user.call("POST", path, { decision: "deny" }));
    meet("tool_not_found", await user.call("POST", "/tools/none/execute", {}));
    meet("node_not_found", await user.call("GET", "/nodes/nod_none"));
    const [machine] = (await user.call<{ nodes: { id: string }[] }>("GET", "/nodes")).body.nodes;
    meet("file_not_found", await user.call("GET", "/files/fil_none"));
    meet("call_not_found", await user.call("DELETE", `/nodes/${machine?.id}/queue/call_none`));
    meet("model_not_found", await chat({ model: "openai/none" }));
    meet("model_unavailable", await chat({ model: "anthropic/claude-haiku-4-5" }));
    meet("edge_off", await user.call("POST", "/nodes/pairings", {}));
    meet("pairing_not_found", await user.call("GET", "/nodes/pairings/pair_none"));
  });

  test("what does not go together with what there is", async () => {
    stack.fake.hold();
    const [begun] = await user.chat({ message: "held" }, { until: () => true });
    const session_id = String(begun?.data.session_id);
    const busy = await chat({ session_id });
    meet("session_busy", busy);
    expect(busy.headers.get("x-ratelimit-limit")).toBe("200");
    for (let waiting = 0; waiting < 4; waiting += 1)
      await user.chat({ message: "wait", session_id, if_busy: "queue" }, { until: () => true });
    await admin.call("PATCH", `/admin/users/${user.id}`, { plan: "pro" });
    for (let waiting = 4; waiting < 10; waiting += 1)
      await user.chat({ message: "wait", session_id, if_busy: "queue" }, { until: () => true });
    meet("queue_full", await chat({ session_id, if_busy: "queue" }));
    stack.fake.release();
    expect((await chat({}, { "Idempotency-Key": "once" })).status).toBe(200);
    meet("idempotency_mismatch", await chat({ message: "other" }, { "Idempotency-Key": "once" }));
    const content = { path: join(stack.workspace, "no.txt"), content: "no" };
    const asked = await chat({ message: `call:write_file ${JSON.stringify(content)}` });
    const [approval] = asked.body.approvals as { call_id: string }[];
    const answer = `/agent/runs/${String(asked.body.run_id)}/approvals/${approval?.call_id}`;
    await user.call("POST", answer, { decision: "deny" });
    meet("approval_answered", await user.call("POST", answer, { decision: "approve" }));
    meet("approval_required", await user.call("POST", "/tools/write_file/execute", { args: content }));
    await user.call("PUT", "/users/me/policy", { rules: [{ risk: "write", decision: "deny" }] });
    meet("tool_denied", await user.call("POST", "/tools/write_file/execute", { args: content }));
    const { body } = await admin.call<{ nodes: { id: string }[] }>("GET", "/nodes");
    meet("node_in_use", await admin.call("DELETE", `/nodes/${body.nodes[0]?.id}`));
    await admin.call("POST", "/admin/freeze");
    meet(
      "node_frozen",
      await user.call("POST", "/tools/read_file/execute", { args: { path: content.path } }),
    );
    await admin.call("POST", "/admin/thaw");
    const me = await admin.call<{ user: { id: string } }>("GET", "/users/me");
    meet("last_admin", await admin.call("PATCH", `/admin/users/${me.body.user.id}`, { role: "free_user" }));
  });

  test("limits", async () => {
    const other = await register(stack.server.url);
    const all = (count: number, path: string, body: object) =>
      Promise.all(Array.from({ length: count }, () => other.call("POST", path, body)));
    await all(99, "/users/me/keys", { name: "one of many" });
    const keys = await all(2, "/users/me/keys", { name: "one too many" });
    meet("conflict", keys.find(({ status }) => status !== 201) as Answer);
    meet("precondition_failed", await admin.call("PUT", "/admin/config", {}, { "If-Match": '"99"' }));
    await all(200, "/sessions", {});
    const uploads = [await other.call("POST", "/files", "one"), await other.call("POST", "/files", "two")];
    meet("file_limit", uploads[1] as Answer);
    meet("session_limit", (await all(1, "/sessions", {}))[0] as Answer);
    const { body } = await other.call<{ sessions: { id: string }[] }>("GET", "/sessions");
    const session_id = body.sessions[0]?.id;
    // So few that a slow machine has room for them in a minute.
    await admin.call("PATCH", `/admin/users/${other.id}`, { limits: { runs_per_minute: 5 } });
    const answer = await until429(() =>
      other.call<Record<string, unknown>>("POST", "/agent/chat/sync", { message: "again", session_id }),
    );
    meet("rate_limited", answer);
    const { headers } = answer;
    expect([headers.get("x-ratelimit-limit"), headers.get("x-ratelimit-remaining")]).toEqual(["5", "0"]);
    const inSeconds =
      Number(headers.get("x-ratelimit-reset")) - Date.parse(headers.get("date") ?? "") / 1_000;
    expect(Math.abs(inSeconds - Number(headers.get("retry-after")))).toBeLessThan(2);
  });

  test("a run that fails says why, in words of ours", async () => {
    const body = { error: { message: "our own prompt, quoted by the provider" } };
    stack.fake.script([{ fault: { type: "status", status: 400, body } }]);
    const failed = await chat({ message: "refused" });
    expect(failed).toMatchObject({
      status: 200,
      body: { status: "failed", error: { code: "model_rejected", retryable: false } },
    });
    expect(JSON.stringify(failed.body)).not.toContain("quoted");
    met.add("model_rejected");
  });

  test("a server that goes, comes back without the events, and takes nobody new", async () => {
    stack.fake.hold();
    const [begun] = await user.chat({ message: "wait for me" }, { until: () => true });
    await user.call("POST", `/agent/cancel/${String(begun?.data.run_id)}`);
    await user.events(String(begun?.data.run_id));
    const waiting = chat({ message: "and me" });
    await stack.fake.waitForRequest(({ heard }) => heard.message === "and me");
    const stopped = stack.server.kill("SIGTERM");
    meet("shutting_down", await waiting);
    await stopped;
    stack.fake.release();
    await rm(join(stack.server.home, "events"), { recursive: true });
    await stack.restart({ REGISTRATION: "closed", RUN_DEADLINE_S: "1" });
    user.url = stack.server.url;
    meet("events_expired", await user.call("GET", `/agent/runs/${String(begun?.data.run_id)}/events`));
    const stranger = { email: "late@example.com", password: "another good password 7" };
    meet("registration_closed", await new Client(user.url).call("POST", "/users/register", stranger));
    stack.fake.hold();
    const late = await chat({ message: "too late" });
    stack.fake.release();
    expect(late.body).toMatchObject({ status: "failed", error: { code: "run_deadline" } });
    met.add("run_deadline");
  });

  test("no code of the catalogue is left out", () => {
    const known = new Set([...met, ...Object.keys(ELSEWHERE)]);
    expect(Object.keys(CATALOGUE).filter((code) => !known.has(code))).toEqual([]);
    for (const [code, file] of Object.entries(ELSEWHERE))
      expect(readFileSync(join(import.meta.dirname, "..", "..", file), "utf8")).toContain(code);
  });
});
