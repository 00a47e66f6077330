// Minagent's quota and history: maps in memory, bounded, gone with the process.

export type Message =
  | { role: "user"; content: string }
  | { role: "assistant"; content: string; tool_calls?: WireCall[] }
  | { role: "tool"; tool_call_id: string; content: string };
export type WireCall = { id: string; type: "function"; function: { name: string; arguments: string } };

type Usage = {
  day: number;
  runs: number;
  tokens: number;
  running: number;
  minute: number;
  runsOfMinute: number;
};

const LIMITS = { runsPerDay: 10_000_000, runsPerMinute: 1_000_000, tokensPerDay: 1e12, running: 1_000 };
const MAX_SESSIONS = 20_000;

const usages = new Map<string, Usage>();
const sessions = new Map<string, { user: string; messages: Message[] }>();
let sessionNumber = 0;

/** Takes one run from the user's limits; false when one of them is reached. */
export function reserve(user: string): boolean {
  const minute = Math.floor(Date.now() / 60_000);
  const day = Math.floor(minute / 1_440);
  let usage = usages.get(user);
  if (usage?.day !== day) {
    usage = { day, runs: 0, tokens: 0, running: usage?.running ?? 0, minute, runsOfMinute: 0 };
    usages.set(user, usage);
  }
  if (usage.minute !== minute) Object.assign(usage, { minute, runsOfMinute: 0 });
  if (usage.runs >= LIMITS.runsPerDay || usage.runsOfMinute >= LIMITS.runsPerMinute) return false;
  if (usage.tokens >= LIMITS.tokensPerDay || usage.running >= LIMITS.running) return false;
  usage.runs += 1;
  usage.runsOfMinute += 1;
  usage.running += 1;
  return true;
}

export function settle(user: string, tokens: number): void {
  const usage = usages.get(user);
  if (!usage) return;
  usage.running -= 1;
  usage.tokens += tokens;
}

/** The user's session, a new one without an id; undefined when it is not theirs. The oldest are forgotten. */
export function openSession(
  user: string,
  id: string | undefined,
): { id: string; messages: Message[] } | undefined {
  if (id !== undefined) {
    const session = sessions.get(id);
    return session?.user === user ? { id, messages: session.messages } : undefined;
  }
  sessionNumber += 1;
  const made = { id: `ses_${sessionNumber}`, messages: [] as Message[] };
  sessions.set(made.id, { user, messages: made.messages });
  if (sessions.size > MAX_SESSIONS)
    for (const oldest of sessions.keys()) {
      sessions.delete(oldest);
      break;
    }
  return made;
}
