// What was told to somebody, held against what is there afterwards: of each chat its run, its events read again, its marks; of each
// session the order.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Door, isPassing } from "./door.ts";
import type { Member } from "./member.ts";
import type { Person, Sent } from "./person.ts";
import { Reader } from "./reader.ts";

type Call = { call_id: string; args?: { content?: string }; status: string; result?: unknown };
type View = { status: string; error?: { code: string }; steps: { tool_calls: Call[] }[] };

export type Judged = { runs: number; statuses: Map<string, number>; faults: string[] };

/** How often a line may be written, by how its call ended. */
const TIMES: Record<string, number[]> = {
  done: [1],
  outcome_unknown: [0, 1],
  cancelled: [0, 1],
  failed: [0],
  denied: [0],
  expired: [0],
  "never asked for": [0],
};
/** Given up after three deaths over the same step. */
const MAY_FAIL = new Set(["run_poisoned"]);
/** What says so for longer will always say it. */
const LATER_MS = 120_000;
const PAUSE_MS = 300;

export async function judge(persons: readonly Person[]): Promise<Judged> {
  const judged: Judged = { runs: 0, statuses: new Map(), faults: [] };
  for (const person of persons) {
    const written = await readFile(person.path, "utf8").catch(() => "");
    const marks = Map.groupBy(written.split("\n"), (line) => line);
    for (const sent of person.sent) {
      judged.faults.push(...sent.reader.faults);
      if (sent.refused) judged.faults.push(`a chat was refused: ${sent.refused}`);
      if (!sent.run) continue;
      judged.runs += 1;
      judged.faults.push(...(await judgeRun(person, sent, marks, judged.statuses)));
    }
    judged.faults.push(...(await orderFaults(person)));
  }
  return judged;
}

async function judgeRun(
  person: Person,
  sent: Sent,
  marks: Map<string, string[]>,
  statuses: Map<string, number>,
): Promise<string[]> {
  const { status, body } = await person.door.insist("GET", `/agent/runs/${sent.run}`);
  if (status !== 200) return [`G1: the accepted run ${sent.run} is answered ${status}`];
  const run = body.run as View;
  const shown = run.error ? `${run.status} (${run.error.code})` : run.status;
  statuses.set(shown, (statuses.get(shown) ?? 0) + 1);
  const faults: string[] = [];
  if (run.status === "failed" && !MAY_FAIL.has(run.error?.code ?? ""))
    faults.push(`run ${sent.run} failed: ${JSON.stringify(run.error)}`);
  const calls = run.steps.flatMap(({ tool_calls }) => tool_calls);
  for (const line of sent.lines) {
    const call = calls.find(({ args }) => args?.content === `${line}\n`);
    const times = marks.get(line)?.length ?? 0;
    const end = call?.status ?? "never asked for";
    if (!TIMES[end]?.includes(times))
      faults.push(`G3: call ${call?.call_id} of ${sent.run} is ${end} and left ${times} marks`);
    const answer = call && sent.answers.get(call.call_id);
    if (answer === "approve" && ["denied", "expired"].includes(end))
      faults.push(`G6: ${call?.call_id} was approved and is ${end}`);
    if (answer === "deny" && times > 0) faults.push(`G6: ${call?.call_id} was denied and ran`);
  }
  if (!sent.reader.isDone) return [...faults, `G4: the events of ${sent.run} have no end (it is ${shown})`];
  return [...faults, ...(await rereadFaults(person, sent))];
}

/** Read again from the start: the events of the run, and what the same request is answered now. */
async function rereadFaults(person: Person, sent: Sent): Promise<string[]> {
  const again = new Reader(sent.reader.silentMs);
  const reread = new Reader(sent.reader.silentMs);
  const whole = () => false;
  const door = person.door;
  const gateway = door.any();
  await again.finish(door, String(sent.run), gateway, whole);
  const { response, silence } = await askAgain(door, gateway, sent);
  if (response?.status === 200) await reread.take(response, silence, whole);
  return [
    ...again.faults,
    ...(again.text === sent.reader.text ? [] : [`G9: ${difference(sent, again)}`]),
    ...(response?.status === 200 && reread.text === sent.reader.text
      ? []
      : [`G8: the same request is answered ${response?.status}: ${difference(sent, reread)}`]),
  ];
}

/** The same request, each time through a gateway, until the answer is none that says: later; or stays one. */
async function askAgain(door: Door, before: Member, { body, key, reader }: Sent) {
  const until = performance.now() + LATER_MS;
  for (;;) {
    const silence = new AbortController();
    const late = setTimeout(() => silence.abort(), reader.silentMs);
    const asked = ["POST", "/agent/chat", body, { "Idempotency-Key": key }] as const;
    const response = await door.open(door.any(before), [...asked], silence.signal);
    clearTimeout(late);
    if (!isPassing(response?.status ?? 0) || performance.now() > until) return { response, silence };
    await response?.body?.cancel().catch(() => undefined);
    await sleep(PAUSE_MS);
  }
}

function difference({ run, reader }: Sent, other: Reader): string {
  const at = reader.frames.findIndex((frame, index) => frame !== other.frames[index]);
  const place = at === -1 ? reader.frames.length : at;
  const shown = (frame: string | undefined) => frame?.replaceAll("\n", " ").slice(0, 200) ?? "nothing";
  return `event ${place + 1} of ${run} was first ${shown(reader.frames[place])}, then ${shown(other.frames[place])}`;
}

/** What was accepted before something else was sent comes before it in the session. */
async function orderFaults(person: Person): Promise<string[]> {
  const faults: string[] = [];
  const accepted = person.sent.filter(({ session, body }) => session && body.if_busy !== "interrupt");
  for (const [session, runs] of Map.groupBy(accepted, (sent) => String(sent.session))) {
    const { body } = await person.door.insist("GET", `/sessions/${session}/messages?limit=200`);
    const messages = (body.messages ?? []) as { role: string; run_id?: string }[];
    const place = (sent: Sent) =>
      messages.findIndex(({ role, run_id }) => role === "user" && run_id === sent.run);
    for (const before of runs)
      for (const after of runs) {
        if ((before.acceptedAt ?? Number.POSITIVE_INFINITY) > after.sentAt) continue;
        const [first, second] = [place(before), place(after)];
        // One that was cancelled in the line is in no session.
        if (first !== -1 && second !== -1 && first > second)
          faults.push(`G1: ${after.run} stands before ${before.run}, which was accepted before it was sent`);
      }
  }
  return faults;
}
