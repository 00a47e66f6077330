// A cluster whose processes have the NATS users of deploy/compose/nats/roles.conf: each can do all of its work, and nothing of another's.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { headers } from "nats";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { startNats } from "../../bin/cluster/servers/nats.ts";
import { openRunEvents } from "../../lib/cluster/nats/events/open-run-events.ts";
import { openNatsConfig } from "../../lib/cluster/nats/nats-config.ts";
import { type Nats, openNats } from "../../lib/cluster/nats/open-nats.ts";
import { natsOutlet } from "../../lib/cluster/nats/outlet.ts";
import { Client, register, textOf } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { textOf as textOfFile } from "../support/deploy-files.ts";
import { runRepl } from "../support/run-repl.ts";
import { asRole, type NatsRole } from "../support/servers/shipped.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let server: LocalServer;
let cluster: Cluster;
let processes: Record<"core" | "node" | "gateway" | "gateway2" | "agent" | "agent2", TestServer>;
/** The address as the admin has it. */
let admin: { NATS_URL: string };

beforeAll(async () => {
  const roles = textOfFile("deploy/compose/nats/roles.conf").replaceAll(/\$NATS_\w+_PASSWORD/g, '"4e11aa"');
  [server, cluster] = await Promise.all([startNats({ config: roles }), startCluster()]);
  admin = { NATS_URL: `nats://admin:4e11aa@127.0.0.1:${server.port}` };
  const add = (services: string, role: NatsRole) => cluster.add(services, asRole(role, admin));
  const [core, node, gateway, gateway2, agent, agent2] = await Promise.all([
    add("users,quota,sessions,tools,nodes", "core"),
    add("node", "node"),
    add("api", "gateway"),
    add("api", "gateway"),
    add("agent", "agent"),
    add("agent", "agent"),
  ]);
  processes = { core, node, gateway, gateway2, agent, agent2 };
  for (const { url } of [gateway, gateway2])
    await waitFor(
      "the gateway is ready",
      async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
    );
});
afterAll(async () => {
  await cluster?.stop();
  await server?.stop();
});

const repl = (...args: string[]) => runRepl({ ...cluster.settings, ...admin }, ...args);

/** What the server has refused so far: a line for each. */
const refusals = async () =>
  (await readFile(join(server.folder, "log"), "utf8")).match(/\S+ Violation .*$/gm) ?? [];

/** Does it with the connection of a role. @returns what it gave, and what was said of refusals */
async function as<T>(
  role: NatsRole,
  work: (nats: Nats, said: string[]) => Promise<T>,
): Promise<{ result: T; said: string }> {
  const said: string[] = [];
  const { NATS_URL: url } = asRole(role, admin);
  const nats = await openNats({ url, name: `a test as ${role}`, tell: (words) => said.push(words) });
  try {
    const result = await work(nats, said);
    await nats.connection.flush();
    return { result, said: said.join("\n") };
  } finally {
    await nats.close();
  }
}

