// The body of a request for a message, as the run that it asks for; and back: a fault of what was made of it has the name that the caller gave it.
import { type MessagesBody, messagesBody } from "../../../contracts/anthropic.ts";
import type { GivenMessage } from "../../../contracts/given.ts";
import type { SessionId } from "../../../contracts/ids.ts";
import { parse } from "../../../lib/broker/action.ts";
import { AppError, isType } from "../../../lib/errors.ts";
import type { Asked } from "../door-run.ts";
import type { Exchange } from "../handle-request.ts";
import { readModelId } from "../model-id.ts";
import { withoutNulls } from "../without-nulls.ts";
import { readBetas } from "./betas.ts";
import { fault, messagesOf, OPAQUE, parametersOf, toolsOf } from "./read-request.ts";

export type AskedMessage = Asked & { body: MessagesBody; inputTokens: number };

/** @throws invalid_request with the place of what does not fit */
export function readMessages({ request, params }: Exchange): AskedMessage {
  const header = request.headers["x-session-id"];
  const session = typeof header === "string" ? (header as SessionId) : undefined;
  const betas = readBetas(request.headers["anthropic-beta"]);
  if (params.thread) throw withoutThreads();
  const body = parse(messagesBody, withoutNulls(params, OPAQUE));
  const { mode, model } = readModelId(body.model);
  const tools = toolsOf(body.tools ?? []);
  const isFree = !body.tool_choice || body.tool_choice.type === "auto";
  if (mode === "agent" && (tools.length > 0 || !isFree))
    throw fault(
      tools.length > 0 ? "tools" : "tool_choice",
      `is for a model alone: "${body.model}" is the agent, with tools of its own. Ask "provider/model" to use yours`,
    );
  requireChoice(body);
  const all = messagesOf(body, {
    model: mode === "model" ? model : undefined,
    isContinued: session !== undefined,
  });
  if (mode === "agent" && all.at(-1)?.role !== "user")
    throw fault(
      `messages.${body.messages.length - 1}`,
      "must be the user's: the agent works on the last message",
    );
  const messages = session ? newMessages(all) : all;
  return {
    body,
    inputTokens: roughTokens(params),
    given: {
      ...{ source: "anthropic", mode, messages, parameters: parametersOf(body, betas), keeps: false },
      before: session ? "session" : "nothing",
      ...(tools.length > 0 ? { tools } : {}),
    },
    words: wordsOf(messages),
    model,
    session,
  };
}

/** In the words by which the vendor's SDK knows that it has to send the whole history each time, and does. */
function withoutThreads(): AppError {
  const [path, message] = ["thread", "is not taken here: send the whole history with each request"];
  return new AppError("invalid_request", `"${path}" ${message}.`, {
    errors: [{ path, message }],
    show: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
  });
}

function requireChoice({ tools = [], tool_choice }: MessagesBody): void {
  const names = new Set(tools.map(({ name }) => name));
  if (names.size < tools.length) throw fault("tools", "has two tools of one name");
  if (tool_choice?.type === "tool" && !names.has(tool_choice.name))
    throw fault("tool_choice.name", `"${tool_choice.name}" is none of the tools`);
  const isForced = tool_choice?.type === "any" || tool_choice?.type === "tool";
  if (isForced && tools.length === 0) throw fault("tool_choice", "is there without tools");
}

/** What stands behind the last answer, and what the system says, which programs send with each request. */
function newMessages(all: GivenMessage[]): GivenMessage[] {
  const last = all.findLastIndex(({ role }) => role === "assistant");
  return all.filter(({ role }, index) => index > last || role === "system");
}

function wordsOf(messages: GivenMessage[]): string | undefined {
  const last = messages.findLast(({ role }) => role === "user");
  if (last?.role !== "user" || !last.parts) return last?.content;
  return last.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}

/** For the head of a stream, which comes before its vendor has counted: four bytes make a token. */
function roughTokens(params: Record<string, unknown>): number {
  const { messages, system, tools } = params;
  return Math.ceil(Buffer.byteLength(JSON.stringify([messages, system, tools])) / 4);
}

/** The caller's names of what `agent.start` is given. */
const NAMES: [RegExp, string][] = [
  [/^given\.parameters\.max_output_tokens/, "max_tokens"],
  [/^given\.parameters\.stop/, "stop_sequences"],
  [/^given\.parameters\.reasoning_effort/, "output_config.effort"],
  [/^given\.parameters\.response_format/, "output_config.format"],
  [/^given\.parameters\.parallel_tool_calls/, "tool_choice.disable_parallel_tool_use"],
  [/^body\.session_id/, "X-Session-Id"],
  [/^given\.(parameters\.)?/, ""],
  [/^body\./, ""],
];

/** A refusal of a run with the names of the request that asked for it. */
export function asAsked(error: unknown): unknown {
  if (!isType(error, "invalid_request")) return error;
  const { message, data } = error as AppError;
  const errors = (data.errors ?? []).map(({ path, message: what }) => {
    const [name, own] = NAMES.find(([ours]) => ours.test(path)) ?? [/^/, ""];
    return { path: path.replace(name, own), message: what };
  });
  return new AppError("invalid_request", message, { ...data, errors });
}
