// The sessions of the list, kept as they are by what is told of them.
import { batch, computed, signal } from "@preact/signals";
import type { RunStatus } from "../../contracts/answers/run-states.ts";
import type { Session } from "../../contracts/answers/sessions.ts";
import { ApiError } from "../../lib/client/api-error.ts";
import { call, onLeave } from "./account.ts";
import { approvals } from "./approvals.ts";
import { onNews } from "./news.ts";
import { place } from "./place.ts";
import { sayError } from "./say-error.ts";
import { isVisible } from "./visible.ts";

const PAGE = 50;

export const sessions = signal<Session[]>([]);
export const search = signal("");
export const isArchiveShown = signal(false);
export const isLoading = signal(false);
export const failure = signal("");
const cursor = signal<string | null>(null);
export const hasMore = computed(() => cursor.value !== null);

/** How the last run of a session stands, as far as it was told; ends stay until somebody looks. */
const lastRuns = signal<ReadonlyMap<string, RunStatus>>(new Map());

export type Badge = "working" | "waiting" | "queued" | "completed" | "failed" | "cancelled";

const waiting = computed(() => new Set(approvals.value.flatMap(({ session_id }) => session_id ?? [])));

/** What a person wants to know of a session without opening it. */
export function badgeOf(session: Session): Badge | undefined {
  if (waiting.value.has(session.id)) return "waiting";
  if (session.active_run_id !== null) return "working";
  const last = lastRuns.value.get(session.id);
  return last === "completed" || last === "failed" || last === "cancelled" ? last : undefined;
}

/** Its end has been seen. */
export function looked(id: string): void {
  if (!lastRuns.value.has(id)) return;
  const rest = new Map(lastRuns.value);
  rest.delete(id);
  lastRuns.value = rest;
}

let asked = 0;

/** The first page of what is searched; an answer that another question has overtaken is dropped. */
export async function loadSessions(): Promise<void> {
  asked += 1;
  const mine = asked;
  isLoading.value = true;
  try {
    const page = await call("GET /sessions", query(undefined));
    if (mine !== asked) return;
    batch(() => {
      sessions.value = page.sessions;
      cursor.value = page.next_cursor;
      failure.value = "";
    });
  } catch (thrown) {
    if (mine === asked) failure.value = sayError(thrown);
  } finally {
    if (mine === asked) isLoading.value = false;
  }
}

export async function loadMoreSessions(): Promise<void> {
  const from = cursor.value;
  if (from === null || isLoading.value) return;
  const mine = asked;
  isLoading.value = true;
  try {
    const page = await call("GET /sessions", query(from));
    if (mine !== asked) return;
    const known = new Set(sessions.value.map(({ id }) => id));
    batch(() => {
      sessions.value = [...sessions.value, ...page.sessions.filter(({ id }) => !known.has(id))];
      cursor.value = page.next_cursor;
    });
  } catch (thrown) {
    failure.value = sayError(thrown);
  } finally {
    if (mine === asked) isLoading.value = false;
  }
}

function query(from: string | undefined) {
  const q = search.value.trim();
  return {
    limit: PAGE,
    ...(from ? { cursor: from } : {}),
    ...(q ? { q } : {}),
    ...(isArchiveShown.value ? { archived: true } : {}),
  } as never;
}

/** Puts a session where it belongs; one that this list does not show leaves it. */
export function keepSession(session: Session): void {
  const rest = sessions.value.filter(({ id }) => id !== session.id);
  const isSearched = session.title.toLowerCase().includes(search.value.trim().toLowerCase());
  const isShown = session.is_archived === isArchiveShown.value && isSearched;
  sessions.value = isShown
    ? [...rest, session].toSorted((a, b) => b.updated_at.localeCompare(a.updated_at))
    : rest;
}

export function dropSession(id: string): void {
  sessions.value = sessions.value.filter((session) => session.id !== id);
}

export type SessionChange = {
  title?: string;
  model?: string | null;
  is_pinned?: boolean;
  is_archived?: boolean;
};

/** @throws ApiError */
export async function changeSession(id: string, change: SessionChange): Promise<Session> {
  const { session } = await call("PATCH /sessions/{id}", { id, ...change } as never);
  keepSession(session);
  return session;
}

/** @throws ApiError */
export async function removeSession(id: string): Promise<void> {
  await call("DELETE /sessions/{id}", { id } as never);
  dropSession(id);
}

/** A session as it is now; undefined when it is gone. */
async function readSession(id: string): Promise<void> {
  try {
    keepSession((await call("GET /sessions/{id}", { id } as never)).session);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 404) dropSession(id);
  }
}

/** Much is told of a session while it works: one reading at a time, and one more after what came meanwhile. */
const reading = new Map<string, { again: boolean }>();
async function readSoon(id: string): Promise<void> {
  const under = reading.get(id);
  if (under) {
    under.again = true;
    return;
  }
  const mine = { again: false };
  reading.set(id, mine);
  do {
    mine.again = false;
    await readSession(id);
  } while (mine.again);
  reading.delete(id);
}

/** Called once. */
export function followSessions(): void {
  onLeave(() => {
    asked += 1;
    sessions.value = [];
    cursor.value = null;
    lastRuns.value = new Map();
    search.value = "";
    isArchiveShown.value = false;
  });
  onNews((news) => {
    if (news.event === "ready") void loadSessions();
    if (news.event === "session" && news.data.change === "removed") dropSession(news.data.session_id);
    else if (news.event === "session") void readSoon(news.data.session_id);
    if (news.event !== "run") return;
    const { session_id, status } = news.data;
    // Whoever looks at it sees its end there.
    const isSeen = isVisible.value && place.value === `/sessions/${session_id}`;
    if (isSeen) looked(session_id);
    else lastRuns.value = new Map(lastRuns.value).set(session_id, status);
    void readSoon(session_id);
  });
}
