// Sessions and their messages. Only this service writes them: the agent asks it (`ensure`, `claim`, `append`, `release`).
import type { ServiceSchema } from "moleculer";
import type { SessionId } from "../contracts/ids.ts";
import * as contract from "../contracts/sessions.ts";
import { action } from "../lib/broker/action.ts";
import { defineService } from "../lib/broker/define-service.ts";
import type { With } from "../lib/broker/mixin.ts";
import { newId } from "../lib/ids.ts";
import { collections, documents } from "../mixins/documents.ts";
import { moments } from "../mixins/moments.ts";
import { userData } from "../mixins/user-data.ts";
import { exportSession } from "./sessions/export-session.ts";
import { openRooms, ownSession, type Rooms, requireModel, sessionView } from "./sessions/rooms.ts";
import { SESSIONS, type SessionDocument, SHOWN } from "./sessions/session-document.ts";
import { addMessage } from "./sessions/store/add-message.ts";
import { appendMessages } from "./sessions/store/append-messages.ts";
import { claimSession, releaseSession } from "./sessions/store/claim-session.ts";
import { listSessions } from "./sessions/store/list-sessions.ts";
import { ensureSession, makeSession } from "./sessions/store/make-session.ts";
import { allMessages, historyOf, recentMessages } from "./sessions/store/read-messages.ts";
import { removePages, removeSession, removeSessionsOf } from "./sessions/store/remove-session.ts";
import { updateSession } from "./sessions/store/update-session.ts";

const MIXINS = [documents<SessionDocument, contract.Session>(SESSIONS, SHOWN), collections, moments] as const;
type SessionsService = With<typeof MIXINS> & { rooms: Rooms };

const READ = { kind: "user", scope: "sessions:read" } as const;
const WRITE = { kind: "user", scope: "sessions:write" } as const;
const INTERNAL = { kind: "internal" } as const;
/** Removing waits for the end of the session's run. */
const REMOVE_TIMEOUT_MS = 65_000;
const NEW_TITLE = "New session";

export function sessionsService(): ServiceSchema {
  return defineService<"sessions", SessionsService>({
    name: "sessions",
    mixins: [
      ...MIXINS,
      userData<SessionsService>({
        timeout: REMOVE_TIMEOUT_MS,
        remove(user) {
          return removeSessionsOf(this.rooms, user);
        },
      }),
    ],
    actions: {
      create: action({
        access: WRITE,
        input: contract.createSessionParams,
        async handler(this: SessionsService, { title = NEW_TITLE, model }, caller, ctx) {
          const request = { rooms: this.rooms, caller, ctx };
          await requireModel(this.rooms, caller, model);
          const session = await makeSession(request, newId<SessionId>("session"), { title, model });
          return { session: await sessionView(this.rooms, session) };
        },
      }),
      list: action({
        access: READ,
        input: contract.listSessionsParams,
        handler(this: SessionsService, params, caller) {
          return listSessions(this.rooms, caller, params);
        },
      }),
      get: action({
        access: { kind: "user", scope: ["sessions:read", "chat"] },
        input: contract.sessionParams,
        async handler(this: SessionsService, { id }, caller) {
          return { session: await sessionView(this.rooms, await ownSession(this.rooms, caller, id)) };
        },
      }),
      update: action({
        access: WRITE,
        input: contract.updateSessionParams,
        async handler(this: SessionsService, params, caller) {
          await requireModel(this.rooms, caller, params.model);
          return { session: await sessionView(this.rooms, await updateSession(this.rooms, caller, params)) };
        },
      }),
      rename: action({
        access: WRITE,
        input: contract.renameSessionParams,
        async handler(this: SessionsService, params, caller) {
          return { session: await sessionView(this.rooms, await updateSession(this.rooms, caller, params)) };
        },
      }),
      remove: action({
        access: WRITE,
        input: contract.sessionParams,
        timeout: REMOVE_TIMEOUT_MS,
        async handler(this: SessionsService, { id }, caller) {
          await removeSession(this.rooms, caller, id);
          return null;
        },
      }),
      history: action({
        access: READ,
        input: contract.historyParams,
        async handler(this: SessionsService, { id, limit, before }, caller) {
          return historyOf(this.rooms, await ownSession(this.rooms, caller, id), limit, before);
        },
      }),
      addMessage: action({
        access: WRITE,
        input: contract.addMessageParams,
        async handler(this: SessionsService, params, caller) {
          return { message: await addMessage(this.rooms, caller, params) };
        },
      }),
      export: action({
        access: READ,
        input: contract.exportParams,
        async handler(this: SessionsService, { id, format }, caller) {
          const session = await ownSession(this.rooms, caller, id);
          return exportSession(
            await sessionView(this.rooms, session),
            await allMessages(this.rooms, session),
            format,
          );
        },
      }),
      ensure: action({
        access: INTERNAL,
        input: contract.ensureSessionParams,
        async handler(this: SessionsService, { id, title, model }, caller, ctx) {
          const request = { rooms: this.rooms, caller, ctx };
          return {
            session: await sessionView(this.rooms, await ensureSession(request, id, { title, model })),
          };
        },
      }),
      claim: action({
        access: INTERNAL,
        input: contract.claimParams,
        handler(this: SessionsService, { id, run_id, expected }, caller) {
          return claimSession(this.rooms, caller, id, run_id, expected);
        },
      }),
      release: action({
        access: INTERNAL,
        input: contract.releaseParams,
        async handler(this: SessionsService, { id, run_id }, caller) {
          await releaseSession(this.rooms, caller, id, run_id);
          return null;
        },
      }),
      append: action({
        access: INTERNAL,
        input: contract.appendParams,
        async handler(this: SessionsService, { id, messages }, caller) {
          await appendMessages(this.rooms, caller, id, messages);
          return null;
        },
      }),
      recent: action({
        access: INTERNAL,
        input: contract.recentParams,
        async handler(this: SessionsService, { id, max_bytes }, caller) {
          return recentMessages(this.rooms, await ownSession(this.rooms, caller, id), max_bytes);
        },
      }),
    },
    async beforeEntityRemove({ id }) {
      await removePages(this.rooms, id as SessionId);
    },
    created() {
      this.rooms = openRooms(this);
    },
  });
}
