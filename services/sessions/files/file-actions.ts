// The actions of the sessions service for files (docs/files.md). Their bytes never go over the bus: the gateway writes and reads the objects.
import type { Service } from "moleculer";
import * as files from "../../../contracts/files.ts";
import { action } from "../../../lib/broker/action.ts";
import type { Rooms } from "../rooms.ts";
import { beginFile } from "./begin-file.ts";
import { attachable, seenFiles } from "./bind-files.ts";
import { fileView, objectOf } from "./file-document.ts";
import { keepFile } from "./keep-file.ts";
import { listFiles } from "./list-files.ts";
import { keptFile, ownFile } from "./own-file.ts";
import { markRemoved } from "./remove-files.ts";
import type { FileSweep } from "./sweep.ts";

type FilesService = Service & { rooms: Rooms; fileSweep: FileSweep };

/** A key that may only chat sends files with its messages, and sees its own. */
const READ = { kind: "user" as const, scope: ["sessions:read" as const, "chat" as const] };
const WRITE = { kind: "user" as const, scope: ["sessions:write" as const, "chat" as const] };
const INTERNAL = { kind: "internal" } as const;
/** A file is looked into for seconds, and behind the others of its user. */
const KEEP_TIMEOUT_MS = 180_000;

export const fileActions = {
  beginFile: action<"sessions.beginFile", FilesService>({
    access: WRITE,
    input: files.beginFileParams,
    handler({ size }, caller) {
      return beginFile(this.rooms, caller, size);
    },
  }),
  keepFile: action<"sessions.keepFile", FilesService>({
    access: WRITE,
    input: files.keepFileParams,
    timeout: KEEP_TIMEOUT_MS,
    async handler(params, caller) {
      return { file: fileView(await keepFile(this.rooms, caller, params)) };
    },
  }),
  listFiles: action<"sessions.listFiles", FilesService>({
    access: { kind: "user", scope: "sessions:read" },
    input: files.listFilesParams,
    handler(params, caller) {
      return listFiles(this.rooms, caller, params);
    },
  }),
  file: action<"sessions.file", FilesService>({
    access: READ,
    input: files.fileParams,
    async handler({ id }, caller) {
      return { file: fileView(await keptFile(this.rooms, caller, id)) };
    },
  }),
  fileContent: action<"sessions.fileContent", FilesService>({
    access: READ,
    input: files.fileParams,
    async handler({ id }, caller) {
      return { file: fileView(await keptFile(this.rooms, caller, id)), key: objectOf(id, "content") };
    },
  }),
  removeFile: action<"sessions.removeFile", FilesService>({
    access: WRITE,
    input: files.fileParams,
    async handler({ id }, caller) {
      const { _id } = await ownFile(this.rooms, caller, id);
      await markRemoved(this.rooms, _id);
      this.fileSweep.soon();
      return null;
    },
  }),
  attach: action<"sessions.attach", FilesService>({
    access: { kind: "user", scope: "chat" },
    input: files.attachParams,
    async handler({ ids, session_id }, caller) {
      return { attachments: await attachable(this.rooms, caller, ids, session_id) };
    },
  }),
  seenFiles: action<"sessions.seenFiles", FilesService>({
    access: INTERNAL,
    input: files.seenFilesParams,
    async handler({ ids, session_id }, caller) {
      return { files: await seenFiles(this.rooms, caller, ids, session_id) };
    },
  }),
};
