// Sessions and their messages. Only this service writes them: the agent asks it (`enter`, `leave`, `recent`).

import type { ServiceSchema } from "moleculer";
import type { Caller } from "../contracts/access.ts";
import type { SessionId } from "../contracts/ids.ts";
import * as contract from "../contracts/sessions.ts";
import { action, call } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import type { Crash } from "../lib/crash-points.ts";
import { newId } from "../lib/ids.ts";
import { logOf } from "../lib/log.ts";
import { tellUser } from "../lib/tell-user.ts";
import { collections, documents } from "../mixins/documents.ts";
import { domainEvents } from "../mixins/domain-events.ts";
import { moments } from "../mixins/moments.ts";
import { objects } from "../mixins/objects.ts";
import { signals } from "../mixins/signals.ts";
import { userData } from "../mixins/user-data.ts";
import { exportPart } from "./sessions/export-session.ts";
import { fileActions } from "./sessions/files/file-actions.ts";
import { markFilesOfSession, removeFilesOf } from "./sessions/files/remove-files.ts";
import { FileSweep } from "./sessions/files/sweep.ts";
import { enterSession, leaveSession } from "./sessions/moments.ts";
import {
  type FileLimits,
  openRooms,
  ownSession,
  type Rooms,
  requireModel,
  SESSIONS,
  type SessionDocument,
  SHOWN,
  sessionView,
  USUAL_FILE_LIMITS,
} from "./sessions/rooms.ts";
import { addMessage, addOnce } from "./sessions/store/add-message.ts";
import { beginSession } from "./sessions/store/begin-session.ts";
import { shownSession } from "./sessions/store/count-messages.ts";
import { listSessions } from "./sessions/store/list-sessions.ts";
import { makeSession } from "./sessions/store/make-session.ts";
import { historyOf, messagesFrom, pagesBackwards, recentMessages } from "./sessions/store/read-messages.ts";
import { startRemoving } from "./sessions/store/remove-expired.ts";
import { removePages, removeSession, removeSessionsOf } from "./sessions/store/remove-session.ts";
import { updateSession } from "./sessions/store/update-session.ts";

const MIXINS = [
  documents<SessionDocument, contract.Session>(SESSIONS, SHOWN),
  collections,
  objects,
  moments,
  signals,
  domainEvents,
] as const;
type SessionsService = With<typeof MIXINS> & {
  rooms: Rooms;
  fileSweep: FileSweep;
  stopRemoving?: () => void;
};

const READ = { kind: "user", scope: "sessions:read" } as const;
const WRITE = { kind: "user", scope: "sessions:write" } as const;
const ADMIN = { kind: "user", scope: "admin", admin: true } as const;
const INTERNAL = { kind: "internal" } as const;
/** Removing waits for the end of the session's run. */
const REMOVE_TIMEOUT_MS = 65_000;
const NEW_TITLE = "New session";

type Options = {
  /** For tests: dies at the crash points of the moments that a session has a part in. */
  crash?: Crash;
  /** What each user may keep of files. */
  limits?: FileLimits;
};

