// G3 for tools of the server: several processes of the service on one store, each with its own ServerCalls.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Kysely } from "kysely";
import { pino } from "pino";
import { z } from "zod";
import type { CallId, RunId, UserId } from "../../../../../contracts/ids.ts";
import type { ServerDoors, ServerTool, ServerToolContext } from "../../../../../contracts/server-tools.ts";
import { openEmbeddedPorts } from "../../../../../lib/embedded/open-embedded-ports.ts";
import { newId } from "../../../../../lib/ids.ts";
import type { Ports } from "../../../../../lib/ports/ports.ts";
import { Claims } from "../../../../../services/tools/server/claims.ts";
import { ServerCalls } from "../../../../../services/tools/server/server-calls.ts";
import { SERVER_MIGRATIONS } from "../../../../../services/tools/server/tables.ts";
import type { ToolsTables } from "../../../../../services/tools/tables.ts";
import { waitFor } from "../../../../support/wait-for.ts";

const USER = "usr_one" as UserId;
let home = "";
let ports: Ports & { close(): Promise<void> };
let db: Kysely<ToolsTables>;
/** What ran, in order; each waits until it is let go or ended. */
let ran: string[] = [];
let gate = Promise.withResolvers<void>();
const opened: ServerCalls[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-server-"));
  ports = openEmbeddedPorts({ home });
  await ports.migrate("tools", SERVER_MIGRATIONS);
  db = ports.sql<ToolsTables>();
  ran = [];
  gate = Promise.withResolvers();
});
afterEach(async () => {
  gate.resolve();
  for (const calls of opened.splice(0)) await calls.stop();
  await ports.close();
  await rm(home, { recursive: true, force: true });
});

function tool(name: string, idempotent: boolean): ServerTool {
  return {
    ...{ name, idempotent, category: "test", description: "Waits.", risk: "write", runsOn: "server" },
    parameters: z.strictObject({ host: z.string().optional() }),
    egress: (args) => [(args as { host?: string }).host ?? []].flat(),
    async execute(_args, { signal, call }: ServerToolContext) {
      ran.push(call.call_id);
      const ended = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      await Promise.race([gate.promise, ended]);
      return { ok: true, data: `${name} number ${ran.length}` };
    },
  };
}

/** A process of the service. */
function aProcess(me: string, isAlone = false): ServerCalls {
  const calls = new ServerCalls({
    tools: [tool("change", false), tool("look", true)],
    setup: { search: undefined },
    claims: new Claims(db, me, isAlone),
    signals: ports.signals,
    log: pino({ level: "silent" }),
    doors: () => ({}) as ServerDoors,
  });
  opened.push(calls);
  return calls;
}

function aCall(name = "change", over: object = {}) {
  return {
    call_id: newId<CallId>("call"),
    run_id: newId<RunId>("run"),
    ...{ epoch: 1, name, args: {}, approved: false, attempt: 1 },
    deadline_at: Date.now() + 30_000,
    ...over,
  };
}

/** What a process leaves that dies over a call, so long ago that the others know. */
async function died(call_id: string, attempt = 1): Promise<void> {
  const row = {
    call_id,
    user_id: USER,
    state: "running" as const,
    attempt,
    fenced_before: 0,
    outcome: null,
    usage: null,
  };
  await db
    .insertInto("server_calls")
    .values({ ...row, owner: "dead", seen_at: "2026-01-01T00:00:00.000Z" })
    .execute();
}

test("G3 the same call sent to two processes at once runs in one, and both answer its outcome", async () => {
  const [a, b, call] = [aProcess("a"), aProcess("b"), aCall()];
  const answers = [
    a.execute(call, USER, 10_000),
    b.execute(call, USER, 10_000),
    a.execute(call, USER, 10_000),
  ];
  await waitFor("the call", () => ran.length === 1);
  gate.resolve();
  const outcomes = await Promise.all(answers);
  expect(outcomes.map(({ status, result }) => [status, result.data])).toEqual(
    Array(3).fill(["done", "change number 1"]),
  );
  // And later, too.
  expect(await aProcess("c").execute(call, USER, 10_000)).toMatchObject({
    result: { data: "change number 1" },
  });
  expect(ran).toHaveLength(1);
});

