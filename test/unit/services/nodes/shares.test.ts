// Whose a Mac is, with whom it is shared, and what of it: as people see it, and as calls are judged by it.
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Caller } from "../../../../contracts/access.ts";
import type { CallId, NodeId, SessionId } from "../../../../contracts/ids.ts";
import type { PolicyRule } from "../../../../contracts/policy.ts";
import type { Share } from "../../../../contracts/shares.ts";
import { type NodesBroker, startNodes } from "./nodes-broker.ts";

type Person = Awaited<ReturnType<NodesBroker["person"]>>;

let stack: NodesBroker;
let [owner, friend, stranger, admin] = [] as unknown as [Person, Person, Person, Person];
let mac: NodeId;
beforeAll(async () => {
  stack = await startNodes();
  owner = await stack.person("ada");
  friend = await stack.person("bob");
  stranger = await stack.person("eve");
  admin = await stack.person("root", { role: "admin" });
  // Away: nobody is asked what a call would do there.
  mac = await stack.macOf(owner, "studio", { online_until: 0 });
});
afterAll(() => stack.stop());

const share = (...grants: object[]) => stack.as(owner, "nodes.share", { id: mac, grants: grants as Share[] });
const seenBy = async (caller: Caller) => (await stack.as(caller, "nodes.list", {})).nodes;
/** Of machines: what the server runs itself everybody has. */
const toolsOf = async (caller: Caller) =>
  (await stack.as(caller, "tools.list", {})).tools
    .filter(({ runs_on }) => runs_on === "node")
    .map(({ name }) => name);
const plan = async (caller: Caller, name: string) => {
  const calls = [{ call_id: "call_1" as CallId, name, args: {} }];
  const params = { session_id: "ses_1" as SessionId, calls };
  const [planned] = (await stack.as({ ...caller, service: "agent" }, "tools.plan", params)).calls;
  return planned;
};

describe("a Mac", () => {
  test("G32 is its owner's alone until it is shared: not an admin's either", async () => {
    await share();
    expect(await seenBy(owner)).toMatchObject([{ id: mac, name: "studio", status: "offline" }]);
    for (const other of [friend, stranger, admin]) {
      expect(await seenBy(other)).toEqual([]);
      for (const refused of [
        stack.as(other, "nodes.get", { id: mac }),
        stack.as(other, "nodes.update", { id: mac, name: "mine" }),
        stack.as(other, "nodes.revoke", { id: mac }),
        stack.as(other, "nodes.shares", { id: mac }),
        stack.as(other, "nodes.share", { id: mac, grants: [] }),
        stack.as(other, "tools.list", { node_id: mac }),
      ])
        await expect(refused).rejects.toMatchObject({ type: "node_not_found" });
      expect(await plan(other, "read_file")).toMatchObject({ error: { code: "unknown_tool" } });
    }
  });

  test("is renamed and labelled by its owner", async () => {
    const labels = { room: "studio" };
    const { node } = await stack.as(owner, "nodes.update", { id: mac, name: "in the studio", labels });
    expect(node).toMatchObject({ name: "in the studio", labels });
    await stack.as(owner, "nodes.update", { id: mac, name: "studio", labels: {} });
  });

  test("is offline when hubs do not hear it any more, and it is known what it can do", async () => {
    const there = await stack.macOf(stranger, "there");
    expect(await seenBy(stranger)).toMatchObject([{ status: "online" }]);
    await stack.as(stranger, "nodes.revoke", { id: there });
    const away = await stack.macOf(stranger, "away", { online_until: Date.now() - 1 });
    expect(await seenBy(stranger)).toMatchObject([
      { status: "offline", tools: expect.arrayContaining(["read_file"]) },
    ]);
    await stack.as(stranger, "nodes.revoke", { id: away });
    expect(await seenBy(stranger)).toEqual([]);
  });
});

const accept = (caller: Caller) => stack.as(caller, "nodes.accept", { id: mac });

describe("a Mac that is offered", () => {
  test("G32 is seen, and nothing of it reaches anybody's model or calls before it is accepted", async () => {
    await share({ email: friend.email, decision: "allow" });
    expect(await seenBy(friend)).toMatchObject([{ id: mac, shared_by: "ada", accepted: false }]);
    expect(await toolsOf(friend)).toEqual([]);
    expect(await plan(friend, "read_file")).toMatchObject({ error: { code: "unknown_tool" } });
    await expect(stack.as(friend, "tools.list", { node_id: mac })).rejects.toMatchObject({
      type: "node_not_found",
    });
    expect(await accept(friend)).toMatchObject({ node: { accepted: true } });
    await accept(friend);
    expect(await toolsOf(friend)).toContain("read_file");
  });

  test("stays accepted when its owner changes what is shared, and is gone when it is declined", async () => {
    await share({ email: friend.email, tools: ["read_file"], decision: "allow" });
    expect(await toolsOf(friend)).toEqual(["read_file"]);
    await stack.as(friend, "nodes.decline", { id: mac });
    expect(await seenBy(friend)).toEqual([]);
    await share({ email: friend.email, decision: "allow" });
    expect(await seenBy(friend)).toMatchObject([{ accepted: false }]);
  });

  test("is accepted and declined by whom it is shared with only", async () => {
    for (const other of [stranger, admin, owner])
      for (const action of ["nodes.accept", "nodes.decline"] as const)
        await expect(stack.as(other, action, { id: mac })).rejects.toMatchObject({ type: "node_not_found" });
  });
});