export function sessionsService({
  crash = () => undefined,
  limits = USUAL_FILE_LIMITS,
}: Options = {}): ServiceSchema {
  return defineService<"sessions", SessionsService>({
    name: "sessions",
    mixins: [
      ...MIXINS,
      userData<SessionsService>({
        timeout: REMOVE_TIMEOUT_MS,
        async remove(user) {
          await removeSessionsOf(this.rooms, user);
          await removeFilesOf(this.rooms, user);
        },
      }),
    ],
    actions: {
      create: action({
        access: WRITE,
        input: contract.createSessionParams,
        async handler(this: SessionsService, { title = NEW_TITLE, model }, caller, ctx) {
          await requireModel(this.rooms, caller, model);
          const { max_sessions } = await call(ctx, "quota.limits", {});
          const id = newId<SessionId>("session");
          const session = await makeSession(this.rooms, caller, id, { title, model, max_sessions });
          await this.tellAfterwards(
            "session.created",
            { session_id: id, user_id: caller.user_id },
            { once: id },
          );
          tellOf(this, caller, id, "created");
          return { session: await sessionView(this.rooms, session) };
        },
      }),
      list: action({
        access: READ,
        input: contract.listSessionsParams,
        handler(this: SessionsService, params, caller) {
          return listSessions(this.rooms, caller.user_id, params);
        },
      }),
      adminList: action({
        access: ADMIN,
        input: contract.adminListSessionsParams,
        handler(this: SessionsService, { user_id, ...params }) {
          return listSessions(this.rooms, user_id, params);
        },
      }),
      get: action({
        access: { kind: "user", scope: ["sessions:read", "chat"] },
        input: contract.sessionParams,
        async handler(this: SessionsService, { id }, caller) {
          return { session: await sessionView(this.rooms, await shownSession(this.rooms, caller, id)) };
        },
      }),
      look: action({
        access: { kind: "user", scope: ["sessions:read", "chat"] },
        input: contract.sessionParams,
        async handler(this: SessionsService, { id }, caller) {
          const session = await ownSession(this.rooms, caller, id);
          return {
            session: await sessionView(this.rooms, session),
            has_line: session.arrivals !== undefined,
          };
        },
      }),
      update: action({
        access: WRITE,
        input: contract.updateSessionParams,
        async handler(this: SessionsService, params, caller) {
          await requireModel(this.rooms, caller, params.model);
          const session = await updateSession(this.rooms, caller, params);
          tellOf(this, caller, params.id, "changed");
          return { session: await sessionView(this.rooms, session) };
        },
      }),
      rename: action({
        access: WRITE,
        input: contract.renameSessionParams,
        async handler(this: SessionsService, params, caller) {
          const session = await updateSession(this.rooms, caller, params);
          tellOf(this, caller, params.id, "changed");
          return { session: await sessionView(this.rooms, session) };
        },
      }),
      remove: action({
        access: WRITE,
        input: contract.sessionParams,
        timeout: REMOVE_TIMEOUT_MS,
        async handler(this: SessionsService, { id }, caller) {
          await removeSession(this.rooms, caller, id);
          this.fileSweep.soon();
          tellOf(this, caller, id, "removed");
          return null;
        },
      }),
      history: action({
        access: READ,
        input: contract.historyParams,
        async handler(this: SessionsService, { id, limit, before }, caller) {
          return historyOf(this.rooms, await shownSession(this.rooms, caller, id), limit, before);
        },
      }),
      addMessage: action({
        access: WRITE,
        input: contract.addMessageParams,
        async handler(this: SessionsService, params, caller) {
          const message = await addMessage(this.rooms, caller, params);
          const { id: message_id, session_id } = message;
          const told = { message_id, session_id, user_id: caller.user_id, role: params.role };
          await this.tellAfterwards("message.sent", told, { once: message_id });
          tellOf(this, caller, session_id, "changed");
          return { message };
        },
      }),
      export: action({
        access: READ,
        input: contract.exportPartParams,
        async handler(this: SessionsService, { id, format, page }, caller) {
          const session = await shownSession(this.rooms, caller, id);
          const view = await sessionView(this.rooms, session);
          return exportPart(view, await messagesFrom(this.rooms, session, page), format);
        },
      }),
      ...fileActions,
      enter: action({
        access: INTERNAL,
        input: contract.enterParams,
        handler(this: SessionsService, params, caller) {
          return enterSession(this.rooms, crash, caller, params);
        },
      }),
      begin: action({
        access: INTERNAL,
        input: contract.beginParams,
        async handler(this: SessionsService, params, caller) {
          await beginSession(this.rooms, caller, params);
          const told = { session_id: params.id, user_id: caller.user_id };
          await this.tellAfterwards("session.created", told, { once: params.id });
          return null;
        },
      }),
      note: action({
        access: INTERNAL,
        input: contract.noteParams,
        async handler(this: SessionsService, { message }, caller) {
          await addOnce(this.rooms, caller, message);
          const { id: message_id, session_id, run_id } = message;
          const told = { message_id, session_id, user_id: caller.user_id, role: "assistant" as const };
          await this.tellAfterwards(
            "message.sent",
            { ...told, ...(run_id ? { run_id } : {}) },
            { once: message_id },
          );
          return null;
        },
      }),
      leave: action({
        access: INTERNAL,
        input: contract.leaveParams,
        async handler(this: SessionsService, params, caller) {
          await leaveSession(this.rooms, crash, caller, params);
          return null;
        },
      }),
      shows: action({
        access: INTERNAL,
        input: contract.showsParams,
        async handler(this: SessionsService, { id, message_id }, caller) {
          const session = await shownSession(this.rooms, caller, id);
          const { findPlace } = await import("./sessions/store/replaced.ts");
          const place = await findPlace(pagesBackwards(this.rooms, session), session, message_id);
          return { shown: place?.isShown === true };
        },
      }),
      recent: action({
        access: INTERNAL,
        input: contract.recentParams,
        async handler(this: SessionsService, { id, max_bytes }, caller) {
          return recentMessages(this.rooms, await shownSession(this.rooms, caller, id), max_bytes);
        },
      }),
    },
    async beforeEntityRemove({ id }) {
      await markFilesOfSession(this.rooms, id as SessionId);
      await removePages(this.rooms, id as SessionId);
    },
    created() {
      this.rooms = openRooms(this, limits);
      this.fileSweep = new FileSweep(this.rooms, logOf(this.broker, "sessions"));
    },
    async started() {
      this.fileSweep.start();
      this.stopRemoving = startRemoving(this.rooms, logOf(this.broker, "sessions"));
    },
    async stopped() {
      this.stopRemoving?.();
      await this.fileSweep.stop();
    },
  });
}

function tellOf(
  { ports }: SessionsService,
  { user_id }: Caller,
  session_id: SessionId,
  change: "created" | "changed" | "removed",
): void {
  tellUser(ports.signals, user_id, { event: "session", data: { session_id, change } });
}
