// Questions of a run: shows what a tool wants to do and where, takes the answer from the keyboard or from --yes / --no, and
// sends it. A question that somebody else answers meanwhile goes away.
import type { Approval, Run } from "../../contracts/agent.ts";
import type { RunEvent } from "../../contracts/run-events.ts";
import { isType, toError } from "../../lib/errors.ts";
import { cleanText } from "../terminal/clean-text.ts";
import { fullArguments } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Server } from "../terminal/server.ts";
import type { Keyboard } from "./keys.ts";
import { type Patience, patiently } from "./patiently.ts";

export type Question = Extract<RunEvent, { event: "approval_required" }>["data"];
/** `--yes` and `--no` answer every question the same way. */
export type StandingAnswer = "approve" | "deny" | undefined;

type Answer = { decision: "approve" | "deny"; remember?: "always" };

const MOST_LINES = 40;

/** Where calls run, by node id; asked once, when the first question comes. */
export class NodeNames {
  readonly #server: Server;
  #names: Promise<Map<string, string>> | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  async nameOf(nodeId: string | null): Promise<string> {
    if (nodeId === null) return "the server";
    this.#names ??= this.#server
      .json<{ nodes: { id: string; name: string }[] }>("GET", "/nodes")
      .then(({ nodes }) => new Map(nodes.map(({ id, name }) => [id, cleanText(name)])))
      .catch(() => new Map());
    return (await this.#names).get(nodeId) ?? nodeId;
  }
}

/** Asks with single keys. `settled` when the signal aborted: answered elsewhere, cancelled, or over; `nobody` when input ended. */
export async function askPerson(
  question: Question,
  place: string,
  { screen, keyboard, signal }: { screen: Screen; keyboard: Keyboard; signal: AbortSignal },
): Promise<Answer | "settled" | "nobody"> {
  const { bold, yellow, dim, cyan } = screen.colours;
  const lines = fullArguments(question.args);
  const isLong = lines.length > MOST_LINES || lines.join("").length > 6_000;
  screen.note(`${yellow("?")} ${bold(cleanText(question.name))} wants to run on ${place} (${question.risk})`);
  for (const line of isLong ? shortened(lines) : lines) screen.note(`    ${line}`);
  if (question.because !== undefined) screen.note(`  ${yellow(cleanText(question.because))}`);
  if (isLong) screen.note(yellow(`    … this is not all of it: s shows everything`));
  const always = question.risk === "execute" ? "always, exactly this" : "always, this tool there";
  const key = (letter: string) => bold(cyan(letter));
  screen.note(
    `  ${key("y")} yes   ${key("n")} no   ${key("a")} ${always}${isLong ? `   ${key("s")} show all` : ""}   ${dim("Ctrl-C cancels the run")}`,
  );
  for (;;) {
    const pressed = await keyboard.ask(isLong ? "ynas" : "yna", signal);
    if (pressed === "settled" || pressed === "nobody") return pressed;
    if (pressed === "y") return { decision: "approve" };
    if (pressed === "n") return { decision: "deny" };
    if (pressed === "a") return { decision: "approve", remember: "always" };
    for (const line of lines) screen.note(`    ${line}`);
  }
}

function shortened(lines: string[]): string[] {
  return lines.slice(0, MOST_LINES).map((line) => (line.length > 400 ? `${line.slice(0, 400)} …` : line));
}

/**
 * Sends an answer, again and again while the server is away.
 * @returns words for the person when it did not count: somebody was faster, or it expired
 */
export async function sendAnswer(
  server: Server,
  { runId, callId }: { runId: string; callId: string },
  answer: Answer,
  signal: AbortSignal,
  patience?: Patience,
): Promise<string | undefined> {
  let attempts = 0;
  try {
    await patiently(
      (attempt) => {
        attempts = attempt;
        return server.json("POST", approvalPath(runId, callId), answer);
      },
      signal,
      patience,
    );
    return undefined;
  } catch (thrown) {
    // The first attempt had arrived, only its answer was lost.
    if (attempts > 0 && isType(thrown, "approval_answered")) return undefined;
    if (isType(thrown, "approval_answered", "approval_not_found")) return toError(thrown).message;
    throw thrown;
  }
}

/** The questions of a run, answered ones too. */
export async function questionsOf(server: Server, runId: string): Promise<Approval[]> {
  const { run } = await server.json<{ run: Run }>("GET", `/agent/runs/${encodeURIComponent(runId)}`);
  return run.steps
    .flatMap(({ tool_calls }) => tool_calls)
    .flatMap(({ approval }) => (approval ? [approval] : []));
}

/** What to do where nobody can be asked: printed before the program leaves. */
export function howToAnswer(
  url: string,
  runId: string,
  questions: { call_id: string; name: string; args: unknown }[],
): string[] {
  const lines = ["The run waits for an answer, and there is no terminal here to ask."];
  for (const { call_id, name, args } of questions)
    lines.push(`  ${cleanText(name)} (${call_id})`, ...fullArguments(args).map((line) => `    ${line}`));
  return [
    ...lines,
    "Answer in a terminal:",
    `  npm run chat -- --run ${runId}`,
    "or without one:",
    ...questions.map(
      ({ call_id }) =>
        `  curl -X POST ${url}/api/v1${approvalPath(runId, call_id)} -H "Authorization: Bearer $MACJARVIS_KEY" -H "Content-Type: application/json" -d '{"decision":"approve"}'`,
    ),
    'Next time, --yes or --no after "--" answers every question of a run.',
  ];
}

function approvalPath(runId: string, callId: string): string {
  return `/agent/runs/${encodeURIComponent(runId)}/approvals/${encodeURIComponent(callId)}`;
}
