// Large outputs of tools in a cluster of processes: they reach whoever asked whole, over S3 where there is one, and a run with many of
// them can be read.

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import type { Finding } from "../../bin/doctor/finding.ts";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { environment } from "../support/environment.ts";
import { startS3 } from "../support/servers/s3.ts";
import { startServer, type TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Of 5 MB a node keeps head and tail: a mebibyte a stream, and one besides. */
const FLOOD = `export default {
  name: "flood",
  description: "Answers five megabytes.",
  risk: "read",
  runsOn: "node",
  idempotent: true,
  parameters: { type: "object", properties: { letter: { type: "string" } }, required: ["letter"] },
  async execute({ letter }) {
    const text = letter.repeat(5_000_000);
    return { ok: true, stdout: text, stderr: text, data: letter.repeat(1_000_000) };
  },
};
`;

let cluster: Cluster;
let store: LocalServer;
let admin: S3Client;
let url: string;
let node: TestServer;
let gateway: TestServer;
beforeAll(async () => {
  [cluster, store] = await Promise.all([startCluster(), startS3()]);
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  admin = new S3Client({ endpoint: store.url, region: "us-east-1", credentials, forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket: "objects" }));
  url = store.url.replace("http://", "http://key:secret@");
  cluster.settings.S3_URL = `${url}/objects`;
  const home = await mkdtemp(join(tmpdir(), "macjarvis-flood-"));
  await mkdir(join(home, "plugins"));
  await writeFile(join(home, "plugins", "flood.mjs"), FLOOD);
  [node, gateway] = await Promise.all([
    startServer({ ...cluster.settings, SERVICES: "node" }, { home }),
    cluster.add("api"),
    cluster.add("users,quota,sessions,tools,nodes"),
    cluster.add("agent"),
  ]);
  await waitFor(
    "the gateway is ready",
    async () => (await new Client(gateway.url).call("GET", "/health/ready")).status === 200,
  );
});
afterAll(async () => {
  await node.remove();
  await cluster.stop();
  admin.destroy();
  await store.stop();
});

const someone = async () => new Client(gateway.url, (await register(gateway.url)).token);
const inStore = async () => (await admin.send(new ListObjectsV2Command({ Bucket: "objects" }))).KeyCount ?? 0;

type Result = { ok: boolean; stdout: string; stderr: string; data: string; truncated: boolean };

test("a tool's large output reaches who called it, by the store, in which nothing is left", async () => {
  const user = await someone();
  const { status, body } = await user.call<Result>("POST", "/tools/flood/execute", { args: { letter: "a" } });
  expect(status).toBe(200);
  expect([body.stdout.length, body.stderr.length, body.data.length].every((size) => size >= 1_000_000)).toBe(
    true,
  );
  expect(body.truncated).toBe(true);
  await waitFor("the store is empty", async () => (await inStore()) === 0);
});

test("a run whose results together are more than the bus takes is read whole", async () => {
  const user = await someone();
  const message = ["a", "b", "c"].map((letter) => `call:flood ${JSON.stringify({ letter })}`).join("\n");
  const answer = await user.call<{ run_id: string }>("POST", "/agent/chat/sync", { message });
  expect(answer.status).toBe(200);
  type Read = { run: { status: string; steps: { tool_calls: { status: string; result: Result }[] }[] } };
  const { status, body } = await user.call<Read>("GET", `/agent/runs/${answer.body.run_id}`);
  expect([status, body.run?.status]).toEqual([200, "completed"]);
  const calls = body.run.steps.flatMap((step) => step.tool_calls);
  // The letters only: what differs in megabytes is shown for minutes.
  const told = calls.map(({ status, result }) => [status, result.data?.length, result.data?.[0]]);
  expect(told).toEqual(["a", "b", "c"].map((letter) => ["done", 1_000_000, letter]));
  expect(JSON.stringify(body).length).toBeGreaterThan(8 * 1024 * 1024);
  await waitFor("the store is empty", async () => (await inStore()) === 0);
});

test("doctor says whether the store can be used, and what holds without it", () => {
  const doctor = (S3_URL: string) => {
    const env = environment({ ...cluster.settings, S3_URL, MACJARVIS_HOME: gateway.home, SANDBOX: "off" });
    const args = ["bin/doctor.ts", "--json"];
    const { stdout } = spawnSync(join(ROOT, "node_modules/.bin/node"), args, {
      cwd: ROOT,
      env,
      encoding: "utf8",
    });
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    return findings.find(({ check }) => check === "objects");
  };
  expect(doctor(`${url}/objects`)).toMatchObject({
    state: "ok",
    message: expect.stringMatching(/S3 answers/),
  });
  expect(doctor("")).toMatchObject({ state: "ok", message: expect.stringMatching(/off .*at most 8 MB/) });
  expect(doctor(`${url}/another`)).toMatchObject({
    state: "warning",
    message: expect.stringMatching(/bucket does not exist/),
  });
});

test("a start with an address that is none is refused in words", async () => {
  const start = startServer({ ...cluster.settings, SERVICES: "agent", S3_URL: "http://127.0.0.1/objects" });
  await expect(start).rejects.toThrow(/S3_URL cannot be read: it names no access key and secret/);
});
