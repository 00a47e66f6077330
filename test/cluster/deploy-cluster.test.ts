// The cluster of docker-compose.yml without its containers: three nats-servers, Redis and PostgreSQL over TLS with the certificates of
// its first step, two gateways behind its nginx. MongoDB is on loopback and in clear: what stands in for it here has no TLS.
import { chownSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect, getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import type { LocalServer as DatabaseServer } from "../../bin/cluster/servers/local-server.ts";
import { ownerBesidesRoot } from "../../bin/cluster/servers/owner.ts";
import { newDatabase, startPostgres } from "../../bin/cluster/servers/postgres.ts";
import { openNatsConfig } from "../../lib/cluster/nats/nats-config.ts";
import { openNats } from "../../lib/cluster/nats/open-nats.ts";
import { type AnyEvent, Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { deployedQueries } from "../support/deploy-queries.ts";
import { missingOn } from "../support/promql.ts";
import {
  asRole,
  makeCertificates,
  startShippedNats,
  startShippedNginx,
  startShippedRedis,
} from "../support/servers/shipped.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const certificates = makeCertificates();
const usualAuthorities = getCACertificates("default");
const PASSWORD = "4e11aa";
let cluster: Cluster;
let servers: DatabaseServer[] = [];
let nginx: DatabaseServer;
let gateways: [TestServer, TestServer];
let rest: TestServer;
let processes: TestServer[];
let stores: Record<string, string>;

async function startStores(): Promise<Record<string, string>> {
  const of = join(certificates.folder, "postgres");
  const owner = ownerBesidesRoot();
  if (owner) for (const name of [".", ...readdirSync(of)]) chownSync(join(of, name), owner.uid, owner.gid);
  const [nats, redis, postgres] = await Promise.all([
    startShippedNats({ certificates: certificates.folder, password: PASSWORD }),
    startShippedRedis(certificates.folder, PASSWORD),
    startPostgres({ ssl: "on", ssl_cert_file: join(of, "cert.pem"), ssl_key_file: join(of, "key.pem") }),
  ]);
  servers = [...nats, redis, postgres];
  const database = (await newDatabase(postgres)).replace("127.0.0.1", "localhost");
  return {
    NATS_URL: nats.map(({ url }) => url).join(","),
    REDIS_URL: redis.url,
    POSTGRES_URL: `${database}?sslmode=verify-full`,
    NODE_EXTRA_CA_CERTS: certificates.authorityFile,
    METRICS_PORT: "0",
  };
}

beforeAll(async () => {
  cluster = await startCluster();
  stores = await startStores();
  processes = await Promise.all([
    cluster.add("users,quota,sessions,tools,nodes,node", { ...stores, ...asRole("core", stores) }),
    cluster.add("api", { ...stores, ...asRole("gateway", stores) }),
    cluster.add("api", { ...stores, ...asRole("gateway", stores) }),
    cluster.add("agent", { ...stores, ...asRole("agent", stores) }),
  ]);
  rest = processes[0] as TestServer;
  gateways = processes.slice(1, 3) as [TestServer, TestServer];
  const [one, two] = gateways.map(({ url }) => new URL(url).host);
  nginx = await startShippedNginx(certificates.folder, [one ?? "", two ?? ""]);
  setDefaultCACertificates([...usualAuthorities, certificates.authority]);
  for (const { url } of gateways)
    await waitFor(
      "the gateway is ready",
      async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
    );
});
afterAll(async () => {
  setDefaultCACertificates(usualAuthorities);
  await nginx?.stop();
  await cluster?.stop();
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(certificates.folder, { recursive: true });
});

/** Known at a gateway, and talking through nginx from then on. */
async function someone(): Promise<Client> {
  // A process that has just lost its NATS server refuses until it has another one.
  const user = await waitFor("somebody can register", () => register(gateways[0].url).catch(() => undefined));
  return new Client(nginx.url, user.token);
}

const said = (events: AnyEvent[]) =>
  events.flatMap(({ event, data }) => (event === "content" ? [data.text] : [])).join("");

describe("processes over TLS", () => {
  test("say on a port of their own that they are well, and show every metric that the dashboard and the alerts ask for", async () => {
    const user = await someone();
    const args = { path: join(cluster.workspace, "asked.txt"), content: "x", create_if_missing: true };
    const events = await user.chat(
      { message: `call:append_file ${JSON.stringify(args)}` },
      { until: ({ event }) => event === "approval_required" },
    );
    const [run, call] = [events[0]?.data.run_id, events.at(-1)?.data.call_id];
    await user.call("POST", `/agent/runs/${run}/approvals/${call}`, { decision: "approve" });
    await user.events(String(run));
    const pages = processes.map((one) => /"metrics":"([^"]+)"/.exec(one.output())?.[1] ?? "");
    const shown = async () =>
      (await Promise.all(pages.map(async (url) => (await fetch(url)).text()))).join("");
    await waitFor(
      "everything is counted",
      async () => missingOn(await shown(), deployedQueries()).length === 0,
    );
    for (const url of pages) {
      expect(await (await fetch(new URL("/health/live", url))).text()).toBe("live\n");
      expect((await fetch(new URL("/health/ready", url))).status).toBe(200);
    }
    expect((await shown()).match(/^macjarvis_ready 1$/gm)).toHaveLength(pages.length);
  });

  test("do not take a certificate of an authority that nobody has told them of", async () => {
    const stranger = cluster.add("api", { ...stores, NODE_EXTRA_CA_CERTS: "" });
    await expect(stranger).rejects.toThrow(/certificate/i);
  });
});

test("what NATS keeps is on all three servers, also where one process had made it before there were three", async () => {
  const [one = ""] = (stores.NATS_URL ?? "").split(",");
  const nats = await openNats({ url: one, name: "a test" });
  try {
    const manager = await jetstreamManager(nats.connection);
    const copies = async (stream: string) => (await manager.streams.info(stream)).config.num_replicas;
    expect([await copies("RUNS"), await copies("KV_mj_config")]).toEqual([3, 3]);
    for (const replicas of [1, 3, 1]) (await openNatsConfig(nats, { bucket: "grown", replicas })).close();
    expect(await copies("KV_grown")).toBe(3);
  } finally {
    await nats.close();
  }
});

test("any of the three nats-servers dies while a model answers, and its readers lose nothing", async () => {
  for (const nats of servers.slice(0, 3)) {
    const user = await someone();
    const gate = Promise.withResolvers<void>();
    cluster.fake.script([{ text: ["before ", "after"], gate: gate.promise, gateAfter: 1 }]);
    const begun = await user.chat(
      { message: "outlive a server" },
      { until: ({ event, data }) => event === "content" && String(data.text).includes("before") },
    );
    await nats.kill();
    gate.resolve();
    const run = String(begun[0]?.data.run_id);
    const told: AnyEvent[] = [];
    await waitFor("the run is told to its end", async () => {
      told.splice(0, told.length, ...(await user.events(run).catch(() => [])));
      return told.at(-1)?.event === "done";
    });
    expect(said(told)).toBe("before after");
    expect(told.map(({ id }) => id)).toEqual(told.map((_, index) => index + 1));
    await nats.restart();
    for (const { url } of gateways)
      await waitFor(
        "the gateway is ready again",
        async () => (await new Client(url).call("GET", "/health/ready")).status === 200,
      );
  }
});

describe("nginx of docker-compose.yml", () => {
  test("passes events on as they come, and a reader that was cut off goes on where it was", async () => {
    const user = await someone();
    const gate = Promise.withResolvers<void>();
    cluster.fake.script([{ text: ["first ", "second"], gate: gate.promise, gateAfter: 1 }]);
    const begun = await user.chat(
      { message: "word by word" },
      { until: ({ event, data }) => event === "content" && String(data.text).includes("first") },
    );
    // Nothing more is said before this.
    gate.resolve();
    const run = String(begun[0]?.data.run_id);
    const more = await user.events(run, begun.at(-1)?.id);
    expect(more[0]?.id).toBe((begun.at(-1)?.id ?? 0) + 1);
    expect(said([...begun, ...more])).toBe("first second");
    expect(more.at(-1)).toMatchObject({ event: "done", data: { status: "completed" } });
  });

  test("keeps nothing of a body: one that is too large is refused by the gateway before it was sent", async () => {
    const { token } = await someone();
    const { port } = new URL(nginx.url);
    const socket = connect({ port: Number(port), servername: "localhost" });
    const head = [
      "POST /api/v1/agent/chat HTTP/1.1",
      "Host: localhost",
      `Authorization: Bearer ${token}`,
      "Content-Type: application/json",
      "Content-Length: 300000000",
      "Connection: close",
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n{`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain("body_too_large");
  });

  test("sends no POST twice: of those that a gateway dies over the client hears, and each is one run", async () => {
    const user = await someone();
    cluster.fake.script();
    cluster.fake.hold();
    const asked = [1, 2, 3, 4].map((number) =>
      user.call("POST", "/agent/chat/sync", { message: `once ${number}` }),
    );
    const runs = async () =>
      (await user.call<{ runs: { id: string }[] }>("GET", "/agent/runs")).body.runs.length;
    await waitFor("all four run", async () => (await runs()) === 4);
    await gateways[0].kill("SIGKILL");
    // The second one may be asked more than the half: two of the others are answered, or more.
    cluster.fake.release();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 502).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(0);
    expect(statuses.filter((status) => status === 200 || status === 502)).toHaveLength(4);
    expect(await runs()).toBe(4);
  });

  test("goes past a gateway that is dead, with questions and with orders", async () => {
    const user = new Client(nginx.url, (await register(gateways[1].url)).token);
    for (let index = 0; index < 10; index += 1)
      expect((await user.call("GET", "/agent/runs")).status).toBe(200);
    for (let index = 0; index < 4; index += 1)
      expect((await user.chat({ message: `order ${index}` })).at(-1)?.event).toBe("done");
  });

  test("tells a 503 and its Retry-After on as they are", async () => {
    const user = new Client(nginx.url, (await register(gateways[1].url)).token);
    await rest.kill("SIGTERM");
    await waitFor("the gateway misses the rest", async () => {
      const { status, headers } = await user.call("GET", "/health/ready");
      return status === 503 && headers.get("retry-after") === "2";
    });
    expect((await user.call<{ status: string }>("GET", "/health/ready")).body.status).toBe("not_ready");
  });
});
