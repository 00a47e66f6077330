// A whole installation for a flow test: a fake model server, a workspace folder, and the real server pointed at both; a whole cluster
// where the test runs on one (on-cluster.ts).
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type Records, type Row, readRecords } from "./auditor/records.ts";
import { type FakeModel, startFakeModel } from "./fake-model-server.ts";
import { isOnCluster } from "./on-cluster.ts";
import { type HowToStart, startServer, type TestServer } from "./start-server.ts";
import { textOfFolder } from "./stored-text.ts";

export type Stack = {
  fake: FakeModel;
  /** Of a cluster all its processes as one: what it is told, they are told. */
  server: TestServer;
  /** The only folder that file tools may touch. */
  workspace: string;
  /** What it was told, as a command beside it is to be told. */
  settings: Record<string, string>;
  /** What is stored, for the auditor. Ask when it is quiet or stopped. */
  records(): Promise<Records>;
  /** All that it keeps, as text. */
  stored(): Promise<string>;
  /** One statement in its tables, as an operator would. */
  sql(statement: string): Promise<Row[]>;
  /** Kills the server and starts it again on the same data. */
  restart(env?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
};

export async function startStack(env: Record<string, string> = {}, how: HowToStart = {}): Promise<Stack> {
  if (isOnCluster) return (await import("./cluster-stack.ts")).startClusterStack(env, how);
  const fake = await startFakeModel();
  const workspace = await mkdtemp(join(tmpdir(), "macjarvis-work-"));
  const settings = {
    OPENAI_BASE_URL: `${fake.url}/v1`,
    OPENAI_API_KEY: "sk-test-canary-4711",
    DEFAULT_MODEL: "openai/fake",
    MODELS: "openai/fake,openai/other",
    HOST_TOOLS: "all",
    TOOL_ROOTS: workspace,
    ...env,
  };
  const server = await startServer(settings, how);
  const stack: Stack = {
    fake,
    server,
    workspace,
    settings,
    records: async () => readRecords(stack.server.home),
    stored: () => textOfFolder(stack.server.home),
    async sql(statement) {
      const db = new DatabaseSync(join(stack.server.home, "macjarvis.db"));
      try {
        return db.prepare(statement).all();
      } finally {
        db.close();
      }
    },
    async restart(over = {}) {
      stack.server = await stack.server.restart(over);
    },
    async stop() {
      await stack.server.remove();
      await fake.close();
      await rm(workspace, { recursive: true, force: true });
    },
  };
  return stack;
}
