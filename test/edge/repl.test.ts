// The REPL's commands about Macs, on a real edge: who has one, whether it is there, what ran there last, and its end.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { MAC_COMMANDS } from "../../bin/repl/commands/macs.ts";
import { roomOf } from "../../bin/repl/room-of.ts";
import { Screen } from "../../bin/terminal/screen.ts";
import { textsFor } from "../../bin/terminal/texts.ts";
import { type EdgeStack, type PairedMac, startEdgeStack } from "../support/edge/edge-stack.ts";
import { aUser } from "../support/test-broker.ts";
import { waitFor } from "../support/wait-for.ts";

let edge: EdgeStack;
let mac: PairedMac;
let asleep: PairedMac;
const owner = aUser();
const texts = textsFor("en");

beforeAll(async () => {
  edge = await startEdgeStack();
  mac = await edge.pair(owner.user_id, "studio");
  asleep = await edge.pair(aUser().user_id, "asleep");
  await mac.serve();
  await waitFor("it has told of itself", async () => (await view()).tools.length > 0);
});
afterAll(() => edge.stop());

const view = async () => (await edge.stack.as(owner, "nodes.get", { id: mac.id })).node;

/** What a line answers: for programs, and as it is shown. @param agreed what was asked first */
async function run(name: string, words: string[] = [], agreed: string[] = []) {
  const command = MAC_COMMANDS.find((one) => one.name === name);
  if (!command) throw new Error(`there is no ${name}`);
  const room = roomOf(edge.stack.broker, () => {
    throw new Error("nobody asks for the trail");
  });
  const agree = async (question: string) => void agreed.push(question);
  const { json, show } = await command.run(room, { words, options: {}, texts, agree });
  let text = "";
  const out = { write: (piece: string) => (text += piece), columns: 200, isTTY: false } as never;
  show(new Screen(out, out, texts));
  return { json: json as Record<string, Record<string, unknown>[]>, text };
}

test("all Macs are listed, with whose they are and whether they are there", async () => {
  const { json, text } = await run("macs list");
  expect(json.macs).toMatchObject([
    { id: mac.id, name: "studio", owner_id: owner.user_id, status: "online", queue_length: 0 },
    { id: asleep.id, name: "asleep", owner_id: asleep.owner, status: "offline", tool_count: 0 },
  ]);
  expect(text).toMatch(/studio .* connected/);
  await waitFor("its load is told", async () => /connected, load \d+ %/.test((await run("macs list")).text));
});

test("the last calls of one are shown, with how they ended and without their arguments", async () => {
  const path = join(mac.root, "nothing-of-this-name");
  await edge.stack.as(owner, "tools.execute", {
    name: "list_directory",
    node_id: mac.id,
    args: { path: mac.root },
  });
  await edge.stack.as(owner, "tools.execute", { name: "read_file", node_id: mac.id, args: { path } });
  const { json, text } = await run("macs calls", [mac.id]);
  expect(json.calls).toMatchObject([
    { tool: "list_directory", status: "done", user_id: owner.user_id },
    { tool: "read_file", status: "failed" },
  ]);
  expect(text).not.toContain("nothing-of-this-name");
});

test("one is revoked after a question, and cut off", async () => {
  const asked: string[] = [];
  expect((await run("macs revoke", [mac.id], asked)).text).toBe(`${mac.id} is revoked.\n`);
  expect(asked).toEqual([expect.stringContaining(`Revoke ${mac.id}?`)]);
  await waitFor("it is cut off", () => edge.hub().instanceOf(mac.id) === undefined);
  expect((await view()).status).toBe("revoked");
  expect((await run("macs list")).json.macs).toMatchObject([{ id: asleep.id }]);
});
