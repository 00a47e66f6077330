// G16 for whoever reaches the broker itself, in its process or over the bus of a cluster: every action × who calls, from one table. The
// actions are those the broker really has, so that a new one without a declared outcome fails.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../contracts/access.ts";
import { Identity } from "../../lib/broker/authorization.ts";
import { register } from "../support/client.ts";
import { type ReachedBroker, reachBroker } from "../support/reach-broker.ts";
import { aUser } from "../support/test-broker.ts";

/** Anybody may ask; what is asked is checked by the action itself. */
const PUBLIC = [
  "users.register",
  "users.login",
  "users.refresh",
  "users.signIn",
  "users.logout",
  "users.resolveToken",
  "quota.plans",
  // What a Mac says there is signed with its key.
  "nodes.redeem",
  "nodes.credentials",
  "nodes.leave",
];
/** Only a core service's own token: no user, whatever it may otherwise do. */
const INTERNAL = [
  "users.callerOf",
  "users.credentials",
  "quota.requirePlan",
  "quota.subscribe",
  "quota.removeUser",
  "quota.reserve",
  "quota.extend",
  "quota.settle",
  "quota.cancelHold",
  "quota.holds",
  "sessions.begin",
  "sessions.enter",
  "sessions.leave",
  "sessions.note",
  "sessions.recent",
  "sessions.shows",
  "sessions.removeUser",
  "sessions.seenFiles",
  "agent.requireModel",
  "agent.cancelRuns",
  "agent.runOfTool",
  "agent.askModel",
  "agent.delegate",
  "agent.delegated",
  "agent.endSession",
  "agent.removeUser",
  "tools.offer",
  "tools.plan",
  "tools.fileBefore",
  "tools.run",
  "tools.cancel",
  "tools.fence",
  "tools.wait",
  "tools.queueLengths",
  "tools.remember",
  "tools.forgetSession",
  "tools.removeUser",
  "users.find",
  "agent.modelsHealth",
  "nodes.usable",
  "nodes.way",
  "nodes.meet",
  "nodes.told",
  "nodes.see",
  "nodes.lose",
  "nodes.cutOff",
  "nodes.cutOffUser",
  "nodes.removeUser",
  "node.describe",
  "node.execute",
  "node.cancel",
  "node.fence",
  "node.freeze",
  "node.mcp",
  "mcp.added",
  "mcp.judge",
  "node.chain",
  "nodes.keepHead",
  "nodes.distrust",
  "nodes.freezes",
  "node.resolve",
];

type Declared = {
  /** What names the owner's things, as a stranger would send it. */
  params?: (things: Things) => Record<string, unknown>;
  /** What a stranger with all scopes gets for the owner's things; "own": an answer about the stranger alone. */
  stranger: string;
  /** What the owner gets with a key that has no scope at all. */
  unscoped?: string;
};
type Things = { session: string; run: string; key: string; node: string; user: string; file: string };

/** What no action takes: whoever is let in is told so, and nothing is done. */
const UNFIT = { no_such_parameter: true };

