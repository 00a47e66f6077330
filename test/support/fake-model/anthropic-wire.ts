// The fake model in Anthropic's words: messages, streamed or whole.
import { argumentPieces, type FakeTurn, type Heard, piecesOf } from "./turn.ts";
import type { Wire } from "./wire.ts";

type Block = { type: string; text?: string; content?: unknown };
type Body = { messages?: { role: string; content: string | Block[] }[] };

const frame = (value: { type: string; [key: string]: unknown }): string =>
  `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const delta = (index: number, value: unknown): string =>
  frame({ type: "content_block_delta", index, delta: value });

export const anthropicWire: Wire = {
  hear(body) {
    const { messages = [] } = body as Body;
    const last = messages.at(-1);
    const blocks = Array.isArray(last?.content) ? last.content : [];
    const results = blocks.filter((block) => block.type === "tool_result");
    const said = messages
      .filter((message) => message.role === "user")
      .map((message) => textOf(message.content))
      .filter((text) => text !== "");
    return {
      message: said.at(-1) ?? "",
      results: results.map((block) => String(block.content)),
    } satisfies Heard;
  },

  stream(turn) {
    const usage = turn.usage === "none" ? undefined : usageOf(turn);
    return {
      start: frame({
        type: "message_start",
        message: {
          id: "msg_fake",
          type: "message",
          role: "assistant",
          model: "fake",
          content: [],
          stop_reason: null,
          usage: usage && { input_tokens: usage.input_tokens, output_tokens: 1 },
        },
      }),
      pieces: blockFrames(turn),
      end:
        (turn.finish === null
          ? ""
          : frame({
              type: "message_delta",
              delta: { stop_reason: finishOf(turn), stop_sequence: null },
              usage: usage && { output_tokens: usage.output_tokens },
            })) + frame({ type: "message_stop" }),
    };
  },

  whole(turn) {
    const text = piecesOf(turn.text).join("");
    const thinking = piecesOf(turn.reasoning).join("");
    return {
      id: "msg_fake",
      type: "message",
      role: "assistant",
      content: [
        ...(thinking ? [{ type: "thinking", thinking, signature: "fake" }] : []),
        ...(text ? [{ type: "text", text }] : []),
        ...(turn.toolCalls ?? []).map((call, place) => ({
          type: "tool_use",
          id: call.id ?? `toolu_${place}`,
          name: call.name,
          input: JSON.parse(argumentPieces(call).join("") || "{}"),
        })),
      ],
      stop_reason: finishOf(turn),
      usage: turn.usage === "none" ? undefined : usageOf(turn),
    };
  },
};

function blockFrames(turn: FakeTurn): string[] {
  const frames: string[] = [];
  let index = 0;
  const block = (start: { type: string; [key: string]: unknown }, deltas: unknown[]) => {
    const opening = frame({ type: "content_block_start", index, content_block: start });
    const closing = frame({ type: "content_block_stop", index });
    deltas.forEach((value, at) => {
      const isLast = at === deltas.length - 1;
      frames.push((at === 0 ? opening : "") + delta(index, value) + (isLast ? closing : ""));
    });
    index += 1;
  };
  const thinking = piecesOf(turn.reasoning).map((text) => ({ type: "thinking_delta", thinking: text }));
  if (thinking.length > 0) block({ type: "thinking", thinking: "", signature: "" }, thinking);
  const text = piecesOf(turn.text).map((piece) => ({ type: "text_delta", text: piece }));
  if (text.length > 0) block({ type: "text", text: "" }, text);
  (turn.toolCalls ?? []).forEach((call, place) => {
    block(
      { type: "tool_use", id: call.id ?? `toolu_${place}`, name: call.name, input: {} },
      argumentPieces(call).map((piece) => ({ type: "input_json_delta", partial_json: piece })),
    );
  });
  return frames;
}

function finishOf({ finish, toolCalls }: FakeTurn): string {
  return finish ?? (toolCalls?.length ? "tool_use" : "end_turn");
}

function usageOf({ usage, text, reasoning }: FakeTurn) {
  const said = piecesOf(text).length + piecesOf(reasoning).length;
  const { input, output } = typeof usage === "object" ? usage : { input: 10, output: Math.max(1, said) };
  return { input_tokens: input, output_tokens: output };
}

function textOf(content: string | Block[]): string {
  if (typeof content === "string") return content;
  return content.map((block) => (block.type === "text" ? (block.text ?? "") : "")).join("");
}
