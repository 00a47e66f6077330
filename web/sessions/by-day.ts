// Sessions in groups as people remember them: pinned, today, yesterday, this week, this month, then by month.
import type { Session } from "../../contracts/answers/sessions.ts";
import { locale } from "../store/settings.ts";
import { SESSIONS } from "../texts/sessions.ts";

export type Group = { name: string; members: Session[] };

const DAY_MS = 86_400_000;

/** @param sessions newest first */
export function byDay(sessions: Session[], now: Date): Group[] {
  const groups = new Map<string, Session[]>();
  const add = (name: string, session: Session) => groups.set(name, [...(groups.get(name) ?? []), session]);
  for (const session of sessions.filter(({ is_pinned }) => is_pinned)) add(SESSIONS.pinned(), session);
  for (const session of sessions.filter(({ is_pinned }) => !is_pinned))
    add(nameOf(new Date(session.updated_at), now), session);
  return [...groups].map(([name, members]) => ({ name, members }));
}

function nameOf(date: Date, now: Date): string {
  // By calendar days where the person is, not by spans of 24 hours.
  const days = Math.round((midnight(now) - midnight(date)) / DAY_MS);
  if (days <= 0) return SESSIONS.today();
  if (days === 1) return SESSIONS.yesterday();
  if (days < 7) return SESSIONS.week();
  if (days < 30) return SESSIONS.month();
  return new Intl.DateTimeFormat(locale.value, { month: "long", year: "numeric" }).format(date);
}

const midnight = (date: Date): number =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
