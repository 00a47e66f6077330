// Two machines of the core, each a process with `SERVICES=node` and a data folder of its own: a call goes to the one it names.
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Node } from "../../contracts/nodes.ts";
import { type AnyEvent, Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const NAMES = ["first", "second"] as const;
type Name = (typeof NAMES)[number];
let cluster: Cluster;
let user: Awaited<ReturnType<typeof register>>;
const machines = {} as Record<Name, TestServer>;
const ids = {} as Record<Name, string>;

const folderOf = (name: Name) => join(cluster.workspace, name);
const nodes = async () => (await user.call<{ nodes: Node[] }>("GET", "/nodes")).body.nodes;
/** Not waited for: it is refused where its machine is away. */
const look = (node_id: string) =>
  user.call("POST", "/tools/list_directory/execute", { args: { path: "." }, node_id, wait_s: 0 });
const isThere = (id: string) => async () =>
  (await nodes()).find((node) => node.id === id)?.status === "online";

beforeAll(async () => {
  cluster = await startCluster();
  for (const name of NAMES) {
    await mkdir(folderOf(name));
    await writeFile(join(folderOf(name), `only-on-the-${name}`), name);
  }
  const machine = (name: Name) => cluster.add("node", { TOOL_ROOTS: folderOf(name) });
  const [gateway, first, second] = await Promise.all([
    cluster.add("api"),
    machine("first"),
    machine("second"),
    cluster.add("users,quota,sessions,tools,nodes"),
    cluster.add("agent"),
  ]);
  Object.assign(machines, { first, second });
  await waitFor(
    "the gateway",
    async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
  );
  user = await register(gateway.url);
  await user.call("PUT", "/users/me/policy", { rules: [{ risk: "write", decision: "allow" }] });
  await waitFor("both machines", async () => (await nodes()).length === 2);
  for (const { id } of await nodes()) {
    const { body } = await look(id);
    ids[JSON.stringify(body).includes("only-on-the-first") ? "first" : "second"] = id;
  }
});
afterAll(() => cluster.stop());

describe("two machines of one cluster", () => {
  test("each has an entry of its own, and what each can do", async () => {
    expect(new Set(Object.values(ids)).size).toBe(2);
    for (const node of await nodes())
      expect(node).toMatchObject({ status: "online", tools: expect.arrayContaining(["list_directory"]) });
    const { body } = await user.call<{ tools: { name: string; nodes: string[] }[] }>("GET", "/tools");
    const listing = body.tools.find(({ name }) => name === "list_directory");
    expect(listing?.nodes.toSorted()).toEqual(Object.values(ids).toSorted());
  });

  test.each(NAMES)("a call that names the %s one runs there and nowhere else", async (name) => {
    const args = { path: `written-for-${name}`, content: name };
    expect((await user.call("POST", "/tools/write_file/execute", { args, node_id: ids[name] })).status).toBe(
      200,
    );
    for (const other of NAMES)
      expect((await readdir(folderOf(other))).includes(args.path)).toBe(other === name);
  });

  test.each(NAMES)("a run that names the %s one works there", async (name) => {
    cluster.fake.script([
      { toolCalls: [{ name: "list_directory", arguments: { path: "." } }] },
      { text: ["seen"] },
    ] as never);
    const events: AnyEvent[] = await user.chat({ message: "what is there", node_id: ids[name] });
    expect(events.find(({ event }) => event === "tool_start")?.data).toMatchObject({ node_id: ids[name] });
    expect(JSON.stringify(events.find(({ event }) => event === "tool_result"))).toContain(
      `only-on-the-${name}`,
    );
  });

  test("one that is killed is offline, its calls are refused and the other one's are not; it comes back as who it was", async () => {
    const { second } = machines;
    process.kill(second.pid, "SIGKILL");
    await waitFor("it is known to be away", async () => !(await isThere(ids.second)()));
    const refused = await look(ids.second);
    expect(refused).toMatchObject({ status: 503, body: { code: "node_offline" } });
    expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
    expect((await look(ids.first)).status).toBe(200);
    machines.second = await second.restart();
    await waitFor("it is back", isThere(ids.second));
    expect(await nodes()).toHaveLength(2);
    expect(JSON.stringify((await look(ids.second)).body)).toContain("only-on-the-second");
  });
});
