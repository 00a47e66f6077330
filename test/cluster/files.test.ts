// Files of users in a cluster: their bytes in an S3 store that all processes share, what is known of them in MongoDB. A server on its own
// files moves them there; one process takes a file, others show it; the store may be away or cut off in the middle; without one there are
// no files, and that is said.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LocalServer } from "../../bin/cluster/servers/local-server.ts";
import { Client, register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { environment } from "../support/environment.ts";
import { startS3 } from "../support/servers/s3.ts";
import { startServer, type TestServer } from "../support/start-server.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { upload } from "../support/upload.ts";
import { waitFor } from "../support/wait-for.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = join(ROOT, "node_modules/.bin/node");
const WORD = "The code word is heron.";

let cluster: Cluster;
let store: LocalServer;
let way: TcpProxy;
let admin: S3Client;
let alone: TestServer;
let person: Awaited<ReturnType<typeof register>>;
let moved: string;
let urls: Record<string, string>;
beforeAll(async () => {
  [cluster, store] = await Promise.all([startCluster(), startS3()]);
  way = await startTcpProxy(store.port);
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  admin = new S3Client({ endpoint: store.url, region: "us-east-1", credentials, forcePathStyle: true });
  await admin.send(new CreateBucketCommand({ Bucket: "files" }));
  const { NATS_URL, POSTGRES_URL, MONGO_URL, REDIS_URL, JWT_SECRET, ...own } = cluster.settings;
  urls = { S3_URL: `http://key:secret@127.0.0.1:${way.port}/files` };
  alone = await startServer(own);
  person = await register(alone.url);
  moved = (await upload(person, WORD, { query: "name=word.txt" })).file.id;
  await person.chat({ message: "which word?", files: [moved] });
  await alone.kill("SIGTERM");
});
afterAll(async () => {
  admin.destroy();
  await way.stop();
  await alone.remove();
  await Promise.all([cluster.stop(), store.stop()]);
});

const keys = async () => {
  const { Contents = [] } = await admin.send(new ListObjectsV2Command({ Bucket: "files" }));
  return Contents.map(({ Key = "" }) => Key).filter((key) => key.includes("files/fil_"));
};

function migrate(over: Record<string, string>) {
  const { JWT_SECRET: _unset, ...settings } = cluster.settings;
  const env = environment({ ...settings, MACJARVIS_HOME: alone.home, ...over });
  return new Promise<string>((resolve) => {
    execFile(NODE, ["bin/migrate.ts", "--to", "cluster"], { cwd: ROOT, env }, (_error, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
}

test("a server on its own files moves them with all it has, and not without a store for them", async () => {
  expect(await migrate({})).toContain("set S3_URL");
  expect(await migrate(urls)).toMatch(/files' bytes +2 +2 .* same/);
  expect((await keys()).toSorted()).toEqual([
    expect.stringMatching(new RegExp(`files/${moved}/content$`)),
    expect.stringMatching(new RegExp(`files/${moved}/text$`)),
  ]);
});

let first: TestServer;
let second: TestServer;
test("one process takes a file, another one shows it, and the agent of a third reads it", async () => {
  [first, second] = await Promise.all([
    cluster.add("api,users,quota,tools,nodes,node", urls),
    cluster.add("api", urls),
    cluster.add("agent", urls),
    cluster.add("sessions", urls),
  ]);
  const login = await new Client(first.url).call<{ access_token: string }>("POST", "/users/login", {
    email: person.email,
    password: person.password,
  });
  // The secret of the data folder is another one.
  expect(login.status).toBe(200);
  const [here, there] = [first, second].map(({ url }) => new Client(url, login.body.access_token));
  if (!here || !there) throw new Error("two gateways");
  const response = await there.open("GET", `/files/${moved}/content`);
  expect(await response.text()).toBe(WORD);
  const { status, file } = await upload(here, "The second word is egret.", { query: "name=2.txt" });
  expect(status).toBe(201);
  expect((await there.call("GET", `/files/${file.id}`)).body).toEqual({ file });
  const events = await there.chat({ message: "and this one?", files: [file.id] });
  expect(events.at(-1)?.data.status).toBe("completed");
  expect(JSON.stringify(cluster.fake.requests.at(-1)?.body)).toContain("The second word is egret.");
  expect((await here.call("DELETE", `/sessions/${String(events[0]?.data.session_id)}`)).status).toBe(204);
  await waitFor("its objects are gone", async () => !(await keys()).some((key) => key.includes(file.id)));
  person.token = login.body.access_token;
  person.url = first.url;
});

test("G12 while the store is away an upload is 503, nothing of it is left, and a run that needs a file waits for it", async () => {
  const { file } = await upload(person, "The third word is crane.");
  const before = await keys();
  way.refuse();
  way.cut();
  expect(await upload(person, "lost")).toMatchObject({ status: 503, code: "store_unavailable" });
  const begun = await person.chat({ message: "third?", files: [file.id] }, { until: () => true });
  await way.heal();
  const events = await person.events(String(begun[0]?.data.run_id), 0, ({ event }) => event === "done");
  expect(events.at(-1)?.data.status).toBe("completed");
  expect(JSON.stringify(cluster.fake.requests.at(-1)?.body)).toContain("The third word is crane.");
  const listed = await person.call<{ files: { id: string }[] }>("GET", "/files");
  expect(listed.body.files.map(({ id }) => id).toSorted()).toEqual([file.id, moved].toSorted());
  await waitFor("nothing of it", async () => (await keys()).length === before.length);
});

test("without a store there are no files: files_off", async () => {
  const bare = await cluster.add("api", {});
  const client = new Client(bare.url, person.token);
  expect(await upload(client, "x")).toMatchObject({ status: 409, code: "files_off" });
  expect((await client.open("GET", `/files/${moved}/content`)).status).toBe(409);
  expect((await client.call("GET", `/files/${moved}`)).status).toBe(200);
});