const OWN = { stranger: "own" };
const ADMIN = { stranger: "forbidden", unscoped: "forbidden" };
const session = ({ session: id }: Things) => ({ id });
const run = ({ run: run_id }: Things) => ({ run_id });
const node = ({ node: id }: Things) => ({ id });
const file = ({ file: id }: Things) => ({ id });
const USER: Record<string, Declared> = {
  "users.me": OWN,
  "users.createSignInCode": OWN,
  "users.updateMe": OWN,
  "users.removeMe": { params: () => ({ current_password: "not the password" }), stranger: "wrong_password" },
  "users.listLogins": OWN,
  "users.endLogin": { params: () => ({ id: "fam_none" }), stranger: "login_not_found" },
  "users.listKeys": OWN,
  "users.createKey": { params: () => ({ name: "mine" }), stranger: "own" },
  "users.removeKey": { params: ({ key: id }) => ({ id }), stranger: "key_not_found" },
  "users.adminList": ADMIN,
  "users.adminCreate": { ...ADMIN, params: () => ({ email: "new@example.com", role: "admin" }) },
  "users.adminGet": { ...ADMIN, params: ({ user: id }) => ({ id }) },
  "users.adminUsage": { ...ADMIN, params: ({ user: id }) => ({ id }) },
  "users.adminRemove": { ...ADMIN, params: ({ user: id }) => ({ id }) },
  "users.adminUpdate": { ...ADMIN, params: ({ user: id }) => ({ id, disabled: true }) },
  "mcp.list": ADMIN,
  "mcp.add": { ...ADMIN, params: () => ({ name: "mine", command: "/bin/true" }) },
  "mcp.remove": { ...ADMIN, params: () => ({ name: "mine" }) },
  "mcp.accept": { ...ADMIN, params: () => ({ name: "mine", tools: [] }) },
  "config.get": ADMIN,
  "config.set": { ...ADMIN, params: () => ({ overrides: { host_tools: "all" } }) },
  "config.history": ADMIN,
  "config.revert": { ...ADMIN, params: () => ({ to: 0 }) },
  "quota.adminUsage": ADMIN,
  "users.adminAudit": ADMIN,
  "users.verifyAudit": ADMIN,
  "users.deadLetters": ADMIN,
  "users.redrive": { ...ADMIN, params: () => ({ id: "evt_none" }) },
  "quota.usage": OWN,
  "quota.subscription": OWN,
  "quota.limits": { ...OWN, unscoped: "own" },
  "sessions.create": OWN,
  "sessions.list": OWN,
  "sessions.adminList": { ...ADMIN, params: ({ user: user_id }) => ({ user_id }) },
  "sessions.get": { params: session, stranger: "session_not_found" },
  "sessions.look": { params: session, stranger: "session_not_found" },
  "sessions.update": { params: session, stranger: "session_not_found" },
  "sessions.rename": {
    params: (things) => ({ ...session(things), title: "taken" }),
    stranger: "session_not_found",
  },
  "sessions.remove": { params: session, stranger: "session_not_found" },
  "sessions.history": { params: session, stranger: "session_not_found" },
  "sessions.addMessage": {
    params: (things) => ({ ...session(things), role: "user", content: "x" }),
    stranger: "session_not_found",
  },
  "sessions.export": { params: session, stranger: "session_not_found" },
  "sessions.beginFile": OWN,
  "sessions.keepFile": { params: file, stranger: "file_not_found" },
  "sessions.listFiles": OWN,
  "sessions.file": { params: file, stranger: "file_not_found" },
  "sessions.fileContent": { params: file, stranger: "file_not_found" },
  "sessions.removeFile": { params: file, stranger: "file_not_found" },
  "sessions.attach": { params: ({ file: id }) => ({ ids: [id] }), stranger: "file_not_found" },
  "agent.start": {
    params: (things) => ({ body: { message: "x", session_id: things.session } }),
    stranger: "session_not_found",
  },
  "agent.cancel": { params: run, stranger: "run_not_found" },
  "agent.cancelCall": {
    params: (things) => ({ ...run(things), call_id: "call_none" }),
    stranger: "run_not_found",
  },
  "agent.get": { params: run, stranger: "run_not_found" },
  "agent.given": { params: run, stranger: "run_not_found" },
  "agent.forget": { params: run, stranger: "run_not_found" },
  "agent.list": { params: (things) => ({ session_id: things.session }), stranger: "own" },
  "agent.approve": {
    params: (things) => ({ ...run(things), call_id: "call_none", decision: "approve" }),
    stranger: "run_not_found",
  },
  "agent.adminList": { ...ADMIN, params: ({ user: user_id }) => ({ user_id }) },
  "agent.adminJournal": { ...ADMIN, params: run },
  "agent.adminCancel": { ...ADMIN, params: run },
  "agent.adminHandOver": { ...ADMIN, params: run },
  "agent.adminDrain": ADMIN,
  "agent.approvals": OWN,
  "agent.models": OWN,
  "agent.countTokens": {
    ...OWN,
    params: () => ({ mode: "model", messages: [{ role: "user", content: "x" }] }),
  },
  "tools.list": OWN,
  "tools.execute": {
    params: () => ({ name: "read_file", args: { path: "/etc/hosts" } }),
    stranger: "tool_not_found",
  },
  "tools.questions": OWN,
  "tools.answer": {
    params: (things) => ({ ...run(things), call_id: "call_none", decision: "approve" }),
    stranger: "run_not_found",
  },
  "tools.policy": OWN,
  "tools.checkPolicy": { params: () => ({ name: "read_file" }), stranger: "own" },
  "tools.memory": OWN,
  "tools.setMemory": { params: () => ({ memories: [] }), stranger: "own" },
  "tools.forgetMemory": OWN,
  "tools.setPolicy": { params: () => ({ rules: [] }), stranger: "own" },
  "tools.queue": { params: node, stranger: "node_not_found" },
  "tools.unqueue": {
    params: (things) => ({ ...node(things), call_id: "call_none" }),
    stranger: "node_not_found",
  },
  "nodes.list": OWN,
  "nodes.get": { params: node, stranger: "node_not_found" },
  "nodes.update": { params: node, stranger: "node_not_found" },
  "nodes.revoke": { params: node, stranger: "node_not_found" },
  "tools.chain": { params: node, stranger: "node_not_found" },
  "nodes.freeze": { params: node, stranger: "node_not_found" },
  "nodes.thaw": { params: node, stranger: "node_not_found" },
  "nodes.allFrozen": ADMIN,
  "nodes.freezeAll": ADMIN,
  "nodes.adminList": ADMIN,
  "nodes.processes": ADMIN,
  "agent.adminModels": ADMIN,
  "nodes.adminRevoke": { ...ADMIN, params: ({ node: id }) => ({ id }) },
  "nodes.thawAll": ADMIN,
  "nodes.accept": { params: node, stranger: "node_not_found" },
  "nodes.decline": { params: node, stranger: "node_not_found" },
  "nodes.shares": { params: node, stranger: "node_not_found" },
  "nodes.share": { params: (things) => ({ ...node(things), grants: [] }), stranger: "node_not_found" },
  "nodes.pair": { stranger: "edge_off" },
  "nodes.refuse": { params: () => ({ id: "pair_none" }), stranger: "pairing_not_found" },
  "nodes.pairing": { params: () => ({ id: "pair_none" }), stranger: "pairing_not_found" },
  "nodes.confirm": { params: () => ({ id: "pair_none" }), stranger: "edge_off" },
};

