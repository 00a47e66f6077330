// What every room of the sessions service works with: its two collections, and a line for each session that is written to.
import type { ServiceBroker } from "moleculer";
import type { Caller } from "../../contracts/access.ts";
import type { SessionId } from "../../contracts/ids.ts";
import type { Session } from "../../contracts/sessions.ts";
import { callAs } from "../../lib/broker/action.ts";
import { AppError } from "../../lib/errors.ts";
import type { Documents } from "../../lib/ports/documents.ts";
import type { Ports } from "../../lib/ports/ports.ts";
import { maySee } from "../../lib/rights.ts";
import type { WithDocuments } from "../../mixins/documents.ts";
import { type MessagePage, PAGES, type SessionDocument } from "./session-document.ts";

type SessionsPorts = Pick<Ports, "documents" | "moments">;

export type Rooms = {
  broker: ServiceBroker;
  ports: SessionsPorts;
  /** moleculer-db's methods over the sessions. */
  db: WithDocuments<SessionDocument, Session>;
  sessions: Documents<SessionDocument>;
  pages: Documents<MessagePage>;
  /**
   * The last append of each session that is under way, and the last new session of each user: the next one waits for it instead of
   * racing it.
   */
  lines: Map<string, Promise<unknown>>;
};

type Mixed = WithDocuments<SessionDocument, Session> & { broker: ServiceBroker; ports: SessionsPorts };

export function openRooms(service: Mixed): Rooms {
  const { broker, ports, adapter } = service;
  return {
    broker,
    ports,
    db: service,
    sessions: adapter,
    pages: ports.documents<MessagePage>(PAGES),
    lines: new Map(),
  };
}

/** The session as others see it. */
export function sessionView(rooms: Rooms, session: SessionDocument): Promise<Session> {
  return rooms.db.transformDocuments(undefined, {}, session);
}

/** @throws session_not_found also when it is somebody else's, or of another credential for a key that may not read */
export async function ownSession(rooms: Rooms, caller: Caller, id: SessionId): Promise<SessionDocument> {
  const session = await rooms.db.getById(id);
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
