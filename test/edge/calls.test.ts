// Calls on a Mac over the edge bus, whose network comes and goes: at most once, with an outcome that is known wherever it can be.
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { CallId, RunId, UserId } from "../../contracts/ids.ts";
import { newId } from "../../lib/ids.ts";
import type { NodeCall } from "../../services/tools/machines/machine.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import { type Request, Rogue } from "../support/edge/rogue.ts";
import { waitFor } from "../support/wait-for.ts";

let edge: EdgeStack;
let mac: PairedMac;
const owner = newId<UserId>("user");

beforeAll(async () => {
  edge = await startEdgeStack();
  mac = await edge.pair(owner, "studio");
  await mac.serve();
  await edge.connected(mac);
});
afterAll(() => edge.stop());

function call(name: string, args: Record<string, unknown>, more: Partial<NodeCall> = {}): NodeCall {
  return {
    ...{ call_id: newId<CallId>("call"), run_id: newId<RunId>("run"), epoch: 1, name, args, approved: true },
    ...{ deadline_at: Date.now() + 60_000, attempt: 1, ...more },
  };
}
const execute = (one: NodeCall, limitMs = 60_000) => edge.machine(mac).execute(one, limitMs);

describe("calls on a Mac", () => {
  test("a tool runs there, and the answer is its own", async () => {
    await writeFile(join(mac.root, "here.txt"), "on the Mac");
    const outcome = await execute(call("read_file", { path: join(mac.root, "here.txt") }));
    expect(outcome).toMatchObject({ status: "done", result: { ok: true } });
    expect(JSON.stringify(outcome)).toContain("on the Mac");
  });

  test("what it prints comes while it runs", async () => {
    const one = call("execute_shell_command", { command: "echo one; sleep 0.3; echo two" });
    const heard: string[] = [];
    const quiet = edge.stack.broker.core.ports.signals.subscribe(`output.${one.call_id}`, (data) =>
      heard.push((data as { text: string }).text),
    );
    expect(await execute(one)).toMatchObject({ status: "done", result: { stdout: "one\ntwo\n" } });
    quiet();
    expect(heard.join("")).toBe("one\ntwo\n");
  });

  test("G3 delivered five times at once it runs once, and all get its outcome", async () => {
    const file = join(mac.root, "once.txt");
    const one = call("append_file", { path: file, content: "x", create_if_missing: true });
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => execute(one)));
    expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome.result))).size).toBe(1);
    expect(await execute(one)).toMatchObject({ status: "done" });
    expect(await readFile(file, "utf8")).toBe("x");
  });

  test("G11 a cancel ends its whole process tree", async () => {
    const file = join(mac.root, "ticks.txt");
    await writeFile(file, "");
    const one = call("execute_shell_command", {
      command: `while true; do echo t >> ${file}; sleep 0.05; done`,
    });
    const ended = execute(one);
    await waitFor("it runs", async () => (await readFile(file, "utf8")).length > 4);
    await edge.machine(mac).cancel(one.call_id);
    expect(await ended).toMatchObject({ status: "cancelled" });
    const length = (await readFile(file, "utf8")).length;
    await appendFile(file, "");
    expect((await readFile(file, "utf8")).length).toBe(length);
  });

  test("G24 a call behind its deadline is not run", async () => {
    const file = join(mac.root, "late.txt");
    const one = call("write_file", { path: file, content: "x" }, { deadline_at: Date.now() - 1_000 });
    expect(await execute(one)).toMatchObject({ status: "failed", result: { error: { code: "deadline" } } });
    await expect(readFile(file)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a fence tells what became of a call, and refuses who owned it before", async () => {
    const one = call("write_file", { path: join(mac.root, "fenced.txt"), content: "x" });
    expect(await edge.machine(mac).fence(one.call_id, 2)).toEqual({ state: "never_seen" });
    await expect(execute(one)).rejects.toMatchObject({ type: "stale_epoch" });
    expect(await execute({ ...one, epoch: 2 })).toMatchObject({ status: "done" });
    expect(await edge.machine(mac).fence(one.call_id, 2)).toMatchObject({ state: "ended" });
  });
});

test("a Mac that has come is told so, and need not wait for the hub's next heartbeat", async () => {
  const laptop = await edge.pair(owner, "laptop");
  const bare = await Rogue.connect(edge, laptop);
  bare.come();
  await edge.connected(laptop);
  const isToIt = (subject: string) => subject.endsWith(`.${laptop.id}`);
  await waitFor("it is told", () =>
    bare.heard.some(({ subject }) => subject.startsWith("MOL-edge.HEARTBEAT.hub.") && isToIt(subject)),
  );
  await bare.leave();
});

test("a Mac whose tools take longer to load than its heartbeats come is sent nothing before it can run it", async () => {
  const slow = await edge.pair(owner, "slow");
  const plugins = join(slow.home, "node", "plugins");
  await mkdir(plugins, { recursive: true, mode: 0o700 });
  await writeFile(
    join(plugins, "slow.ts"),
    "await new Promise((resolve) => setTimeout(resolve, 4_000)); export default {};",
  );
  await slow.serve();
  await edge.connected(slow);
  await writeFile(join(slow.root, "here.txt"), "on the Mac");
  const one = call("read_file", { path: join(slow.root, "here.txt") });
  expect(await edge.machine(slow).execute(one, 60_000)).toMatchObject({ status: "done" });
});

describe("G3 a Mac that does not do a call", () => {
  /** A Mac that answers a call as it is told to, the first time and from then on. */
  async function answering(...answers: ((rogue: Rogue, request: Request) => unknown)[]) {
    const one = await edge.pair(owner, `rogue-${newId("node")}`);
    const rogue = await Rogue.connect(edge, one);
    let got = 0;
    rogue.answer = (request) => {
      if (request.action !== "node.execute") return undefined;
      const answer = answers[Math.min(got, answers.length - 1)];
      got += 1;
      return answer?.(rogue, request);
    };
    rogue.come();
    await edge.connected(one);
    const outcome = edge.machine(one).execute(call("read_file", { path: "/x" }), 5_000);
    return { outcome, got: () => got, leave: () => rogue.leave() };
  }
  const refused = (type: string) => (rogue: Rogue, request: Request) =>
    rogue.respond(request.id, { success: false, error: { message: "no", type, code: 403 } });
  /** The answer is lost, and it connects anew: then it is asked again. */
  const lost = (rogue: Rogue) => rogue.info();
  const done = () => ({ status: "failed", result: { ok: false }, duration_ms: 1 });

  test("and was never sent it before has not run it", async () => {
    const { outcome, got, leave } = await answering(refused("forbidden"));
    expect(await outcome).toMatchObject({ status: "failed", result: { error: { code: "node_refused" } } });
    expect(got()).toBe(1);
    await leave();
  });

  test("and may have run it before proves nothing by refusing it then", async () => {
    const { outcome, got, leave } = await answering(lost, refused("forbidden"));
    await expect(outcome).rejects.toMatchObject({ type: "request_timeout" });
    expect(got()).toBeGreaterThan(1);
    await leave();
  });

  test("because its program is just starting is asked again", async () => {
    const { outcome, got, leave } = await answering(refused("SERVICE_NOT_FOUND"), done);
    expect(await outcome).toMatchObject({ status: "failed", duration_ms: 1 });
    expect(got()).toBe(2);
    await leave();
  });
});
