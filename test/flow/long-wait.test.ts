// A wait for a run that takes longer than an internal identity is good for.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { type RunningServer, startServer } from "../../bin/start/start-server.ts";
import { readEnvironment } from "../../lib/env.ts";
import { register } from "../support/client.ts";
import { type FakeModel, startFakeModel } from "../support/fake-model-server.ts";

let fake: FakeModel;
let server: RunningServer;
let home: string;

beforeAll(async () => {
  fake = await startFakeModel();
  home = await mkdtemp(join(tmpdir(), "macjarvis-wait-"));
  const env = {
    ...{ MACJARVIS_HOME: home, PORT: "0", LOG_LEVEL: "silent", RUN_DEADLINE_S: "3600" },
    ...{ OPENAI_BASE_URL: `${fake.url}/v1`, OPENAI_API_KEY: "sk-x", MODELS: "openai/fake" },
  };
  server = await startServer(readEnvironment({ ...env, DEFAULT_MODEL: "openai/fake" }));
});
afterAll(async () => {
  await server.stop();
  await fake.close();
  await rm(home, { recursive: true, force: true });
});

test("is answered when the run ends, however old the identity it began with", async () => {
  const user = await register(server.url);
  fake.hold();
  const waiting = user.call<{ status: string }>("POST", "/agent/chat/sync", { message: "long" });
  await fake.waitForRequest();
  const realNow = Date.now;
  const later = jest.spyOn(Date, "now").mockImplementation(() => realNow() + 6 * 60_000);
  fake.release();
  const { status, body } = await waiting;
  later.mockRestore();
  expect([status, body.status]).toEqual([200, "completed"]);
});
