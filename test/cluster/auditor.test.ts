// The auditor reads the stores of a cluster as it reads a data folder, and sees what does not belong there.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jetstreamManager } from "@nats-io/jetstream";
import { type Document, MongoClient } from "mongodb";
import { connect } from "nats";
import pg from "pg";
import { readClusterRecords } from "../support/auditor/cluster-records.ts";
import { auditRecords } from "../support/auditor.ts";
import { register } from "../support/client.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import type { TestServer } from "../support/start-server.ts";
import { waitFor } from "../support/wait-for.ts";

let cluster: Cluster;
let whole: TestServer;
let run: string;
beforeAll(async () => {
  cluster = await startCluster();
  whole = await cluster.add("api,users,quota,sessions,agent,tools,nodes,node");
  const user = await register(whole.url);
  await user.call("PUT", "/users/me/policy", { rules: [{ tool: "append_file", decision: "allow" }] });
  const args = { path: join(cluster.workspace, "note"), content: "once\n", create_if_missing: true };
  const told = await user.chat({ message: `call:append_file ${JSON.stringify(args)}` });
  run = String(told[0]?.data.run_id);
  await waitFor("the run is closed", async () => (await found()).length === 0);
});
afterAll(() => cluster.stop());

async function found(): Promise<string[]> {
  const { NATS_URL: nats = "", POSTGRES_URL: postgres = "", MONGO_URL: mongo = "" } = cluster.settings;
  return auditRecords(await readClusterRecords({ nats, postgres, mongo, nodeHome: whole.home }));
}

async function inMongo<T>(name: string, work: (documents: ReturnType<typeof collection>) => Promise<T>) {
  const client = new MongoClient(cluster.settings.MONGO_URL ?? "");
  return work(collection(client, name)).finally(() => client.close());
}

const collection = (client: MongoClient, name: string) =>
  client.db().collection<Document & { _id: string }>(name);

async function inPostgres(sql: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client(cluster.settings.POSTGRES_URL);
  await client.connect();
  await client.query(sql, values).finally(() => client.end());
}

describe("the auditor of a cluster", () => {
  test("finds nothing where nothing happened, and has read the journal of the node", async () => {
    expect(await found()).toEqual([]);
    expect(await readdir(join(whole.home, "node"))).not.toEqual([]);
  });

  test("G1 sees a message that is stored twice", async () => {
    await inMongo("message_pages", async (pages) => {
      const page = await pages.findOne({});
      const [message] = (page?.messages ?? []) as string[];
      await pages.updateOne({ _id: String(page?._id) }, { $push: { messages: message } as never });
      expect(await found()).toEqual(expect.arrayContaining([expect.stringMatching(/^G1: .* stored twice/)]));
      await pages.updateOne({ _id: String(page?._id) }, { $pop: { messages: 1 } as never });
    });
    expect(await found()).toEqual([]);
  });

  test("G4 sees a run that has not ended", async () => {
    const set = (status: string) =>
      inMongo("runs", (runs) => runs.updateOne({ _id: run }, { $set: { status } as never }));
    await set("running");
    expect(await found()).toContain(`G4: run ${run} is running`);
    await set("completed");
  });

  test("G7 sees a hold that is left, and money that nobody spent", async () => {
    // Of now: an old one without a run is freed by the agent.
    const now = new Date().toISOString();
    await inPostgres("INSERT INTO holds VALUES ('u', 'r', '2026-01-01', 1, 1, $1)", [now]);
    expect(await found()).toEqual(["G7: 1 holds are left"]);
    await inPostgres("DELETE FROM holds");
    await inPostgres("UPDATE usage_days SET output_tokens = output_tokens + 1");
    expect(await found()).toEqual([expect.stringMatching(/^G7: output_tokens of/)]);
    await inPostgres("UPDATE usage_days SET output_tokens = output_tokens - 1");
  });

  test("G31 sees a changed and a removed row of the audit trail", async () => {
    await inPostgres("UPDATE audit SET details = replace(details, 'completed', 'cancelled')");
    expect(await found()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^G31: row \d+ of the audit/)]),
    );
    await inPostgres("UPDATE audit SET details = replace(details, 'cancelled', 'completed')");
    expect(await found()).toEqual([]);
    await inPostgres("UPDATE audit SET seq = seq + 1000 WHERE subject = $1 AND entry = 'run.ended'", [run]);
    expect(await found()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^G31: row \d+ of the audit/)]),
    );
    await inPostgres("UPDATE audit SET seq = seq - 1000 WHERE subject = $1 AND entry = 'run.ended'", [run]);
  });

  test("G9 sees an event that is missing", async () => {
    const connection = await connect({ servers: cluster.settings.NATS_URL ?? "" });
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info("RUNS");
    for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
      const message = await streams.getMessage("RUNS", { seq });
      if (!message?.subject.startsWith("mj.run.")) continue;
      await streams.deleteMessage("RUNS", seq);
      break;
    }
    await connection.close();
    expect(await found()).toEqual(expect.arrayContaining([expect.stringMatching(/^G9: event 1 has number/)]));
  });
});
