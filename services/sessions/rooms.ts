// What every room of the sessions service works with. One document for a session, and its messages in pages (the bucket pattern), so
// that an append rewrites one small document however long the session is; and a line for each session that is written to.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { Source } from "../../contracts/given.ts";
import type { KeyId, MessageId, RunId, SessionId, UserId } from "../../contracts/ids.ts";
import type { Message, Session } from "../../contracts/sessions.ts";
import { callAs } from "../../lib/broker/action.ts";
import { maySee } from "../../lib/broker/authorization.ts";
import { AppError } from "../../lib/errors.ts";
import type { CollectionSpec, Documents } from "../../lib/ports/documents.ts";
import type { Ports } from "../../lib/ports/ports.ts";
import type { WithDocuments } from "../../mixins/documents.ts";
import { FILES, type FileDocument } from "./files/file-document.ts";
import { PROMISES, type Promises } from "./store/promise-room.ts";

/**
 * From the first to behind the last, by their numbers among all messages of the session, from 0. Those of a session are in order, with
 * others between them.
 */
export type Replaced = [from: number, to: number];

export type SessionDocument = {
  _id: SessionId;
  user_id: UserId;
  /** The API key that made it, if one did: without `sessions:read` that key sees and changes no other. */
  key_id?: KeyId;
  title: string;
  model: string | null;
  message_count: number;
  /** Number of the last page of messages, from 1; 0 when there is none. */
  pages: number;
  /** Messages in the pages before the last one. Not there in sessions of an earlier version until the next message. */
  before?: number;
  /** Messages added by hand that are perhaps stored but not counted: a process that dies in between leaves them here (store/count-messages.ts). */
  uncounted?: Record<MessageId, true>;
  /**
   * Messages that others have replaced: they stay in their pages, which only grow, and are shown to nobody and no model any more. Written with
   * the counts that make the new message count, so that whoever repeats the one repeats the other.
   */
  replaced?: Replaced[];
  is_pinned: boolean;
  is_archived: boolean;
  tags: string[];
  /** The door whose requests made it. It does not count for the plan's number of sessions, and goes some time after its last use. */
  source?: Source;
  active_run: RunId | null;
  /** The run that has left it last: what was asked for it at its start, and comes late, does not take the session for it. */
  left?: RunId;
  /** How many runs have found it taken and stand, or stood, in its line: the order of the line. */
  arrivals?: number;
  /** It is being removed: nothing is let in any more. Left by a process that died over it until it is removed again. */
  removing?: true;
  created_at: string;
  updated_at: string;
};

export type MessagePage = {
  /** `<session>:<number>`. */
  _id: string;
  session_id: SessionId;
  number: number;
  /** Messages in the pages before this one. */
  before: number;
  count: number;
  /** Length of the messages as JSON. */
  bytes: number;
  /** There is a next page, or is about to be: nothing is added to this one any more. */
  sealed?: true;
  messages: Message[];
};

/** Bounds of a page; a message that is larger has a page of its own. */
export const PAGE_MESSAGES = 20;
export const PAGE_BYTES = 32 * 1024;

export const SESSIONS: CollectionSpec = {
  name: "sessions",
  indexes: [
    { name: "by_user", fields: ["user_id", "created_at"] },
    { name: "by_shelf", fields: ["user_id", "source", "is_archived", "created_at"] },
    { name: "by_age", fields: ["source", "updated_at"], partialOn: "source" },
  ],
};

export const PAGES: CollectionSpec = { name: "message_pages", opaque: ["messages[]"], indexes: [] };

export function pageId(session: SessionId, number: number): string {
  return `${session}:${String(number).padStart(6, "0")}`;
}

/** A session as others see it, for mixins/documents.ts: a field that is new is not shown before it stands here. */
export const SHOWN = {
  settings: {
    idField: "id",
    fields: [
      "id",
      "title",
      "model",
      "message_count",
      "replaced",
      "is_pinned",
      "is_archived",
      "tags",
      "active_run",
      "source",
      "created_at",
      "updated_at",
    ],
  },
  shown({ active_run, replaced, ...session }: Record<string, unknown>): Session {
    const { message_count, ...others } = session as Pick<Session, "message_count">;
    const hidden = hiddenBefore(replaced as Replaced[] | undefined, message_count);
    return { ...others, message_count: message_count - hidden, active_run_id: active_run } as Session;
  },
};