describe("processes with a user each", () => {
  test("do a chat with a tool, an answer that comes through the other gateway, and a take-over", async () => {
    const user = await register(processes.gateway.url);
    const elsewhere = new Client(processes.gateway2.url, user.token);
    const leave = new AbortController();
    const news = await elsewhere.open("GET", "/events", undefined, {}, leave.signal);
    let heard = "";
    const hearing = (async () => {
      for await (const piece of news.body ?? []) heard += Buffer.from(piece as Uint8Array).toString();
    })().catch(() => undefined);
    await waitFor("everything is heard", () => heard.includes("event: ready"));
    const args = { path: join(cluster.workspace, "asked.txt"), content: "x", create_if_missing: true };
    const asked = await user.chat(
      { message: `call:append_file ${JSON.stringify(args)}` },
      { until: ({ event }) => event === "approval_required" },
    );
    const [run, call] = [asked[0]?.data.run_id, asked.at(-1)?.data.call_id];
    await elsewhere.call("POST", `/agent/runs/${run}/approvals/${call}`, { decision: "approve" });
    expect((await elsewhere.events(String(run))).at(-1)).toMatchObject({
      event: "done",
      data: { status: "completed" },
    });
    expect(await readFile(args.path, "utf8")).toContain("x");
    const parts = [`"run_id":"${run}"`, '"decision":"approve"', '"status":"completed"'];
    await waitFor("it is told what was asked and answered", () =>
      parts.every((part) => heard.includes(part)),
    );
    leave.abort();
    await hearing;

    cluster.fake.script();
    cluster.fake.hold();
    const begun = cluster.fake.waitForRequest(({ body }) => JSON.stringify(body).includes("outlive it"));
    const chat = user.chat({ message: "outlive it" });
    await begun;
    const { body } = await elsewhere.call<{ runs: { id: string }[] }>("GET", "/agent/runs");
    const { stdout } = await repl(`runs journal ${body.runs[0]?.id} --json`);
    const { run: owned } = JSON.parse(stdout) as { run: { owner: string } };
    const owner = [processes.agent, processes.agent2].find((one) => one.output().includes(owned.owner));
    await owner?.kill("SIGKILL");
    cluster.fake.release();
    const told = await chat;
    expect(told.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
    expect(told.map(({ id }) => id)).toEqual(told.map((_, index) => index + 1));
    expect(textOf(told)).not.toBe("");
  });

  test("change settings while they run, and are asked and told by the administration", async () => {
    const key = new Client(processes.gateway.url, await processes.core.ownerKey());
    expect((await key.call("PUT", "/admin/config", { anonymous_per_minute: 5 })).status).toBe(200);
    const nobody = new Client(processes.gateway2.url);
    await waitFor("it holds", async () => (await nobody.call("GET", "/plans")).status === 429);
    await key.call("POST", "/admin/config/revert", {});
    const { status, stdout } = await repl("nodes --json");
    expect(status).toBe(0);
    const { nodes } = JSON.parse(stdout) as { nodes: { services: string[] }[] };
    expect(nodes.flatMap(({ services }) => services)).toEqual(
      expect.arrayContaining(["api", "agent", "users", "node"]),
    );
    expect((await repl("config set max_steps 9 --yes")).status).toBe(0);
  });

  test("and nothing of all that was refused", async () => {
    expect(await refusals()).toEqual([]);
  });
});

describe("a gateway's credential", () => {
  test("writes no run, and is told so", async () => {
    const before = await as("admin", async (nats) => lastOf(nats));
    const { said } = await as("gateway", async (nats, soFar) => {
      nats.publish("mj.run.x", "forged");
      const rollup = headers();
      rollup.set("Nats-Rollup", "all");
      nats.publish("mj.probe", "", { headers: rollup });
      await waitFor("both are refused", () => soFar.length === 2);
    });
    expect(said).toMatch(/does not let this process say anything on mj\.run\.x\./);
    expect(said).toMatch(/on mj\.probe\./);
    expect((await as("admin", async (nats) => lastOf(nats))).result).toEqual(before.result);
  });

  test.each<[string, (nats: Nats) => Promise<unknown>]>([
    ["purge the stream", async (nats) => (await managerOf(nats)).streams.purge("RUNS")],
    ["delete the stream", async (nats) => (await managerOf(nats)).streams.delete("RUNS")],
    [
      "change the stream",
      async (nats) => (await managerOf(nats)).streams.update("RUNS", { max_age: 1_000_000_000 }),
    ],
    [
      "have the stream told to others",
      async (nats) =>
        (await managerOf(nats)).consumers.add("RUNS", { name: "x", deliver_subject: "mj.signal.x" }),
    ],
  ])("does not %s", async (_, work) => {
    const { result } = await as("gateway", (nats) => work(nats).catch((thrown: Error) => thrown));
    expect(result).toMatchObject({ cause: { name: "PermissionViolationError", operation: "publish" } });
  });

  test("reads runs of a stream that is kept otherwise than it would keep it, and leaves it so", async () => {
    const kept = async (nats: Nats) => (await (await managerOf(nats)).streams.info("RUNS")).config.max_age;
    const { result, said } = await as("gateway", async (nats) => {
      const before = await kept(nats);
      const events = await openRunEvents(nats, { isWriter: false, maxAgeMs: 86_400_000 });
      await events.close();
      return [before, await kept(nats)];
    });
    expect(result[1]).toBe(result[0]);
    expect(said).toBe("");
  });

  test("reads the settings and does not write them", async () => {
    expect((await repl("config set max_steps 8 --yes")).status).toBe(0);
    const { result, said } = await as("gateway", async (nats) => {
      const config = await openNatsConfig(nats, { isWriter: false });
      const [read, written] = [
        await config.read(),
        await config.write(0, { forged: true }).catch((thrown) => thrown),
      ];
      config.close();
      return { read, written };
    });
    expect(result.read?.document).toBeDefined();
    expect(result.written).toMatchObject({ type: "store_unavailable" });
    expect(said).toMatch(/say anything on \$KV\.mj_config\.settings\./);
  });
});

describe("who hears what", () => {
  /** Whether it hears what is said there. */
  const hears = async (role: NatsRole, subject: string, example: string) => {
    const { result, said } = await as(role, async (nats) => {
      const heard: string[] = [];
      nats.connection.subscribe(subject, {
        callback(error, message) {
          if (error === null) heard.push(message.subject);
        },
      });
      await nats.connection.flush();
      await as("admin", async (other) => other.publish(example, "secret"));
      await nats.connection.flush();
      return heard;
    });
    return { heard: result.length > 0, said };
  };

  test.each<[NatsRole, string, string]>([
    ["node", "mj.live.>", "mj.live.x"],
    ["node", "mj.event.>", "mj.event.run.ended"],
    ["node", "mj.signal.>", "mj.signal.run.x"],
    ["node", "_INBOX.>", "_INBOX.gateway.x"],
    ["node", "MOL-macjarvis.REQ.core.>", "MOL-macjarvis.REQ.core.1"],
    ["node", "MOL-macjarvis.>", "MOL-macjarvis.RES.api.1"],
    ["gateway", "MOL-macjarvis.REQ.core.>", "MOL-macjarvis.REQ.core.1"],
    ["gateway", "_INBOX.agent.>", "_INBOX.agent.x"],
    ["core", "mj.live.>", "mj.live.x"],
    ["agent", "MOL-macjarvis.REQ.core.>", "MOL-macjarvis.REQ.core.1"],
  ])("%s does not hear %s", async (role, subject, example) => {
    const { heard, said } = await hears(role, subject, example);
    expect(heard).toBe(false);
    expect(said).toContain(`does not let this process hear anything on ${subject}.`);
  });

  test.each<[NatsRole, string, string]>([
    ["gateway", "mj.live.*", "mj.live.x"],
    ["admin", "mj.event.>", "mj.event.run.ended"],
    ["node", "MOL-macjarvis.REQ.node.1", "MOL-macjarvis.REQ.node.1"],
  ])("%s hears %s", async (role, subject, example) => {
    expect(await hears(role, subject, example)).toEqual({ heard: true, said: "" });
  });
});

describe("what is refused", () => {
  const event = { id: "e", type: "run.ended", at: 0, data: {} } as never;

  test("is no event that was told: it waits to be told again", async () => {
    const { result } = await as("node", (nats) =>
      Promise.resolve(natsOutlet(nats).publish(event)).catch((thrown: Error) => thrown),
    );
    expect(result).toMatchObject({ type: "store_unavailable" });
    expect((await as("core", async (nats) => natsOutlet(nats).publish(event))).result).toBe(true);
  });

  test("ends nothing, and is said once of subjects of a kind", async () => {
    const { result, said } = await as("node", async (nats) => {
      for (const run of ["a", "b", "c"]) nats.publish(`mj.run.${run}`, "");
      await nats.connection.flush();
      return nats.check();
    });
    expect(result).toBeUndefined();
    expect(said.match(/mj\.run/g)).toHaveLength(1);
  });

  test("a process with the user of another role is told which it needs, and does not start", async () => {
    await expect(cluster.add("agent", asRole("gateway", admin))).rejects.toThrow(
      /does not let this process hear|PermissionViolation|Permissions Violation/,
    );
  });
});

async function managerOf(nats: Nats) {
  return jetstreamManager(nats.connection, { checkAPI: false, timeout: 3_000 });
}

async function lastOf(nats: Nats) {
  const { state } = await (await managerOf(nats)).streams.info("RUNS");
  return { last: state.last_seq, first: state.first_seq, messages: state.messages };
}
