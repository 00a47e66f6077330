// A whole installation for a flow test: a fake model server, a workspace folder, and the real server pointed at both.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeModel, startFakeModel } from "./fake-model-server.ts";
import { type HowToStart, startServer, type TestServer } from "./start-server.ts";

export type Stack = {
  fake: FakeModel;
  server: TestServer;
  /** The only folder that file tools may touch. */
  workspace: string;
  /** Kills the server and starts it again on the same data. */
  restart(env?: Record<string, string>): Promise<void>;
  stop(): Promise<void>;
};

export async function startStack(env: Record<string, string> = {}, how: HowToStart = {}): Promise<Stack> {
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
