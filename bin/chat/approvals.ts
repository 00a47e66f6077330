// What the server knows of questions: those of a run, those that wait over all sessions, and the sending of an answer.
import type { Approval, OpenApproval, Run } from "../../contracts/agent.ts";
import { isType, toError } from "../../lib/errors.ts";
import { cleanText } from "../terminal/clean-text.ts";
import { fullArguments } from "../terminal/format.ts";
import type { Server } from "../terminal/server.ts";
import type { Answer } from "./ask-person.ts";
import { type Patience, patiently } from "./patiently.ts";

/** `--yes` and `--no` answer every question the same way. */
export type StandingAnswer = "approve" | "deny" | undefined;

/** Where calls run, by node id; asked once, when the first question comes. */
export class NodeNames {
  readonly #server: Server;
  #names: Promise<Map<string, string>> | undefined;

  constructor(server: Server) {
    this.#server = server;
  }

  async nameOf(nodeId: string | null): Promise<string> {
    if (nodeId === null) return this.#server.texts.questions.server;
    this.#names ??= this.#server
      .json<{ nodes: { id: string; name: string }[] }>("GET", "/nodes")
      .then(({ nodes }) => new Map(nodes.map(({ id, name }) => [id, cleanText(name)])))
      .catch(() => new Map());
    return (await this.#names).get(nodeId) ?? nodeId;
  }
}

/** `late`: somebody was faster, or it expired. `may_not_remember`: without the "always" it may be answered. */
export type Refusal = { kind: "late" | "may_not_remember" | "may_not"; why: string };

/**
 * Sends an answer, again and again while the server is away.
 * @returns why it did not count, where that is for the person to know
 */
export async function sendAnswer(
  server: Server,
  { runId, callId }: { runId: string; callId: string },
  answer: Answer,
  signal: AbortSignal,
  patience?: Patience,
): Promise<Refusal | undefined> {
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
    const why = toError(thrown).message;
    // The first attempt had arrived, only its answer was lost.
    if (attempts > 0 && isType(thrown, "approval_answered")) return undefined;
    if (isType(thrown, "approval_answered", "approval_not_found")) return { kind: "late", why };
    if (isType(thrown, "scope_missing", "forbidden"))
      return { kind: answer.remember ? "may_not_remember" : "may_not", why };
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

/** What waits for an answer over all sessions, the oldest first; undefined when the server cannot tell. */
export async function openApprovals(server: Server): Promise<OpenApproval[] | undefined> {
  try {
    return (await server.json<{ approvals: OpenApproval[] }>("GET", "/agent/approvals")).approvals;
  } catch (thrown) {
    // An older server has no such route, a key may lack the right: neither keeps anybody from chatting.
    if (isType(thrown, "not_found", "scope_missing", "forbidden")) return undefined;
    throw thrown;
  }
}

/** What to do where nobody can be asked, or may answer: printed before the program leaves. */
export function howToAnswer(
  { url, keyInShell, texts: { questions } }: Pick<Server, "url" | "keyInShell" | "texts">,
  runId: string,
  open: { call_id: string; name: string; args: unknown }[],
  mayAnswer = true,
): string[] {
  // A key that may not answer is no help: another one has to be set.
  const key = mayAnswer ? keyInShell : "$MACJARVIS_KEY";
  const lines = [mayAnswer ? questions.nobodyHere : questions.othersMay];
  for (const { call_id, name, args } of open)
    lines.push(`  ${cleanText(name)} (${call_id})`, ...fullArguments(args).map((line) => `    ${line}`));
  return [
    ...lines,
    questions.inTerminal,
    `  npm run chat -- --run ${runId}`,
    questions.without,
    ...open.map(
      ({ call_id }) =>
        `  curl -X POST ${url}/api/v1${approvalPath(runId, call_id)} -H "Authorization: Bearer ${key}" -H "Content-Type: application/json" -d '{"decision":"approve"}'`,
    ),
    ...(mayAnswer ? [questions.nextTime] : []),
  ];
}

function approvalPath(runId: string, callId: string): string {
  return `/agent/runs/${encodeURIComponent(runId)}/approvals/${encodeURIComponent(callId)}`;
}
