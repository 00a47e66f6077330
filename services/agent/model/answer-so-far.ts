// What has come of an answer, and what it is charged with. Filled by attempt.ts, read by ask-model.ts.
import type { KeptState, ModelChunk, PromptMessage, PromptTool } from "../../../contracts/models.ts";
import { estimateTokens, tokensOfMessages, tokensOfTools } from "../../../plugins/models/prices.ts";
import type { ModelUsage } from "../asked.ts";

type Question = { messages: PromptMessage[]; tools: PromptTool[]; maxOutputTokens?: number };
type ToolCall = { wire_id: string; name: string; arguments: string };

const MOST_CHARACTERS = 12_000_000;

export class AnswerSoFar {
  text = "";
  reasoning = "";
  readonly toolCalls: ToolCall[] = [];
  kept: KeptState | undefined;
  finish: "stop" | "tool_calls" | "length" = "stop";
  #reported: { input_tokens: number; output_tokens: number } | undefined;

  add(chunk: ModelChunk): void {
    switch (chunk.type) {
      case "text":
        this.text += chunk.text;
        return;
      case "reasoning":
        this.reasoning += chunk.text;
        return;
      case "tool_call":
        this.toolCalls.push({ wire_id: chunk.wire_id, name: chunk.name, arguments: chunk.arguments });
        return;
      case "usage":
        this.#reported = chunk;
        return;
      case "kept":
        this.kept = chunk.state;
        return;
      case "end":
        this.finish = chunk.reason;
    }
  }

  /** Far more than any model gives: a server that goes on and on is cut as at its own limit, before memory is. */
  isTooLong(): boolean {
    return this.text.length + this.reasoning.length > MOST_CHARACTERS;
  }

  /** Whether the first token has come: from here on nothing may be asked again. */
  hasBegun(): boolean {
    return this.text !== "" || this.reasoning !== "" || this.toolCalls.length > 0;
  }

  /** Zero counts are as good as none: some servers send them instead of leaving them out. @param isWhole the answer came to its end */
  usage(question: Question, isWhole: boolean): ModelUsage {
    const input = this.#reported?.input_tokens ?? 0;
    const said =
      this.reasoning + this.text + this.toolCalls.map((call) => call.name + call.arguments).join("");
    const reported = this.#reported?.output_tokens ?? 0;
    const isKnown = isWhole && input > 0 && (reported > 0 || said === "");
    if (isKnown) return { input_tokens: input, output_tokens: reported, estimated: false };
    return {
      input_tokens: input > 0 ? input : tokensOfMessages(question.messages) + tokensOfTools(question.tools),
      output_tokens: Math.max(reported, estimateTokens(said)),
      estimated: true,
    };
  }
}

/** Token counts are guesses, and rather too low for code. */
const GUESS_MARGIN = 1.15;
const LEAST_LIMIT = 256;

/** The limit of the answer within what the window of this very model leaves: servers refuse one that goes beyond it. */
export function limitWithin(
  window: number,
  { messages, tools, maxOutputTokens }: Question,
): { maxOutputTokens?: number } {
  if (maxOutputTokens === undefined) return {};
  const prompt = tokensOfMessages(messages) + tokensOfTools(tools);
  const room = Math.floor(window - prompt * GUESS_MARGIN);
  return { maxOutputTokens: Math.min(maxOutputTokens, Math.max(room, LEAST_LIMIT)) };
}
