// What goes by itself of files: what broke off, what nobody uses, what was removed; and the objects of nothing else.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { FileId, SessionId, UserId } from "../../../../../contracts/ids.ts";
import { type EmbeddedPorts, openEmbeddedPorts } from "../../../../../lib/embedded/open-embedded-ports.ts";
import { AppError } from "../../../../../lib/errors.ts";
import { newId } from "../../../../../lib/ids.ts";
import type { Objects } from "../../../../../lib/ports/objects.ts";
import {
  FILE_OBJECTS,
  FILES,
  type FileDocument,
  objectOf,
} from "../../../../../services/sessions/files/file-document.ts";
import {
  markFilesOfSession,
  removeFilesOf,
  sweepFiles,
} from "../../../../../services/sessions/files/remove-files.ts";

const HOUR_MS = 3_600_000;
const NOW = Date.parse("2026-12-01T12:00:00.000Z");
const session = "ses_1" as SessionId;

let home: string;
let ports: EmbeddedPorts;
let rooms: Parameters<typeof sweepFiles>[0] & Parameters<typeof removeFilesOf>[0];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "macjarvis-sweep-"));
  ports = openEmbeddedPorts({ home });
  rooms = { ports, files: ports.documents<FileDocument>(FILES) } as never;
});
afterEach(async () => {
  await ports.close();
  await rm(home, { recursive: true, force: true });
});

async function keep(ageMs: number, over: Partial<FileDocument> = {}): Promise<FileId> {
  const _id = newId<FileId>("file", NOW - ageMs);
  await rooms.files.insert({
    ...{
      _id,
      user_id: "usr_1" as UserId,
      state: "kept",
      loose: 1,
      session_id: null,
      name: "a",
      kind: "text",
    },
    ...{ media_type: "text/plain", size: 1, sha256: "", text: null, picture: null, problem: null },
    created_at: new Date(NOW - ageMs).toISOString(),
    ...over,
  });
  await ports.objects.put(objectOf(_id, "content"), Buffer.from("x"), { contentType: "text/plain" });
  await ports.objects.put(objectOf(_id, "text"), Buffer.from("x"), { contentType: "text/plain" });
  return _id;
}
const left = async () => [
  ...new Set((await ports.objects.list(FILE_OBJECTS)).map(({ key }) => key.split("/")[1])),
];

test("an upload of an hour ago, an unused file of yesterday and what was removed go; the others stay", async () => {
  const coming = await keep(0.5 * HOUR_MS, { state: "coming" });
  await keep(1.1 * HOUR_MS, { state: "coming" });
  const unused = await keep(23 * HOUR_MS);
  await keep(25 * HOUR_MS);
  await keep(0, { state: "removed" });
  const used = await keep(999 * HOUR_MS, { loose: null, session_id: session });
  expect(await sweepFiles(rooms, NOW)).toBe(3);
  expect((await left()).toSorted()).toEqual([coming, unused, used].toSorted());
  expect(await sweepFiles(rooms, NOW)).toBe(0);
});

test("more than a page of them go in one sweep", async () => {
  for (let n = 0; n < 130; n += 1) await keep(30 * HOUR_MS);
  expect([await sweepFiles(rooms, NOW), await left()]).toEqual([130, []]);
});

test("one that a message takes in the same moment stays", async () => {
  const id = await keep(25 * HOUR_MS);
  const list = rooms.files.list.bind(rooms.files);
  const files = {
    get: rooms.files.get.bind(rooms.files),
    remove: rooms.files.remove.bind(rooms.files),
    compareAndSet: rooms.files.compareAndSet.bind(rooms.files),
    async list(query: never) {
      const page = await list(query);
      await rooms.files.compareAndSet(id, {}, { $set: { loose: null, session_id: session } });
      return page;
    },
  };
  expect(await sweepFiles({ ...rooms, files: files as never }, NOW)).toBe(0);
  expect(await left()).toEqual([id]);
});

test("where the object store fails, what is known of a file stays until its bytes are gone", async () => {
  const id = await keep(25 * HOUR_MS);
  const away: Objects = Object.assign(Object.create(ports.objects), {
    remove: async () => {
      throw new AppError("store_unavailable");
    },
  });
  await expect(sweepFiles({ ...rooms, ports: { ...ports, objects: away } }, NOW)).rejects.toMatchObject({
    type: "store_unavailable",
  });
  expect(await rooms.files.get(id)).toMatchObject({ state: "removed" });
  expect([await sweepFiles(rooms, NOW), await left(), await rooms.files.get(id)]).toEqual([1, [], null]);
});

test("those of a session are marked and those of a user removed, and nobody else's", async () => {
  const mine = await keep(0, { loose: null, session_id: session });
  const other = await keep(0, { user_id: "usr_2" as UserId, loose: null, session_id: "ses_2" as SessionId });
  expect([await markFilesOfSession(rooms, session), await markFilesOfSession(rooms, session)]).toEqual([
    1, 0,
  ]);
  expect(await rooms.files.get(mine)).toMatchObject({ state: "removed", loose: 1 });
  await removeFilesOf(rooms, "usr_1" as UserId);
  expect(await left()).toEqual([other]);
});
