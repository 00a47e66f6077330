import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { slowSyncLibrary } from "../../bench/slow-sync/library.ts";
import { audit, auditEvents } from "../support/auditor.ts";
import { register, textOf } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { describeUnless } from "../support/unless.ts";
import { waitFor } from "../support/wait-for.ts";

const { library, obstacle } = slowSyncLibrary();

let stack: Stack;
let folder: string;
let log: string;
let refusing: string;
beforeAll(async () => {
  if (!library) return;
  folder = await mkdtemp(join(tmpdir(), "macjarvis-disk-"));
  log = join(folder, "syncs");
  refusing = join(folder, "refusing");
  stack = await startStack({ LD_PRELOAD: library, SYNC_LOG: log, SYNC_FAIL_FILE: refusing });
});
afterAll(async () => {
  if (!library) return;
  await stack.stop();
  await rm(folder, { recursive: true });
});

describeUnless(obstacle)("the server on a disk that", () => {
  test("syncs slowly: its event loop waits for no sync of whatever a user does", async () => {
    const user = await register(stack.server.url);
    rmSync(log);
    const path = join(stack.workspace, "log.txt");
    const body = { message: `call:write_file ${JSON.stringify({ path, content: "x" })}` };
    const told = await user.chat(body, { until: ({ event }) => event === "approval_required" });
    const asked = told.at(-1)?.data;
    const run = String(told[0]?.data.run_id);
    await user.call("POST", `/agent/runs/${run}/approvals/${String(asked?.call_id)}`, {
      decision: "approve",
    });
    await user.events(run);
    expect(existsSync(path)).toBe(true);
    await Promise.all(Array.from({ length: 4 }, () => user.chat({ message: "hello" })));
    await user.call("POST", "/users/login", { email: user.email, password: user.password });
    await user.call("POST", "/sessions", {});
    const lines = readFileSync(log, "utf8").trim().split("\n");
    expect(lines.filter((line) => line.startsWith("other") && line.endsWith("-wal")).length).toBeGreaterThan(
      8,
    );
    expect(lines.filter((line) => line.startsWith("main"))).toEqual([]);
  });

  test("G12 refuses to sync: 503 before a model is asked, reading goes on, nothing is lost and nothing refused is done later", async () => {
    const user = await register(stack.server.url);
    const before = await user.chat({ message: "acknowledged" });
    const session = String(before[0]?.data.session_id);
    const asked = stack.fake.requests.length;
    writeFileSync(refusing, "");
    for (let time = 0; time < 10; time += 1) {
      const { status, body, headers } = await user.call<{ code: string }>("POST", "/agent/chat", {
        message: "refused",
        session_id: session,
      });
      expect([status, body.code, headers.has("retry-after")]).toEqual([503, "store_unavailable", true]);
    }
    const messages = () =>
      user.call<{ messages: { content: string }[] }>("GET", `/sessions/${session}/messages`);
    expect((await messages()).status).toBe(200);
    expect((await user.call("GET", "/health/ready")).status).toBe(503);
    expect((await user.call("GET", "/health/live")).status).toBe(200);
    expect(stack.fake.requests.length).toBe(asked);
    expect(stack.server.output()).toContain("the disk did not take what was written (EIO)");
    rmSync(refusing);
    await waitFor("a chat is accepted again", async () => {
      const { status } = await user.call("POST", "/agent/chat/sync", {
        message: "again",
        session_id: session,
      });
      return status === 200;
    });
    const { body } = await messages();
    const users = body.messages.filter((_, index) => index % 2 === 0).map(({ content }) => content);
    expect(users).toEqual(["acknowledged", "again"]);
    expect(body.messages[1]?.content).toBe(textOf(before));
  });

  test("G1 refused for a moment while a run was under way: the run goes on and is told once", async () => {
    const user = await register(stack.server.url);
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["half ", "whole"], gate: gate.promise, gateAfter: 1 }]);
    const [held] = await user.chat({ message: "hold" }, { until: ({ event }) => event === "content" });
    writeFileSync(refusing, "");
    gate.resolve();
    await waitFor("the run had to stop", () => stack.server.output().includes("a run stopped"));
    rmSync(refusing);
    const events = await user.events(String(held?.data.run_id));
    expect(auditEvents(events)).toEqual([]);
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
    await stack.server.kill("SIGTERM");
    expect(audit(stack.server.home)).toEqual([]);
  });
});