test("G3 nobody knows the outcome of what ran in a process that is gone; what may be repeated runs again when it is asked to", async () => {
  const [a, lost, read] = [aProcess("a"), aCall("change"), aCall("look")];
  gate.resolve();
  await died(lost.call_id);
  await died(read.call_id);
  expect(await a.fence(lost.call_id, 2)).toEqual({ state: "unknown" });
  const again = { epoch: 2, attempt: 2 };
  expect(await a.execute({ ...lost, ...again }, USER, 1_000)).toMatchObject({ status: "outcome_unknown" });
  expect(await a.execute({ ...read, epoch: 2 }, USER, 1_000)).toMatchObject({ status: "outcome_unknown" });
  expect(ran).toEqual([]);
  expect(await a.execute({ ...read, ...again }, USER, 1_000)).toMatchObject({ status: "done" });
  expect(await aProcess("b").fence(read.call_id, 3)).toMatchObject({ state: "ended" });
});

test("G3 where a process is alone, whatever was begun before its start is over at once", async () => {
  const [before, call] = [aProcess("before"), aCall()];
  void before.execute(call, USER, 10_000);
  await waitFor("the call", () => ran.length === 1);
  // Two that run beside each other see that the other one lives.
  expect(await aProcess("beside").fence(call.call_id, 1)).toEqual({ state: "running" });
  expect(await aProcess("alone", true).fence(call.call_id, 1)).toEqual({ state: "unknown" });
});

test("G3 a call that was fenced before it came does not run for its former owner, and does for the new one", async () => {
  const [a, b, call] = [aProcess("a"), aProcess("b"), aCall()];
  gate.resolve();
  expect(await a.fence(call.call_id, 2)).toEqual({ state: "never_seen" });
  await expect(b.execute(call, USER, 1_000)).rejects.toMatchObject({ type: "stale_epoch" });
  expect(ran).toEqual([]);
  expect(await b.execute({ ...call, epoch: 2 }, USER, 1_000)).toMatchObject({ status: "done" });
});

test("a cancel ends the call in whichever process it runs, and one that comes first keeps it from running", async () => {
  const [a, b, call, late] = [aProcess("a"), aProcess("b"), aCall(), aCall()];
  const answer = a.execute(call, USER, 10_000);
  await waitFor("the call", () => ran.length === 1);
  await b.cancel(call.call_id);
  expect(await answer).toMatchObject({ status: "cancelled" });
  await b.cancel(late.call_id);
  expect(await a.execute(late, USER, 1_000)).toMatchObject({ status: "cancelled", duration_ms: 0 });
  // One that has ended keeps its outcome, whatever is said of it afterwards and wherever it is asked about.
  const [done, over] = [aCall(), Date.now() - 1];
  gate.resolve();
  await a.execute(done, USER, 1_000);
  await b.cancel(done.call_id);
  for (const process of [a, b])
    expect(await process.execute({ ...done, deadline_at: over }, USER, 1_000)).toMatchObject({
      status: "done",
    });
  expect(ran).toEqual([call.call_id, done.call_id]);
});

test("bad arguments, a deadline that is over and a host that nobody was asked about are refused before anything runs", async () => {
  const a = aProcess("a");
  const bound = { hosts: ["asked.example"], places: [], scripts: [] };
  const refused = [
    [aCall("nothing"), "unknown_tool"],
    [aCall("change", { args: { more: 1 } }), "invalid_arguments"],
    [aCall("change", { deadline_at: Date.now() - 1 }), "deadline"],
    [aCall("change", { args: { host: "other.example" }, bound }), "changed_since_asked"],
  ] as const;
  for (const [call, code] of refused)
    expect(await a.execute(call, USER, 1_000)).toMatchObject({ result: { error: { code } } });
  expect(ran).toEqual([]);
  expect(a.resolve([{ name: "change", args: { host: "A.Example." } }])).toEqual([
    { bound: { hosts: ["a.example"], places: [], scripts: [] } },
  ]);
});

test("what is a day old is forgotten, and a user's calls go with the user", async () => {
  const claims = new Claims(db, "a", false);
  await died("call_old");
  const call = aCall();
  gate.resolve();
  await aProcess("a").execute(call, USER, 1_000);
  await claims.sweep();
  const left = () => db.selectFrom("server_calls").select("call_id").execute();
  expect(await left()).toEqual([{ call_id: call.call_id }]);
  await claims.removeUser(USER);
  expect(await left()).toEqual([]);
});
