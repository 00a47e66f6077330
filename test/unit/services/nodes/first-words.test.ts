// A Mac is connected a moment before it has said what it can do: whoever asks for tools in that moment gets them.
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { macDescription } from "../../../../contracts/mac-description.ts";
import { callAs, SYSTEM } from "../../../../lib/broker/action.ts";
import { DESCRIPTION, type NodesBroker, startNodes } from "./nodes-broker.ts";

let stack: NodesBroker;
beforeAll(async () => {
  stack = await startNodes();
});
afterAll(() => stack.stop());

/** As pairing writes it. */
const UNTOLD = JSON.stringify({ ...DESCRIPTION, home: "", roots: [], tools: [] });
const toolsOf = async (person: Parameters<NodesBroker["as"]>[0]) =>
  (await stack.as(person, "tools.list", {})).tools.map(({ name }) => name);

test("tools that are asked for before its first word are waited for", async () => {
  const person = await stack.person("early");
  const node_id = await stack.macOf(person, "studio", { description: UNTOLD });
  const asked = toolsOf(person);
  await new Promise((resolve) => setImmediate(resolve));
  const description = macDescription.parse(DESCRIPTION);
  await callAs(stack.broker, "tools", SYSTEM, "nodes.told", { node_id, instance: "one", description });
  expect(await asked).toContain("run_script");
});

test("one that never says a word, or of which nothing is known, holds nobody up for long, and one that is away nobody at all", async () => {
  const person = await stack.person("patient");
  await stack.macOf(person, "away", { description: UNTOLD, online_until: 0 });
  expect(await toolsOf(person)).not.toContain("run_script");
  await stack.macOf(person, "silent", { description: UNTOLD });
  await stack.macOf(person, "unknown", { description: null });
  expect(await toolsOf(person)).not.toContain("run_script");
});
