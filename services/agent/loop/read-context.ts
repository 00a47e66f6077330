// What the next prompt is made of, each read once for a stretch of work: what was said before, and the tools and machines there are.

import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody } from "../../../contracts/agent.ts";
import { MAX_DEPTH } from "../../../contracts/delegated-tasks.ts";
import type { MessageId } from "../../../contracts/ids.ts";
import { withMachine } from "../../../lib/tools/named-machines.ts";
import type { AgentContext } from "../context.ts";
import { buildPrompt, type Offered, type Prompt } from "../prompt/build-prompt.ts";
import { type History, historyOf } from "../prompt/exchanges.ts";
import type { RunDocument, SummaryDocument } from "../run-document.ts";
import type { Catalogue, Turn } from "./turn.ts";

/** More is not read than could fit: a token has about four bytes, and old results are cut to an eighth. */
const BYTES_PER_TOKEN = 8;
const MOST_BYTES = 4_000_000;

/** Loaded where a run has come through another door than our own. */
const given = () => import("../given/given-prompt.ts");

/** The prompt of the next step, with the session's summary where that makes a difference. */
export async function draftPrompt(turn: Turn): Promise<Prompt> {
  const { run, calls, window } = turn;
  if (run.source) turn.context ??= await (await given()).contextOf(turn);
  if (turn.context && run.mode === "model") return (await given()).modelPrompt(turn, turn.context);
  [turn.history, turn.offered] = await Promise.all([
    turn.history ?? readHistory(turn),
    turn.offered ?? readTools(turn),
  ]);
  const { history, offered, attached, instructions, question } = turn;
  const data = { run, calls, window, history, offered, attached, instructions, question };
  const prompt = buildPrompt({ ...data, summary: turn.summary ?? null });
  if (prompt.isWhole || turn.summary !== undefined) return prompt;
  turn.summary = await readSummary(turn, turn.history);
  return turn.summary ? buildPrompt({ ...data, summary: turn.summary }) : prompt;
}

/** Null also for one of what was said in messages that are replaced by now: the next one is made without it. */
async function readSummary(
  { agent, run, caller }: Turn,
  { hasReplaced, exchanges }: History,
): Promise<SummaryDocument | null> {
  const { session_id: id } = run;
  const summary = await agent.summaries.get(id);
  if (!summary || !hasReplaced || exchanges.some(({ lastId }) => lastId === summary.until)) return summary;
  const { shown } = await agent.ask(caller, "sessions.shows", { id, message_id: summary.until as MessageId });
  return shown ? summary : null;
}

/**
 * The user's tools and machines, asked for while the run is still being accepted: its first step need not wait for them.
 * @returns undefined when they could not be had: the step asks again
 */
export function readAhead(
  agent: AgentContext,
  caller: Caller,
  run: RunDocument,
): Promise<Catalogue | undefined> {
  return readCatalogue(agent, caller, run).catch(() => undefined);
}

async function readHistory(turn: Turn): Promise<History> {
  const { agent, run, caller, window, context } = turn;
  if (context) {
    const { history, instructions, question } = await (await given()).givenHistory(turn, context);
    Object.assign(turn, { instructions, question });
    return history;
  }
  const recent = await agent.ask(caller, "sessions.recent", {
    id: run.session_id,
    max_bytes: Math.min(window * BYTES_PER_TOKEN, MOST_BYTES),
  });
  if (run.attachments || recent.messages.some(({ attachments }) => attachments)) {
    const { readAttachments } = await import("./read-attachments.ts");
    turn.attached = await readAttachments(turn, recent.messages);
  }
  return historyOf(recent, run._id, { attached: turn.attached ?? new Map(), window });
}

/** The tools a run may ask for: the user's catalogue, narrowed by the request, bounded by the plan, on the node it names. */
async function readTools({ agent, run, caller, catalogue }: Turn): Promise<Offered> {
  const { tools: wanted, max_tools } = run.options;
  const { tools, nodes, memory } = (await catalogue) ?? (await readCatalogue(agent, caller, run));
  const mayDelegate = (run.delegated?.depth ?? 0) < MAX_DEPTH;
  const allowed = tools.filter(
    ({ name }) => (!wanted || wanted.includes(name)) && (mayDelegate || name !== "delegate_task"),
  );
  return {
    tools: allowed
      .slice(0, max_tools ?? allowed.length)
      .map(({ name, description, parameters, runs_on }) => ({
        ...{ name, description },
        parameters: runs_on === "node" ? withMachine(parameters, nodes) : parameters,
      })),
    nodes,
    memory,
  };
}

function readCatalogue({ ask }: AgentContext, caller: Caller, run: RunDocument): Promise<Catalogue> {
  return ask(caller, "tools.offer", whereOf(run));
}

/** The machines that a run may use, as its request has said. */
export function whereOf({ options: { node_id, labels } }: { options: Pick<ChatBody, "node_id" | "labels"> }) {
  return { ...(node_id ? { node_id } : {}), ...(labels ? { labels } : {}) };
}
