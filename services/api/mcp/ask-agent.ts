// ask_agent: a run like any other, begun and waited for. A cancel cancels it; a client that leaves does not (G11), and gets its answer
// later with `run_id`, or finds it in the session.
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import type { Approval, Run, Started } from "../../../contracts/agent.ts";
import type { RunId } from "../../../contracts/ids.ts";
import type { RunEvent } from "../../../contracts/run-events.ts";
import { callUnchecked, parse } from "../../../lib/broker/action.ts";
import { toError } from "../../../lib/errors.ts";
import { parseFrames } from "../../../lib/events/sse-frames.ts";
import type { Frames } from "../../../lib/ports/events.ts";
import { answerOf, questionsOf, settled } from "../chat.ts";
import { metaNow } from "../handle-request.ts";
import { type AskAgentResult, askAgentParams } from "./ask-agent-tool.ts";
import type { Asked, Extra } from "./asked.ts";
import { answeredHere } from "./elicit.ts";
import { placeOf } from "./list-tools.ts";
import type { Progress } from "./progress.ts";

/** @throws what agent.start refuses; run_not_found */
export async function askAgent(
  asked: Asked,
  extra: Extra,
  args: Record<string, unknown>,
  progress: Progress,
): Promise<CallToolResult> {
  const { run_id, ...body } = parse(askAgentParams, args);
  if (run_id !== undefined) await requireOwn(asked, run_id);
  const id = run_id ?? ((await start(asked, body)).run_id as RunId);
  const stopCancelling = cancelWith(asked, id);
  const stopWatching = progress.isWanted ? watch(asked, id, progress) : undefined;
  try {
    return await waitFor(asked, extra, id);
  } finally {
    stopWatching?.();
    stopCancelling();
  }
}

function start({ exchange }: Asked, body: Record<string, unknown>): Promise<Started> {
  const { broker, requestId } = exchange;
  const options = { meta: metaNow(exchange), requestID: requestId };
  return callUnchecked(broker, "agent.start", { body }, options);
}

/** Before its events are heard. @throws run_not_found */
async function requireOwn({ exchange }: Asked, run_id: RunId): Promise<void> {
  await exchange.broker.call("agent.get", { run_id }, { meta: metaNow(exchange) });
}

/** Tells what the run does as it is told; what is lost of it nobody misses. @returns how to stop */
function watch({ exchange }: Asked, run: RunId, progress: Progress): () => void {
  const onFrames = ({ bytes }: Frames) => {
    for (const { event } of parseFrames(bytes)) tell(progress, event);
  };
  const watching = exchange.ports.events.subscribe(run, { onFrames });
  return () => watching.close();
}

/** @returns how to stop */
function cancelWith({ exchange, cancelled }: Asked, run_id: RunId): () => void {
  const { broker, log, requestId } = exchange;
  const cancel = () => {
    broker
      .call("agent.cancel", { run_id }, { meta: metaNow(exchange), requestID: requestId })
      .catch((thrown: unknown) => log.warn({ err: toError(thrown), run_id }, "a run could not be cancelled"));
  };
  cancelled.addEventListener("abort", cancel, { once: true });
  if (cancelled.aborted) cancel();
  return () => cancelled.removeEventListener("abort", cancel);
}

/** Until it has ended, or waits for answers that nobody can give here. */
async function waitFor(asked: Asked, extra: Extra, id: RunId): Promise<CallToolResult> {
  for (;;) {
    const run = await settled(asked.exchange, id, (one) => questionsOf(one).length > 0);
    extra.signal.throwIfAborted();
    const questions = questionsOf(run);
    if (run.status === "completed" || run.status === "failed" || run.status === "cancelled")
      return ended(run);
    for (const question of questions)
      if (!(await answeredHere(asked, extra, question, await placeOf(asked, question))))
        return waiting(asked, run, questions);
  }
}

function ended(run: Run): CallToolResult {
  const { id: run_id, session_id, status, error } = run;
  const answer = answerOf(run)?.content ?? "";
  const told = { run_id, session_id, status, answer } as AskAgentResult;
  const why = error ? `The run failed: ${error.code}: ${error.message}` : `The run was ${status}.`;
  const words = status === "completed" ? [answer] : [answer, why].filter((text) => text !== "");
  return {
    content: words.map((text) => ({ type: "text", text })),
    structuredContent: told,
    ...(status === "completed" ? {} : { isError: true }),
  };
}

/** No failure: the run goes on when they are answered. */
async function waiting(asked: Asked, run: Run, questions: Approval[]): Promise<CallToolResult> {
  const { id: run_id, session_id } = run;
  const lines = await Promise.all(
    questions.map(
      async (question) =>
        `- "${question.name}" on ${await placeOf(asked, question)}: POST /api/v1/agent/runs/${run_id}/approvals/${question.call_id}`,
    ),
  );
  const text = [
    "The run waits for the user's approval of what it wants to do, and goes on when that is given, in the console, with /approvals in npm run chat, or here:",
    ...lines,
    `Then ask_agent with {"run_id": "${run_id}"} gives its answer.`,
  ].join("\n");
  const told = { run_id, session_id, status: "waiting_approval", answer: "", approvals: questions };
  return { content: [{ type: "text", text }], structuredContent: told };
}

function tell(progress: Progress, { event, data }: RunEvent): void {
  if (event === "content" || event === "reasoning") progress.say(`step ${data.step}: the model answers`);
  else if (event === "tool_start") progress.say(`step ${data.step}: ${data.name}`);
  else if (event === "tool_result") progress.say(`step ${data.step}: ${data.name}: ${data.status}`);
  else if (event === "approval_required")
    progress.say(`step ${data.step}: waits for an approval of ${data.name}`);
}