let server: ReachedBroker;
let owner: Caller;
let stranger: Caller;
let things: Things;

beforeAll(async () => {
  server = await reachBroker();
  const user = await register(server.url);
  const other = await register(server.url);
  owner = aUser({ user_id: user.id as Caller["user_id"] });
  stranger = aUser({ user_id: other.id as Caller["user_id"] });
  const [begun] = await user.chat({ message: "mine" });
  const key = await user.call<{ key: { id: string } }>("POST", "/users/me/keys", { name: "mine" });
  const uploaded = await user.call<{ file: { id: string } }>("POST", "/files", "mine");
  const admin = aUser({ role: "admin" });
  const { nodes } = (await ask("nodes.list", {}, sign(admin))) as unknown as { nodes: { id: string }[] };
  things = {
    session: String(begun?.data.session_id),
    run: String(begun?.data.run_id),
    key: key.body.key.id,
    node: String(nodes[0]?.id),
    user: user.id,
    file: uploaded.body.file.id,
  };
});
afterAll(() => server.stop());

const sign = (caller: Caller) => server.broker.core.identity.sign(caller);

function ask(
  name: string,
  params: object,
  identity: unknown,
  more: object = {},
): Promise<Record<string, unknown>> {
  return server.broker.call(name, params, { meta: { identity, ...more } });
}

