// What is remembered about users: the notes, which of them fit a question, and which go into a prompt.
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { CallId, MemoryId, RunId } from "../../../../../contracts/ids.ts";
import { MAX_MEMORIES, type Memory, type MemoryType } from "../../../../../contracts/memory.ts";
import { newId } from "../../../../../lib/ids.ts";
import { nodesService } from "../../../../../services/nodes.service.ts";
import { quotaService } from "../../../../../services/quota.service.ts";
import { sessionsService } from "../../../../../services/sessions.service.ts";
import { chosenForPrompt } from "../../../../../services/tools/memory/chosen-for-prompt.ts";
import { Memories } from "../../../../../services/tools/memory/memories.ts";
import { memoryDoor } from "../../../../../services/tools/memory/memory-door.ts";
import { rankMemories } from "../../../../../services/tools/memory/rank-memories.ts";
import type { ToolsTables } from "../../../../../services/tools/tables.ts";
import { toolsService } from "../../../../../services/tools.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../../support/test-broker.ts";

function note(type: MemoryType, content: string, number = 0): Memory {
  const at = new Date(number * 1_000).toISOString();
  return {
    id: `mem_${String(number).padStart(5, "0")}` as MemoryId,
    type,
    content,
    created_at: at,
    updated_at: at,
  };
}

describe("the notes that fit a question", () => {
  const notes = [
    note("fact", "Ada lives in Berlin and works on the printer.", 1),
    note("preference", "Answers in German, briefly.", 2),
    note("fact", "用户的打印机在二楼", 3),
    note("relation", "Bob is Ada's brother.", 4),
    note("fact", "The printer is a Brother HL-2030.", 5),
  ];
  const found = (query: string) => rankMemories(notes, query).map(({ content }) => content);

  test("stand in the order of how many of its words they have, rare words before common ones", () => {
    expect(found("printer Berlin")[0]).toContain("Berlin");
    expect(found("PRINTER model HL")[0]).toContain("HL-2030");
    expect(found("brother").toSorted()).toEqual([
      "Bob is Ada's brother.",
      "The printer is a Brother HL-2030.",
    ]);
    expect(found("打印机在哪里")).toEqual(["用户的打印机在二楼"]);
  });

  test("are none for words that no note has, and all, the newest first, where nothing is asked for", () => {
    expect(found("submarine")).toEqual([]);
    expect(found("  ?! ")).toEqual(notes.map(({ content }) => content).toReversed());
  });
});

describe("the notes of a prompt", () => {
  test("are preferences and facts before others, bounded, and in an order that one more note hardly changes", () => {
    const many = Array.from({ length: 60 }, (_none, index) =>
      note("episode", `episode ${index} ${"x".repeat(90)}`, index),
    );
    const notes = [
      ...many,
      note("fact", "f1", 100),
      note("preference", "p1", 101),
      note("preference", "p2", 102),
    ];
    const chosen = chosenForPrompt(notes);
    expect(chosen.slice(0, 3).map(({ content }) => content)).toEqual(["p1", "p2", "f1"]);
    const episodes = chosen.slice(3).map(({ content }) => content);
    expect(episodes.at(-1)).toBe(many.at(-1)?.content);
    expect(episodes.length).toBeLessThan(60);
    expect(chosen.reduce((sum, { content }) => sum + content.length, 0)).toBeLessThanOrEqual(4_000);
    const more = chosenForPrompt([...notes, note("preference", "p3", 103)]);
    expect(more.slice(0, 2)).toEqual(chosen.slice(0, 2));
    expect(chosenForPrompt([note("fact", "y".repeat(2_000))])[0]?.content).toHaveLength(500);
  });
});

