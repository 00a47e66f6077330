// Which process of a Mac hubs deal with.
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { NodeId } from "../../../../contracts/ids.ts";
import { callAs, SYSTEM } from "../../../../lib/broker/action.ts";
import { aUser } from "../../../support/test-broker.ts";
import { type NodesBroker, startNodes } from "./nodes-broker.ts";

let stack: NodesBroker;
let mac: NodeId;
let made = 0;
beforeAll(async () => {
  stack = await startNodes();
});
beforeEach(async () => {
  mac = await stack.macOf(aUser(), `mac-${made++}`, { instance: null, online_until: 0 });
});
afterAll(() => stack.stop());

const meet = (instance: string, journal?: { key: string; start: number }) =>
  callAs(stack.broker, "tools", SYSTEM, "nodes.meet", {
    node_id: mac,
    instance,
    ...(journal ? { journal } : {}),
  });
const lose = (instance: string) =>
  callAs(stack.broker, "tools", SYSTEM, "nodes.lose", { node_id: mac, instance });
const on = (start: number, key = "journal") => ({ key, start });

test("the first that comes is dealt with, and no other one while it is there", async () => {
  expect(await meet("one", on(1))).toMatchObject({ accepted: true });
  expect(await meet("copy", on(1, "another"))).toMatchObject({ accepted: false });
  expect(await meet("old program")).toMatchObject({ accepted: false });
  expect(await meet("one", on(1))).toMatchObject({ accepted: true });
});

test("one that goes on with its journal is dealt with at once, and the one before it never again", async () => {
  const first = await meet("one", on(1));
  expect(await meet("two", on(2))).toEqual(first);
  expect(await meet("one", on(1))).toMatchObject({ accepted: false });
  // As where a machine was put back to what it was: the number was there already.
  expect(await meet("put back", on(2))).toMatchObject({ accepted: false });
  expect(await meet("two", on(2))).toEqual(first);
});

test("one with another journal comes when the first is gone: from then on all stands in that one", async () => {
  const first = await meet("one", on(5));
  await lose("one");
  const copy = await meet("copy", on(1, "another"));
  expect(copy.accepted).toBe(true);
  expect(copy.journal_since).toBeGreaterThanOrEqual(first.journal_since);
  await lose("copy");
  const back = await meet("again", on(6));
  expect(back.journal_since).toBeGreaterThanOrEqual(copy.journal_since);
  expect(await meet("next", on(7))).toEqual(back);
});
