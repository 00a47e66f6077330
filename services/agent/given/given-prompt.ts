// Prompts of runs that were given their context: for the model alone exactly that, for the agent as the history of its session.
import type { PromptMessage } from "../../../contracts/models.ts";
import { AppError } from "../../../lib/errors.ts";
import { tokensOfMessages, tokensOfTools } from "../../../plugins/models/prices.ts";
import type { GivenContext } from "../given-context.ts";
import type { Turn } from "../loop/turn.ts";
import type { Prompt } from "../prompt/build-prompt.ts";
import type { Exchange, History } from "../prompt/exchanges.ts";
import { messagesBefore, withVendorsOwn } from "./read-given.ts";
import { whole } from "./whole-message.ts";

/** @throws internal when it is not there: it was written before the run */
export async function contextOf({ agent, run }: Turn): Promise<GivenContext> {
  const context = await agent.contexts.get(run._id);
  if (!context) throw new AppError("internal", "The context of the run is gone.");
  return context;
}

/** The caller's own question. Nothing of it is cut or summarised: what is too long is for the vendor to refuse. */
export async function modelPrompt(turn: Turn, context: GivenContext): Promise<Prompt> {
  const system = context.instructions ?? "";
  const said = await allMessages(turn, context);
  const messages: PromptMessage[] = [
    ...(system === "" ? [] : [{ role: "system" as const, content: system }]),
    ...said,
  ];
  const tools = context.tools ?? [];
  const tokens = tokensOfMessages(messages) + tokensOfTools(tools);
  return { messages, tools, tokens, least: tokens, system, isWhole: true, dropped: [] };
}

/** For the agent: all but the question that it works on, in exchanges, and the instructions that came with them. */
export async function givenHistory(
  turn: Turn,
  context: GivenContext,
): Promise<{ history: History; instructions: string; question: PromptMessage | undefined }> {
  const all = await allMessages(turn, context);
  const question = all.at(-1);
  const said = all.slice(0, -1);
  const rules = said.flatMap((message) => (message.role === "system" ? [message.content] : []));
  const groups: PromptMessage[][] = [];
  for (const message of said) {
    if (message.role === "system") continue;
    if (message.role === "user" || groups.length === 0) groups.push([message]);
    else groups.at(-1)?.push(message);
  }
  return {
    history: { exchanges: groups.map((group, index) => exchangeOf(turn, group, index)), isWhole: true },
    instructions: [...(context.instructions ? [context.instructions] : []), ...rules].join("\n\n"),
    question,
  };
}

function exchangeOf({ run }: Turn, messages: PromptMessage[], index: number): Exchange {
  const id = `${run._id}:${index}`;
  return { firstId: id, lastId: id, messages, tokens: tokensOfMessages(messages) };
}

async function allMessages({ agent, caller, run }: Turn, context: GivenContext): Promise<PromptMessage[]> {
  const before = await messagesBefore(agent, caller, run, context);
  return withVendorsOwn(agent, caller, [...before, ...context.messages.map(whole)]);
}
