// The shell of the real node, in its sandbox, with a secret of its machine.
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { CallId, RunId } from "../../../../contracts/ids.ts";
import { nodeService } from "../../../../mac-node/node.service.ts";
import { SecretStore } from "../../../../mac-node/secrets/secret-store.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../support/test-broker.ts";

const VALUE = "s3cr3t-value-0123456789";
let base = "";
let stack: TestBroker | undefined;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "macjarvis-sandboxed-secret-")));
  for (const folder of ["root", "home"]) await mkdir(join(base, folder));
});
afterEach(async () => {
  await stack?.stop();
  await rm(base, { recursive: true, force: true });
});

async function execute(command: string, secrets?: SecretStore) {
  const home = join(base, "home");
  stack = await startTestBroker(
    [
      nodeService({
        ...{ home, journalFolder: join(home, "node"), roots: [join(base, "root")], sandbox: "on" },
        pluginFolder: join(home, "plugins"),
        ...(secrets ? { secrets } : {}),
      }),
    ],
    { home },
  );
  return stack.as({ ...aUser(), service: "tools" }, "node.execute", {
    ...{ call_id: "call_1" as CallId, run_id: "run_1" as RunId, epoch: 1, name: "execute_shell_command" },
    ...{ args: { command }, approved: false, deadline_at: Date.now() + 60_000, attempt: 1 },
  });
}

test("a command in the sandbox is given the secret that it names, and cannot see the file it is from", async () => {
  const path = join(base, "home", "secrets.json");
  const secrets = new SecretStore(path, "linux");
  await secrets.set("TOKEN", VALUE);
  const command = `printf %s "{{secret:TOKEN}}" | sha256sum | cut -c1-8; echo "{{secret:TOKEN}}"; cat ${path}`;
  const { result } = await execute(command, secrets);
  expect(result.stdout).toBe(
    `${Buffer.from(await digestOf(VALUE))
      .toString("hex")
      .slice(0, 8)}\n[secret]\n`,
  );
  expect(result.stderr).toContain("No such file");
});

test("a machine without secrets refuses, in words that say where there are some", async () => {
  const { status, result } = await execute("echo {{secret:TOKEN}}");
  expect({ status, result }).toMatchObject({
    status: "failed",
    result: { error: { code: "secret_refused", message: expect.stringContaining("Macs that are paired") } },
  });
});

const digestOf = (text: string) => crypto.subtle.digest("SHA-256", Buffer.from(text));
