// The fake model in OpenAI's words: chat completions, streamed or whole.
import { argumentPieces, type FakeToolCall, type FakeTurn, type Heard, piecesOf } from "./turn.ts";
import type { Wire } from "./wire.ts";

type Body = { messages?: { role: string; content?: unknown }[]; model?: string };

const frame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta: unknown, finish: string | null = null): string =>
  frame({
    id: "chatcmpl-fake",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "fake",
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

export const openaiWire: Wire = {
  hear(body) {
    const { messages = [] } = body as Body;
    const from = messages.findLastIndex((message) => message.role === "user");
    const results = messages.slice(from + 1).filter((message) => message.role === "tool");
    return {
      message: textOf(messages[from]?.content),
      results: results.map((message) => textOf(message.content)),
    } satisfies Heard;
  },

  stream(turn) {
    const { usage } = turn;
    const finish = finishOf(turn);
    return {
      start: chunk({ role: "assistant", content: "" }),
      pieces: [
        ...piecesOf(turn.reasoning).map((text) => chunk({ reasoning_content: text })),
        ...piecesOf(turn.text).map((text) => chunk({ content: text })),
        ...(turn.toolCalls ?? []).flatMap(callFrames),
      ],
      end:
        (finish === null ? "" : chunk({}, finish)) +
        (usage === "none" ? "" : frame({ id: "chatcmpl-fake", choices: [], usage: usageOf(turn) })) +
        "data: [DONE]\n\n",
    };
  },

  whole(turn) {
    return {
      id: "chatcmpl-fake",
      object: "chat.completion",
      choices: [
        {
          index: 0,
          message: {
            role: "assistant",
            content: piecesOf(turn.text).join(""),
            reasoning_content: piecesOf(turn.reasoning).join("") || undefined,
            tool_calls: turn.toolCalls?.map((call, index) => ({
              id: call.id === undefined ? `call_${index}` : (call.id ?? undefined),
              type: "function",
              function: { name: call.name, arguments: argumentPieces(call).join("") },
            })),
          },
          finish_reason: finishOf(turn),
        },
      ],
      usage: turn.usage === "none" ? undefined : usageOf(turn),
    };
  },
};

function callFrames(call: FakeToolCall, place: number): string[] {
  const index = call.index === null ? {} : { index: call.index ?? place };
  const id = call.id === null ? {} : { id: call.id ?? `call_${place}` };
  return argumentPieces(call).map((text, piece) =>
    chunk({
      tool_calls: [
        piece === 0
          ? { ...index, ...id, type: "function", function: { name: call.name, arguments: text } }
          : { ...index, function: { arguments: text } },
      ],
    }),
  );
}

function finishOf({ finish, toolCalls }: FakeTurn): string | null {
  return finish === undefined ? (toolCalls?.length ? "tool_calls" : "stop") : finish;
}

function usageOf({ usage, text, reasoning }: FakeTurn) {
  const said = piecesOf(text).length + piecesOf(reasoning).length;
  const { input, output } = typeof usage === "object" ? usage : { input: 10, output: Math.max(1, said) };
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content.map((part: { text?: string }) => part.text ?? "").join("");
}