/** The type of the error a call ends with; "own" when it is answered. */
async function outcome(name: string, params: object, identity: unknown, more?: object): Promise<string> {
  try {
    const answer = await ask(name, params, identity, more);
    // Whatever a stranger is answered, none of the owner's things is in it.
    for (const id of Object.values(things)) expect(JSON.stringify(answer ?? null)).not.toContain(id);
    return "own";
  } catch (error) {
    return String((error as { type?: unknown }).type);
  }
}

/** Nobody, and everybody who only says who he is. */
function pretenders(): [string, unknown, object?][] {
  const forged = new Identity(Buffer.alloc(32, 1)).sign({ ...owner, service: "agent" });
  const [body = "", mac = ""] = sign(stranger).split(".");
  const claim = { caller: { ...owner, role: "admin", service: "agent" }, expiresAt: Date.now() + 60_000 };
  const altered = `${Buffer.from(JSON.stringify(claim)).toString("base64url")}.${mac}`;
  const old = server.broker.core.identity.sign({ ...owner, service: "agent" }, Date.now() - 3_600_000);
  return [
    ["no identity", undefined],
    ["an identity signed with another key", forged],
    ["a body that was not signed", altered],
    ["a signature that is missing", body],
    ["an identity that is old", old],
    ["an object instead of a token", { ...owner, service: "agent" }],
    ["bare meta", undefined, { user: owner, caller: owner, user_id: owner.user_id, service: "agent" }],
  ];
}

describe("G16 every action has its declared outcome for whoever calls it", () => {
  test("every action of the broker is in the table, and no other", () => {
    const actions = server.broker.registry.getActionList({ skipInternal: true }) as { name: string }[];
    const served = actions.map(({ name }) => name).filter((name) => name !== "api.rest");
    expect([...PUBLIC, ...INTERNAL, ...Object.keys(USER)].toSorted()).toEqual(served.toSorted());
  });

  test.each([...INTERNAL, ...Object.keys(USER)])("%s answers no pretender", async (name) => {
    for (const [who, identity, more] of pretenders())
      expect([who, await outcome(name, {}, identity, more)]).toEqual([who, "unauthenticated"]);
  });

  test.each(INTERNAL)("%s is for core services only", async (name) => {
    for (const caller of [owner, { ...owner, role: "admin" as const }, { ...stranger, service: "" }])
      expect(await outcome(name, {}, sign(caller))).toBe("forbidden");
    expect(await outcome(name, UNFIT, sign({ ...owner, service: "agent" }))).toBe("invalid_request");
  });

  test.each(Object.entries(USER))("%s lets in whom it is for", async (name, { stranger: refused }) => {
    const isForAdmins = refused === "forbidden";
    expect(await outcome(name, UNFIT, sign(owner))).toBe(isForAdmins ? "forbidden" : "invalid_request");
    expect(await outcome(name, UNFIT, sign({ ...owner, role: "admin" }))).toBe("invalid_request");
  });

  test.each(Object.entries(USER))(
    "%s for another user and for a key without scope",
    async (name, declared) => {
      const { params = () => ({}), stranger: wanted, unscoped = "scope_missing" } = declared;
      expect(await outcome(name, params(things), sign(stranger))).toBe(wanted);
      expect(await outcome(name, {}, sign({ ...stranger, scopes: [] }))).toBe(unscoped);
    },
  );

  test.each(PUBLIC)("%s tells nobody of anybody", async (name) => {
    expect(["own", "invalid_request"]).toContain(await outcome(name, {}, undefined));
  });

  test("an admin's key without the scope admin is not an admin's", async () => {
    const key = aUser({ role: "admin", scopes: ["account", "chat"] });
    expect(await outcome("users.adminList", {}, sign(key))).toBe("forbidden");
    expect(await outcome("nodes.update", { id: things.node }, sign(key))).toBe("scope_missing");
  });
});
