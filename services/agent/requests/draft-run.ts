// The run document of a request, before anything of it is stored, with the model that is chosen for it and the title of a new session.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody, ModelInfo } from "../../../contracts/agent.ts";
import type { Attachment } from "../../../contracts/files.ts";
import type { Given } from "../../../contracts/given.ts";
import type { RunId, SessionId } from "../../../contracts/ids.ts";
import type { Session } from "../../../contracts/sessions.ts";
import { AppError } from "../../../lib/errors.ts";
import { messageIdOf, newId } from "../../../lib/ids.ts";
import type { ModelRegistry } from "../../../plugins/models/registry.ts";
import type { AgentContext } from "../context.ts";
import { INTERRUPTING, NO_USAGE, type RunDocument } from "../run-document.ts";

/** The Idempotency-Key of a request as `<user>:<key>`, and the hash of the body it came with. */
export type Keyed = { idempotency: string; body_hash: string };

/** What starts a run. */
export type Request = {
  body: ChatBody;
  /** What came through another door than our own. */
  given?: Given | undefined;
  keyed?: Keyed;
  /** Of a task that is handed on; its id is known before it is drafted. */
  delegated?: NonNullable<RunDocument["delegated"]>;
  run_id?: RunId;
  /** The files that its body names. */
  attachments?: Attachment[];
};

/** @param session the one it names, or none for a new one. @throws model_not_found, model_unavailable */
export function draftRun(
  agent: AgentContext,
  caller: Caller,
  request: Request,
  session: Session | undefined,
): RunDocument {
  const { body, keyed, delegated, given } = request;
  const id = request.run_id ?? newId<RunId>("run");
  const now = new Date().toISOString();
  const traceparent = agent.tracing.current()?.traceparent;
  const model = chooseModel(agent.models, body.model ?? session?.model ?? undefined);
  return {
    _id: id,
    user_id: caller.user_id,
    ...(caller.key_id ? { key_id: caller.key_id } : {}),
    session_id: (session?.id as SessionId | undefined) ?? newId<SessionId>("session"),
    status: "running",
    finish_reason: null,
    open: 1,
    epoch: 1,
    owner: agent.owned.owner,
    rank: rankOf(body.if_busy),
    ...(given?.mode === "model" ? { mode: "model" as const } : {}),
    ...(given ? { source: given.source } : {}),
    ...(given?.keeps ? { keeps_context: true as const } : {}),
    text: body.message,
    ...(request.attachments ? { attachments: request.attachments } : {}),
    model,
    message_id: messageIdOf(id, 0),
    answer_id: null,
    options: {
      ...(body.node_id ? { node_id: body.node_id } : {}),
      ...(body.labels ? { labels: body.labels } : {}),
      ...(body.tools ? { tools: body.tools } : {}),
      ...(body.replaces ? { replaces: body.replaces } : {}),
      ...(body.priority === undefined ? {} : { priority: body.priority }),
      max_steps: given?.mode === "model" ? 1 : (body.max_steps ?? agent.settings.maxSteps),
      budget_tokens: body.budget?.tokens ?? null,
      budget_cost_micro:
        body.budget?.cost_usd === undefined ? null : Math.round(body.budget.cost_usd * 1_000_000),
      ...(session ? {} : { new_session_title: titleOf(body.message) }),
    },
    ...keyed,
    ...(delegated ? { delegated } : {}),
    ...(traceparent ? { traceparent } : {}),
    day: now.slice(0, 10),
    allowance: { tokens: null, cost_micro: null },
    steps: [],
    usage: NO_USAGE,
    cancel_requested: false,
    takeovers: 0,
    created_at: now,
    started_at: now,
    ended_at: null,
    ran_ms: 0,
  };
}

/** Interrupting runs before the others; what follows is known when it finds its session taken (moments/wait-in-line.ts). */
function rankOf(if_busy: ChatBody["if_busy"]): string {
  return if_busy === "interrupt" ? INTERRUPTING : "1:";
}

const MAX_TITLE = 60;

/** The first line with words in it, cut at a word. */
function titleOf(message: string): string {
  const line = message.split("\n").find((part) => part.trim() !== "") ?? "";
  const text = line.trim().replace(/\s+/g, " ");
  const characters = Array.from(text);
  if (characters.length <= MAX_TITLE) return text;
  const cut = characters.slice(0, MAX_TITLE).join("");
  const atWord = cut.lastIndexOf(" ");
  return `${atWord > MAX_TITLE / 2 ? cut.slice(0, atWord) : cut}…`;
}

/** @throws model_not_found when it is none of the models users may choose, model_unavailable when it cannot be used now */
function chooseModel(models: ModelRegistry, wanted: string | undefined): string {
  const { id, available, reason } = requireModel(models, wanted ?? models.default);
  if (!available)
    throw new AppError(
      "model_unavailable",
      `The model "${id}" cannot be used: ${reason ?? "it is not set up"}.`,
      { retryAfterMs: 60_000 },
    );
  return id;
}

/** @throws model_not_found when it is none of the models users may choose */
export function requireModel(models: ModelRegistry, id: string): ModelInfo {
  const found = models.find(id);
  if (!found)
    throw new AppError(
      "model_not_found",
      `There is no model "${id}" here. The list of those there are: GET /api/v1/agent/models, or /models in the chat.`,
    );
  return found.info;
}