describe("the notes of a user", () => {
  const user = aUser();
  const run = newId<RunId>("run");
  let stack: TestBroker;
  let memories: Memories;
  beforeEach(async () => {
    stack = await startTestBroker([
      nodesService({ hostTools: "owner" }),
      quotaService(),
      sessionsService(),
      toolsService(),
    ]);
    memories = new Memories(stack.broker.core.ports.sql<ToolsTables>());
  });
  afterEach(() => stack.stop());
  const door = (call = newId<CallId>("call"), of = user) =>
    memoryDoor(memories, { user_id: of.user_id, run_id: run, call_id: call });
  const shown = async () => (await stack.as(user, "tools.memory", {})).memories;

  test("the same call, sent again, adds one note, and what is known is not added twice", async () => {
    const call = newId<CallId>("call");
    const first = await door(call).add({ type: "fact", content: "one" });
    expect(await door(call).add({ type: "fact", content: "one" })).toEqual(first);
    expect(await door().add({ type: "fact", content: "one" })).toEqual(first);
    expect(await shown()).toEqual([first]);
    expect(first).toMatchObject({ type: "fact", content: "one", run_id: run });
  });

  test("are changed by their id, by their user only, and there is a limit", async () => {
    const added = await door().add({ type: "task", content: "buy milk" });
    const id = added?.id ?? "";
    const other = door(newId("call"), aUser());
    expect([await other.remove(id), await other.edit(id, { content: "x" }), await other.find("")]).toEqual([
      false,
      undefined,
      [],
    ]);
    expect(await door().edit(id, { content: "buy oat milk" })).toMatchObject({
      type: "task",
      content: "buy oat milk",
    });
    expect(await door().remove(id)).toBe(true);
    const many = Array.from({ length: MAX_MEMORIES }, (_none, index) => ({
      type: "fact" as const,
      content: `${index}`,
    }));
    await stack.as(user, "tools.setMemory", { memories: many });
    expect(await door().add({ type: "fact", content: "one more" })).toBeUndefined();
    await expect(
      stack.as(user, "tools.setMemory", { memories: [...many, { type: "fact", content: "one more" }] }),
    ).rejects.toMatchObject({ type: "invalid_request" });
  });

  test("the user writes back what was read, changes some, and leaves out what shall go", async () => {
    const kept = await door().add({ type: "fact", content: "kept" });
    const changed = await door().add({ type: "fact", content: "old" });
    await door().add({ type: "fact", content: "gone" });
    const [first, second] = await shown();
    if (!first || !second) throw new Error("notes are missing");
    const { memories: now } = await stack.as(user, "tools.setMemory", {
      memories: [first, { ...second, content: " new " }, { type: "preference", content: "mine" }],
    });
    expect(now).toEqual([
      kept,
      { ...changed, content: "new", updated_at: expect.any(String), run_id: undefined },
      expect.objectContaining({ type: "preference", content: "mine" }),
    ]);
    expect(await shown()).toEqual(now);
    for (const id of ["mem_none", first.id])
      await expect(
        stack.as(user, "tools.setMemory", {
          memories: [first, { id: id as MemoryId, type: "fact", content: "x" }],
        }),
      ).rejects.toMatchObject({ type: "invalid_request", data: { errors: [{ path: "memories.1.id" }] } });
    await stack.as(user, "tools.forgetMemory", {});
    expect(await shown()).toEqual([]);
  });

  test("go with the user, and a credential without the account's scope learns nothing of them", async () => {
    await door().add({ type: "fact", content: "secret" });
    const key = { ...user, scopes: ["chat" as const, "tools:execute" as const], service: "agent" };
    const offer = (caller: typeof user) =>
      stack.as(caller, "tools.offer", {}).catch((error: unknown) => error);
    const whole = (await offer({ ...user, service: "agent" })) as {
      memory: unknown[];
      tools: { name: string }[];
    };
    const less = (await offer(key)) as typeof whole;
    expect(whole.memory).toEqual([{ type: "fact", content: "secret" }]);
    expect(less.memory).toEqual([]);
    const named = ({ tools }: typeof whole) => tools.some(({ name }) => name === "recall_memory");
    expect([named(whole), named(less)]).toEqual([true, false]);
    const direct = stack.as({ ...key, service: undefined } as never, "tools.execute", {
      name: "recall_memory",
      args: {},
    });
    await expect(direct).rejects.toMatchObject({ type: "tool_not_found" });
    await stack.as({ ...user, service: "users" }, "tools.removeUser", { user_id: user.user_id });
    expect(await shown()).toEqual([]);
  });
});
