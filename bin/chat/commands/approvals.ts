// /approvals: what waits for an answer over all sessions, and the answering of it without going there.
import type { OpenApproval } from "../../../contracts/agent.ts";
import { cleanText, visibleLine } from "../../terminal/clean-text.ts";
import { fitLine } from "../../terminal/fit-line.ts";
import { duration, shortArguments } from "../../terminal/format.ts";
import { openApprovals, sendAnswer } from "../approvals.ts";
import { type Answer, askPerson } from "../ask-person.ts";
import type { CommandRoom } from "../conversation.ts";
import { shortId } from "../find-session.ts";
import { type Keyboard, openKeyboard } from "../keys.ts";
import { answeredWords } from "../questions.ts";

export async function answerApprovals(room: CommandRoom): Promise<void> {
  const { server, screen, input } = room;
  const { commands } = screen.texts;
  const open = await openApprovals(server);
  if (open === undefined) return screen.tell(commands.tooOldServer);
  if (open.length === 0) return screen.tell(commands.noApprovals);
  if (open.length > 1 || !input.isTTY) for (const [index, one] of open.entries()) listOne(room, index, one);
  if (!input.isTTY) return screen.tell(commands.notToAsk);
  const stop = new AbortController();
  const keyboard = openKeyboard(input, () => stop.abort());
  let goesOn: OpenApproval[];
  try {
    goesOn = await askAll(room, open, keyboard, stop.signal);
  } finally {
    keyboard.close();
  }
  await showGoingOn(room, goesOn);
}

function listOne(room: CommandRoom, index: number, approval: OpenApproval): void {
  const { screen } = room;
  const { name, args, asked_at } = approval;
  const { dim, yellow } = screen.colours;
  const ago = duration(Math.max(0, Date.now() - Date.parse(asked_at)), screen.texts);
  const call = fitLine(`${index + 1} ${visibleLine(name)} ${shortArguments(args)}`, screen.columns - 3);
  screen.note(`${yellow("?")} ${call}`);
  const from = `${titleOf(room, approval)}, ${screen.texts.commands.askedAgo(ago)}`;
  screen.note(dim(`    ${fitLine(from, screen.columns - 5)}`));
}

function titleOf({ screen }: CommandRoom, { session_id, session_title }: OpenApproval): string {
  if (session_id === undefined) return screen.texts.commands.ofNoSession;
  return cleanText(session_title ?? shortId(session_id));
}

/** Asks one after the other, until Ctrl-C. @returns those that were answered */
async function askAll(
  room: CommandRoom,
  open: OpenApproval[],
  keyboard: Keyboard,
  signal: AbortSignal,
): Promise<OpenApproval[]> {
  const { screen } = room;
  const answered: OpenApproval[] = [];
  let mayRemember = true;
  for (const [index, approval] of open.entries()) {
    screen.note("");
    const title = titleOf(room, approval);
    screen.note(screen.colours.dim(screen.texts.questions.of(index + 1, open.length, title)));
    for (;;) {
      const place = await room.nodes.nameOf(approval.node_id);
      const given = await askPerson(approval, place, {
        screen,
        keyboard,
        signal,
        mayRemember,
        mayWait: true,
      });
      if (given === "settled" || given === "nobody") return answered;
      if (given === "later") break;
      const done = await send(room, approval, place, given, signal);
      mayRemember &&= done !== "ask_again";
      if (done === "ask_again") continue;
      if (done) answered.push(approval);
      break;
    }
  }
  return answered;
}

/** @returns whether the answer counts, or that the question stands and takes no "always" */
async function send(
  { server, screen }: CommandRoom,
  approval: OpenApproval,
  place: string,
  given: Answer,
  signal: AbortSignal,
): Promise<boolean | "ask_again"> {
  const { questions } = screen.texts;
  const call = { runId: approval.run_id, callId: approval.call_id };
  const refusal = await sendAnswer(server, call, given, signal, { giveUpMs: 0 });
  const { dim, yellow } = screen.colours;
  if (!refusal) screen.tell(answeredWords(approval, place, given, screen), (line) => dim(`  ${line}`));
  else if (refusal.kind === "may_not_remember") screen.tell(questions.mayNotRemember(refusal.why), yellow);
  else screen.tell(refusal.kind === "late" ? refusal.why : questions.mayNotAnswer(refusal.why), yellow);
  return refusal?.kind === "may_not_remember" ? "ask_again" : refusal === undefined;
}

/** The run of this session is shown; of others it is said where they go on. */
async function showGoingOn(
  { screen, conversation, follow }: CommandRoom,
  answered: OpenApproval[],
): Promise<void> {
  const bySession = new Map(answered.map((approval) => [approval.session_id, approval]));
  for (const { session_id, session_title, run_id } of bySession.values()) {
    if (session_id === undefined) screen.tell(screen.texts.commands.runsWhenRepeated);
    else if (session_id === conversation.sessionId) await follow(run_id);
    else {
      const id = shortId(session_id);
      screen.tell(screen.texts.commands.goesOn(cleanText(session_title ?? id), id));
    }
  }
}
