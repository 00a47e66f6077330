// An upload that is kept: asked twice it is one file, and one that is removed meanwhile leaves nothing.
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { FileId } from "../../../../../contracts/ids.ts";
import type { Objects } from "../../../../../lib/ports/objects.ts";
import { sessionsService } from "../../../../../services/sessions.service.ts";
import { aUser, startTestBroker, type TestBroker } from "../../../../support/test-broker.ts";

const user = aUser();
let running: TestBroker;
let objects: Objects;
beforeEach(async () => {
  running = await startTestBroker([sessionsService()]);
  ({ objects } = running.broker.core.ports);
});
afterEach(() => running.stop());

async function begin(words: string): Promise<FileId> {
  const { id, key } = await running.as(user, "sessions.beginFile", {});
  await objects.put(key, Buffer.from(words), { contentType: "application/octet-stream" });
  return id;
}
const keys = async () => (await objects.list("files/")).map(({ key }) => key);

test("asked again, also in the same moment, it is the same file, and whole", async () => {
  const id = await begin("The code word is heron.");
  const keep = () => running.as(user, "sessions.keepFile", { id, name: "a.txt" });
  const [one, two] = await Promise.all([keep(), keep()]);
  expect(two).toEqual(one);
  expect(await keep()).toEqual(one);
  expect((await objects.read(`files/${id}/content`, 100))?.bytes.toString()).toBe("The code word is heron.");
  expect(await keys()).toHaveLength(2);
});

test("one that is removed while it is looked into leaves nothing", async () => {
  const id = await begin("The code word is heron.");
  const kept = running.as(user, "sessions.keepFile", { id }).catch((error: unknown) => error);
  await running.as(user, "sessions.removeFile", { id });
  expect(await kept).toMatchObject({ type: "file_not_found" });
  expect(await keys()).toEqual([]);
});

test("more than twenty on their way at once are too many", async () => {
  const begun = Array.from({ length: 21 }, () => running.as(user, "sessions.beginFile", { size: 1 }));
  const outcomes = await Promise.allSettled(begun);
  expect(outcomes.filter(({ status }) => status === "rejected")).toMatchObject([
    { reason: { type: "file_limit" } },
  ]);
});