describe("a Mac that is shared", () => {
  test("shows what of it is shared, and whose it is; nothing else of it can be called", async () => {
    await share({ email: friend.email, risks: ["read", "execute"], decision: "allow" });
    await accept(friend);
    expect(await seenBy(friend)).toMatchObject([
      { id: mac, shared_by: "ada", tools: ["read_file", "run_script"] },
    ]);
    expect(await toolsOf(friend)).toEqual(["read_file", "run_script"]);
    expect(await plan(friend, "read_file")).toMatchObject({ node_id: mac, decision: "allow" });
    expect(await plan(friend, "write_file")).toMatchObject({
      ...{ decision: "deny", node_id: mac },
      error: { code: "tool_denied", message: expect.stringContaining("shared") },
    });
    await expect(stack.as(friend, "tools.execute", { name: "write_file", args: {} })).rejects.toMatchObject({
      type: "tool_denied",
    });
    expect(await plan(owner, "write_file")).toMatchObject({ node_id: mac, decision: "ask" });
  });

  test("is not changed, shared on or revoked by whom it is shared with", async () => {
    await share({ user_id: friend.user_id, decision: "allow" });
    for (const refused of [
      stack.as(friend, "nodes.update", { id: mac, name: "mine" }),
      stack.as(friend, "nodes.share", { id: mac, grants: [] }),
      stack.as(friend, "nodes.shares", { id: mac }),
      stack.as(friend, "nodes.revoke", { id: mac }),
    ])
      await expect(refused).rejects.toMatchObject({ type: "node_not_found" });
    expect(await stack.as(friend, "nodes.get", { id: mac })).toMatchObject({ node: { shared_by: "ada" } });
  });

  test("denies what one grant denies, and is gone for whom nothing is allowed", async () => {
    await share(
      { user_id: friend.user_id, decision: "allow" },
      { email: friend.email, tools: ["read_file"], decision: "deny" },
    );
    expect(await toolsOf(friend)).toEqual(["write_file", "run_script"]);
    await share({ email: friend.email, decision: "deny" });
    expect(await seenBy(friend)).toEqual([]);
    await share();
    expect(await toolsOf(friend)).toEqual([]);
  });

  test("without a sandbox executes for its owner only, whatever role others have", async () => {
    const rules = [{ decision: "allow" }] as PolicyRule[];
    for (const caller of [owner, admin]) await stack.as(caller, "tools.setPolicy", { rules });
    await share({ email: admin.email, decision: "allow" });
    await accept(admin);
    expect(await plan(admin, "run_script")).toMatchObject({
      ...{ decision: "deny", error: { message: expect.stringContaining("owner") } },
    });
    expect(await plan(owner, "run_script")).toMatchObject({ decision: "allow" });
  });

  test("tells nobody whether an address or an id has an account, and gives nothing to one that is made later", async () => {
    const grants = [
      { email: "nobody@example.com", decision: "allow" },
      { email: friend.email.toUpperCase(), decision: "allow" },
      { user_id: "usr_none", decision: "allow" },
    ];
    const expected = grants.map((grant) =>
      "email" in grant ? { ...grant, email: grant.email?.toLowerCase() } : grant,
    );
    expect(await share(...grants)).toEqual({ grants: expected });
    expect(await stack.as(owner, "nodes.shares", { id: mac })).toEqual({ grants: expected });
    expect(await seenBy(friend)).toHaveLength(1);
    expect(await seenBy(await stack.person("nobody"))).toEqual([]);
  });

  test("a share that names nobody, or two, is refused", async () => {
    for (const grant of [
      { decision: "allow" },
      { email: friend.email, user_id: friend.user_id, decision: "allow" },
    ])
      await expect(share(grant)).rejects.toMatchObject({ type: "invalid_request" });
  });

  test("is lost with the Mac, and with the account of whom it is shared with", async () => {
    const leaver = await stack.person("leaver");
    await share({ email: leaver.email, decision: "allow" }, { email: friend.email, decision: "allow" });
    await stack.as({ ...leaver, service: "users" }, "nodes.removeUser", { user_id: leaver.user_id });
    expect(await stack.as(owner, "nodes.shares", { id: mac })).toMatchObject({
      grants: [{ email: friend.email }],
    });
    await stack.as(owner, "nodes.revoke", { id: mac });
    expect(await seenBy(friend)).toEqual([]);
    expect(await toolsOf(owner)).toEqual([]);
  });
});