export const isReplaced = (ranges: Replaced[], number: number): boolean =>
  ranges.some(([from, to]) => number >= from && number < to);

/** The messages of a page that are shown. */
export function shownOf(
  { replaced = [] }: SessionDocument,
  { messages, before }: Pick<MessagePage, "messages" | "before">,
): Message[] {
  if (replaced.length === 0) return messages;
  return messages.filter((_, index) => !isReplaced(replaced, before + index));
}

/** How many are hidden of those before this number. */
export function hiddenBefore(replaced: Replaced[] = [], number: number): number {
  return replaced.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, number) - from), 0);
}

/** A message as it is shown: what vendors want back is between them and the agent. */
export function messageView({ wire: _wire, ...shown }: Message): Message {
  return shown;
}

type SessionsPorts = Pick<Ports, "documents" | "moments" | "objects">;

/** What one user may keep of files: how many, and bytes of all of them. */
export type FileLimits = { files: number; bytes: number };
export const USUAL_FILE_LIMITS: FileLimits = { files: 1_000, bytes: 1024 ** 3 };

export type Rooms = {
  broker: ServiceBroker;
  ports: SessionsPorts;
  /** moleculer-db's methods over the sessions. */
  db: WithDocuments<SessionDocument, Session>;
  sessions: Documents<SessionDocument>;
  pages: Documents<MessagePage>;
  promises: Documents<Promises>;
  files: Documents<FileDocument>;
  limits: FileLimits;
  /** The last file of each user that is looked into. */
  reading: Map<UserId, Promise<unknown>>;
  /**
   * The last append of each session that is under way, and the last new session of each user: the next one waits for it instead of
   * racing it.
   */
  lines: Map<string, Promise<unknown>>;
};

type Mixed = WithDocuments<SessionDocument, Session> & { broker: ServiceBroker; ports: SessionsPorts };

export function openRooms(service: Mixed, limits = USUAL_FILE_LIMITS): Rooms {
  const { broker, ports, adapter } = service;
  return {
    broker,
    ports,
    db: service,
    sessions: adapter,
    pages: ports.documents<MessagePage>(PAGES),
    promises: ports.documents<Promises>(PROMISES),
    files: ports.documents<FileDocument>(FILES),
    limits,
    reading: new Map(),
    lines: new Map(),
  };
}

/** The session as others see it. */
export function sessionView(rooms: Rooms, session: SessionDocument): Promise<Session> {
  return rooms.db.transformDocuments(undefined, {}, session);
}

/** @throws session_not_found also when it is somebody else's, or of another credential for a key that may not read */
export async function ownSession(rooms: Rooms, caller: Caller, id: SessionId): Promise<SessionDocument> {
  return requireOwn(caller, id, await rooms.db.getById(id));
}

/** What must be true of a session that something is let into. */
export const STAYS = { removing: null };

/** @throws session_not_found also when it is being removed */
export async function ownStaying(rooms: Rooms, caller: Caller, id: SessionId): Promise<SessionDocument> {
  const session = await ownSession(rooms, caller, id);
  if (session.removing) throw noSession(id);
  return session;
}

/** @throws session_not_found */
export function requireOwn(caller: Caller, id: SessionId, session: SessionDocument | null): SessionDocument {
  if (session?.user_id !== caller.user_id || !maySee(caller, session)) throw noSession(id);
  return session;
}

export function noSession(id: string): AppError {
  return new AppError("session_not_found", `You have no session "${id}".`);
}

/**
 * A moment, or a part of one, that begins when everything before it on the same session (or for the same user) is done. The
 * line is in the moment: whoever stands behind it waits for what is done in it, not for the disk.
 */
export function inLine<T>(rooms: Rooms, id: string, work: () => Promise<T>): Promise<T> {
  return rooms.ports.moments.run(async () => {
    const before = rooms.lines.get(id);
    const mine = before ? before.then(work, work) : work();
    rooms.lines.set(id, mine);
    try {
      return await mine;
    } finally {
      if (rooms.lines.get(id) === mine) rooms.lines.delete(id);
    }
  });
}

/** A model that no chat could use is refused where it is chosen. @throws model_not_found */
export async function requireModel(
  { broker }: Rooms,
  caller: Caller,
  model: string | null | undefined,
): Promise<void> {
  if (model) await callAs(broker, "sessions", caller, "agent.requireModel", { model });
}
