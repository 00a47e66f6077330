// The gate of a paired Mac with a real policy file.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { OwnersGate } from "../../../../mac-node/edge/owners-gate.ts";
import { LivePolicy } from "../../../../mac-node/policy/live-policy.ts";
import { FileFreezer } from "../../../../mac-node/program/freeze.ts";
import shell from "../../../../plugins/tools/developer/execute-shell-command.ts";
import readFile from "../../../../plugins/tools/files/read-file.ts";

let folder = "";
let freezer: FileFreezer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "macjarvis-gate-"));
  freezer = new FileFreezer(join(folder, "frozen"));
});
afterEach(() => {
  freezer.stop();
  rmSync(folder, { recursive: true });
});

function gateOf(policy: object): OwnersGate {
  writeFileSync(join(folder, "policy.json"), JSON.stringify(policy), { mode: 0o600 });
  return new OwnersGate(new LivePolicy(join(folder, "policy.json")), freezer, "usr_1");
}
const call = (tool: object, args: object) =>
  ({ tool, args, given: args, userId: "usr_1", running: 0 }) as never;

test("a command without a sandbox sends wherever it likes: not where the policy names hosts", () => {
  const network = { hosts: ["*.example.com"] };
  const command = call(shell, { command: "curl https://evil.example" });
  expect(gateOf({ sandbox: "off", network }).refuses(command)).toMatchObject({
    status: "denied",
    result: { error: { code: "mac_policy", message: expect.stringContaining("hosts that it cannot name") } },
  });
  for (const policy of [{ network }, { sandbox: "off" }, { sandbox: "off", network: { hosts: ["*"] } }])
    expect(gateOf(policy).refuses(command)).toBeUndefined();
  expect(gateOf({ sandbox: "off", network }).refuses(call(readFile, { path: "x" }))).toBeUndefined();
});

test("the secrets that a call names are its owner's alone", () => {
  const gate = gateOf({ secrets: { TOKEN: { tools: ["execute"] } } });
  const named = call(shell, { command: "echo {{secret:TOKEN}}" }) as { userId: string };
  expect(gate.refuses(named as never)).toBeUndefined();
  expect(gate.refuses({ ...named, userId: "usr_2" } as never)).toMatchObject({ status: "denied" });
});
