import { execFileSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents, auditRecords } from "../support/auditor.ts";
import { type AnyEvent, register, textOf } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";
import { waitFor } from "../support/wait-for.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

describe("G11 cancel at every stage", () => {
  test("while the model answers: its socket closes, what was streamed is kept as incomplete and charged", async () => {
    const user = await register(stack.server.url);
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["kept ", "never"], gate: gate.promise, gateAfter: 1 }]);
    const first = await user.chat({ message: "cancel me" }, { until: (event) => event.event === "content" });
    const run = String(first[0]?.data.run_id);
    expect((await user.call("POST", `/agent/cancel/${run}`)).status).toBe(202);
    const events = await user.events(run);
    expect(auditEvents(events)).toEqual([]);
    expect(events.at(-1)?.data).toMatchObject({ status: "cancelled", finish_reason: "cancelled" });
    await waitFor("the model's socket is closed", async () => stack.fake.requests.at(-1)?.closed);
    const { body } = await user.call<{ messages: { content: string; status: string }[] }>(
      "GET",
      `/sessions/${first[0]?.data.session_id}/messages`,
    );
    expect(body.messages[1]).toMatchObject({ content: textOf(events), status: "incomplete" });
    const usage = await user.call<{ today: { output_tokens: number } }>("GET", "/users/me/usage");
    expect(usage.body.today.output_tokens).toBeGreaterThan(0);
    gate.resolve();
  });

  /** The command lines of all processes of this machine. */
  const processes = () =>
    execFileSync("ps", ["-eo", "args"], { encoding: "utf8", maxBuffer: 16 * 1024 * 1024 });

  test("while a command runs: its whole process tree ends", async () => {
    const user = await register(stack.server.url);
    await user.call("PUT", "/users/me/policy", { rules: [{ risk: "execute", decision: "allow" }] });
    const marker = join(stack.workspace, "alive.txt");
    const command = `(while true; do date +%s%N > ${marker}; sleep 0.05; done) & sleep 1000`;
    const message = `call:execute_shell_command ${JSON.stringify({ command })}`;
    const first = await user.chat({ message }, { until: (event) => event.event === "tool_start" });
    const run = String(first[0]?.data.run_id);
    await waitFor("the command runs", () => readFile(marker, "utf8").catch(() => undefined));
    expect(processes()).toContain(marker);
    await user.call("POST", `/agent/cancel/${run}`);
    const events = await user.events(run);
    expect(events.at(-1)?.data).toMatchObject({ status: "cancelled" });
    expect(events.find((event) => event.event === "tool_result")?.data).toMatchObject({
      status: "cancelled",
    });
    await waitFor("the background loop is gone", () => !processes().includes(marker));
  });

  test("approved, then cancelled before it was sent: it does not run; cancelling twice is harmless", async () => {
    const user = await register(stack.server.url);
    const path = join(stack.workspace, "never.txt");
    const message = `call:write_file ${JSON.stringify({ path, content: "no" })}`;
    const first = await user.chat({ message }, { until: (event) => event.event === "approval_required" });
    const run = String(first[0]?.data.run_id);
    const answers = await Promise.all([
      user.call("POST", `/agent/cancel/${run}`),
      user.call("POST", `/agent/cancel/${run}`),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([202, 202]);
    const call = String(first.at(-1)?.data.call_id);
    const late = await user.call("POST", `/agent/runs/${run}/approvals/${call}`, { decision: "approve" });
    expect([200, 409]).toContain(late.status);
    const events = await user.events(run);
    expect(events.at(-1)?.data).toMatchObject({ status: "cancelled" });
    expect(await readFile(path, "utf8").catch(() => "not there")).toBe("not there");
    const ended = await user.call("POST", `/agent/cancel/${run}`);
    expect(ended.status).toBe(202);
    expect(ended.body).toMatchObject({ run: { status: "cancelled" } });
  });

  test("at any moment, also while it is approved: it ends once, and what it did is done at most once", async () => {
    const user = await register(stack.server.url);
    await user.call("PUT", "/users/me/policy", { rules: [{ tool: "append_file", decision: "allow" }] });
    const owner = { Authorization: `Bearer ${await stack.server.ownerKey()}` };
    await user.call("PATCH", `/admin/users/${user.id}`, { plan: "enterprise" }, owner);
    const one = async (index: number) => {
      const path = join(stack.workspace, `any-${index}.txt`);
      const call = (tool: string, args: object) =>
        `call:${tool} ${JSON.stringify({ path, content: "x", ...args })}`;
      const message = `${call("append_file", { create_if_missing: true })}\n${call("write_file", { overwrite: true })}`;
      const seen: AnyEvent[] = [];
      // The moment of the cancel: after so many events.
      const moment = 1 + (index % 9);
      await user.chat(
        { message },
        {
          until(event) {
            seen.push(event);
            const { run_id } = seen[0]?.data ?? {};
            if (event.event === "approval_required") {
              const approval = `/agent/runs/${run_id}/approvals/${event.data.call_id}`;
              void user.call("POST", approval, { decision: "approve" });
            }
            if (seen.length === moment) void user.call("POST", `/agent/cancel/${run_id}`);
            return false;
          },
        },
      );
      expect(auditEvents(seen)).toEqual([]);
      expect(["cancelled", "completed"]).toContain(seen.at(-1)?.data.status);
      expect(["", "x", "xx"]).toContain(await readFile(path, "utf8").catch(() => ""));
    };
    // Each moment once at a time: a request between processes of a cluster may not take longer than 12 s.
    for (const first of [0, 9, 18, 27])
      await Promise.all(Array.from({ length: 9 }, (_, index) => one(first + index)));
  });

  test("leaving does not cancel", async () => {
    const user = await register(stack.server.url);
    const gate = Promise.withResolvers<void>();
    stack.fake.script([{ text: ["still ", "here"], gate: gate.promise, gateAfter: 1 }]);
    const first = await user.chat({ message: "I leave" }, { until: (event) => event.event === "content" });
    gate.resolve();
    const events = await user.events(String(first[0]?.data.run_id));
    expect(events.at(-1)?.data).toMatchObject({ status: "completed" });
  });

  test("everything is consistent afterwards", async () => {
    await stack.server.kill("SIGTERM");
    expect(auditRecords(await stack.records())).toEqual([]);
  });
});
