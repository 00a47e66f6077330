// What the sessions service keeps: one document for a session, and its messages in pages (the bucket pattern), so that an
// append rewrites one small document however long the session is.
import type { KeyId, RunId, SessionId, UserId } from "../../contracts/ids.ts";
import type { Message, Session } from "../../contracts/sessions.ts";
import type { CollectionSpec } from "../../lib/ports/documents.ts";

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
  is_pinned: boolean;
  is_archived: boolean;
  tags: string[];
  active_run: RunId | null;
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
    { name: "by_archived", fields: ["user_id", "is_archived", "created_at"] },
  ],
};

export const PAGES: CollectionSpec = { name: "message_pages", indexes: [] };

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
      "is_pinned",
      "is_archived",
      "tags",
      "active_run",
      "created_at",
      "updated_at",
    ],
  },
  shown({ active_run, ...session }: Record<string, unknown>): Session {
    return { ...session, active_run_id: active_run } as Session;
  },
};

/** A message as it is shown: what vendors want back is between them and the agent. */
export function messageView({ wire: _wire, ...shown }: Message): Message {
  return shown;
}
