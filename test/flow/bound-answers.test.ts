// G6 over HTTP: what was shown is what runs. Between the question and its answer somebody swings a link or changes a script.
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { auditEvents } from "../support/auditor.ts";
import { type AnyEvent, register } from "../support/client.ts";
import { type Stack, startStack } from "../support/stack.ts";

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

type User = Awaited<ReturnType<typeof register>>;
const at = (...names: string[]) => join(stack.workspace, ...names);
const line = (tool: string, args: object) => `call:${tool} ${JSON.stringify(args)}`;
const contentOf = (path: string) => readFile(path, "utf8").catch(() => "not there");
const isQuestion = ({ event }: AnyEvent) => event === "approval_required" || event === "done";

const ask = (user: User, message: string) => user.chat({ message }, { until: isQuestion });

async function answer(user: User, asked: AnyEvent[], body: object): Promise<AnyEvent | undefined> {
  const [run, call] = [String(asked[0]?.data.run_id), String(asked.at(-1)?.data.call_id)];
  expect(asked.at(-1)?.event).toBe("approval_required");
  expect((await user.call("POST", `/agent/runs/${run}/approvals/${call}`, body)).status).toBe(200);
  const events = await user.events(run);
  expect(auditEvents(events)).toEqual([]);
  return events.find(({ event }) => event === "tool_result");
}

async function fresh(): Promise<User> {
  await rm(at("link"), { force: true });
  for (const name of ["a", "b"]) await mkdir(at(name), { recursive: true });
  await symlink(at("a"), at("link"));
  return register(stack.server.url);
}

describe("G6 an answer is bound to what was shown", () => {
  test("the real folder is shown; a working directory that was swung refuses the command and says where it leads", async () => {
    const user = await fresh();
    const command = { command: "touch made", working_directory: "link" };
    const asked = await ask(user, line("execute_shell_command", command));
    expect(asked.at(-1)?.data.bound).toMatchObject({ places: [{ path: "link", real: at("a") }] });
    await rm(at("link"));
    await symlink(at("b"), at("link"));
    const ended = await answer(user, asked, { decision: "approve" });
    expect(ended?.data).toMatchObject({
      ok: false,
      status: "denied",
      result: { error: { code: "changed_since_asked", message: expect.stringContaining(at("b")) } },
    });
    expect([await contentOf(at("a", "made")), await contentOf(at("b", "made"))]).toEqual([
      "not there",
      "not there",
    ]);
  });

  test("a file that is to be written lies where it lay; the restart of the server changes nothing of that", async () => {
    const user = await fresh();
    const asked = await ask(user, line("write_file", { path: "link/x.txt", content: "mine" }));
    await stack.restart();
    user.url = stack.server.url;
    await rm(at("link"));
    await symlink(at("b"), at("link"));
    const ended = await answer(user, asked, { decision: "approve" });
    expect(ended?.data).toMatchObject({
      status: "denied",
      result: { error: { code: "changed_since_asked" } },
    });
    expect(await contentOf(at("b", "x.txt"))).toBe("not there");
    const again = await ask(user, line("write_file", { path: "link/x.txt", content: "mine" }));
    expect((await answer(user, again, { decision: "approve" }))?.data).toMatchObject({ ok: true });
    expect(await contentOf(at("b", "x.txt"))).toBe("mine");
  });

  test("a script that was changed is not run, also when the command was allowed for always", async () => {
    const user = await fresh();
    const command = line("execute_shell_command", { command: "sh run.sh" });
    await writeFile(at("run.sh"), "echo good > out.txt");
    const asked = await ask(user, command);
    expect(asked.at(-1)?.data.bound).toMatchObject({ scripts: [{ path: at("run.sh") }] });
    await writeFile(at("run.sh"), "echo bad > out.txt");
    const refused = await answer(user, asked, { decision: "approve" });
    expect(refused?.data).toMatchObject({ status: "denied" });
    expect(JSON.stringify(refused?.data.result)).toContain("run.sh was changed");
    expect(await contentOf(at("out.txt"))).toBe("not there");

    await writeFile(at("run.sh"), "echo good > out.txt");
    const allowed = await ask(user, command);
    expect((await answer(user, allowed, { decision: "approve", remember: "always" }))?.data).toMatchObject({
      ok: true,
    });
    expect((await ask(user, command)).at(-1)?.event).toBe("done");
    await writeFile(at("run.sh"), "echo bad > out.txt");
    const direct = () =>
      user.call("POST", "/tools/execute_shell_command/execute", { args: { command: "sh run.sh" } });
    expect((await direct()).body).toMatchObject({ code: "approval_required" });
    const changed = await ask(user, command);
    expect(changed.at(-1)?.event).toBe("approval_required");
    await answer(user, changed, { decision: "deny" });
    expect(await contentOf(at("out.txt"))).toBe("good\n");
  });

  test("with other arguments in the answer it is those that are bound", async () => {
    const user = await fresh();
    await writeFile(at("one.sh"), "echo one > out.txt");
    await writeFile(at("two.sh"), "echo two > out.txt");
    const asked = await ask(user, line("execute_shell_command", { command: "sh one.sh" }));
    const args = { command: "sh two.sh" };
    await writeFile(at("one.sh"), "echo else > out.txt");
    expect((await answer(user, asked, { decision: "approve", args }))?.data).toMatchObject({ ok: true });
    expect(await contentOf(at("out.txt"))).toBe("two\n");
  });

  test("two edits of one file, asked at once and approved, both happen", async () => {
    const user = await fresh();
    await writeFile(at("a", "text"), "one two");
    const edit = (old_text: string, new_text: string) =>
      line("edit_file", { path: "link/text", old_text, new_text });
    const questions: AnyEvent[] = [];
    await user.chat(
      { message: [edit("one", "1"), edit("two", "2")].join("\n") },
      { until: (event) => isQuestion(event) && questions.push(event) === 2 },
    );
    const run = String((await user.call<{ runs: { id: string }[] }>("GET", "/agent/runs")).body.runs[0]?.id);
    for (const { data } of questions)
      await user.call("POST", `/agent/runs/${run}/approvals/${String(data.call_id)}`, {
        decision: "approve",
      });
    const events = await user.events(run);
    expect(events.filter(({ event }) => event === "tool_result").map(({ data }) => data.ok)).toEqual([
      true,
      true,
    ]);
    expect(await contentOf(at("a", "text"))).toBe("1 2");
  });
});
