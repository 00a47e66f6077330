// A question in the words of Anthropic's messages API (https://platform.claude.com/docs/en/api/messages). Used by anthropic.ts.
import type { PromptPart } from "../../../contracts/given.ts";
import type { ModelRequest, PromptImage } from "../../../contracts/models.ts";
import { limitsOf } from "../prices.ts";
import { wireJson } from "../wire/json.ts";
import { type Learnt, NOTHING_LEARNT } from "../wire/lessons.ts";
import { offeredTools } from "../wire/offered-tools.ts";
import { withoutPictures } from "../wire/pictures.ts";
import { callsInWords, GO_ON, LEFT_OUT, type SoundTurn, soundHistory } from "../wire/sound-history.ts";
import { exactBody } from "./exact-request.ts";
import { wireParameters } from "./parameters.ts";

type Source = { type: "base64"; media_type: string; data: string } | { type: "url"; url: string };
type Picture = { type: "image"; source: Source };
type Block =
  | { type: "text"; text: string }
  | { type: "tool_use"; id: string; name: string; input: Record<string, unknown> }
  | { type: "tool_result"; tool_use_id: string; content: string | Block[] }
  | Picture
  | { type: "thinking"; thinking: string; signature: string }
  | { type: "redacted_thinking"; data: string };
type Turn = { role: "user" | "assistant"; content: Block[] };

const ID = /^[a-zA-Z0-9_-]{1,64}$/;
/** The API has no limit of its own for these; more would be no help to a model. */
const TOOL_LIMITS = { tools: 500, description: 8_000 };
/** The API demands a limit: this one, or the model's own where that is lower. Room for thinking, which counts too. */
const USUAL_LIMIT = 32_000;
const UNKNOWN_LIMIT = 8_192;

/** Tokens that the answer is limited to. @param most what the server has been found to allow at most */
export function limitOf(
  { model, maxOutputTokens, isExact }: ModelRequest,
  provider: string,
  most: number,
): number {
  // A caller that asks for more than the model gives is told so by its server.
  if (isExact && maxOutputTokens !== undefined) return Math.min(maxOutputTokens, most);
  const known = limitsOf(`${provider}/${model}`)?.max_output_tokens ?? UNKNOWN_LIMIT;
  return Math.min(maxOutputTokens ?? USUAL_LIMIT, known, most);
}

/**
 * @param provider the provider's name, to look up the model's limits
 * @param limit tokens of the answer
 * @param learnt what the server has been found to want
 */
export function requestBody(
  request: ModelRequest,
  provider: string,
  limit: number,
  learnt: Learnt = NOTHING_LEARNT,
): string {
  const { model } = request;
  if (request.isExact) return exactBody(request, `${provider}/${model}`, limit);
  const tools = offeredTools(request.tools, TOOL_LIMITS);
  const { system, turns } = soundHistory(request.messages, ID);
  // Calls in the history are refused where no tool is offered.
  const isPlain = tools.length === 0 || learnt.demands.has("plain_history");
  const isBlind = learnt.demands.has("plain_history") || learnt.demands.has("no_images");
  const seen = isBlind ? withoutPictures(turns) : turns;
  const history = isPlain ? callsInWords(seen) : seen;
  return wireJson({
    model,
    max_tokens: limit,
    ...(system === "" ? {} : { system }),
    messages: wireTurns(history, learnt.takesNoThoughts ? undefined : `${provider}/${model}`),
    ...(tools.length === 0
      ? {}
      : {
          tools: tools.map(({ name, description, parameters }) => ({
            name,
            description,
            input_schema: parameters,
          })),
        }),
    ...(request.parameters ? wireParameters(request.parameters, tools.length > 0) : {}),
    stream: true,
  });
}

/** User and assistant by turns, beginning and ending with the user; results of parallel calls share one user turn. @param thinker whose thoughts go back */
function wireTurns(history: SoundTurn[], thinker: string | undefined): Turn[] {
  const all: Turn[] = [];
  const say = (role: Turn["role"], content: Block[]) => {
    const last = all.at(-1);
    if (last?.role === role) last.content.push(...content);
    else all.push({ role, content });
  };
  if (history[0]?.role !== "user") say("user", [{ type: "text", text: LEFT_OUT }]);
  for (const turn of history) {
    if (turn.role === "user")
      say(
        "user",
        turn.parts ? turn.parts.map(blockOf) : [{ type: "text", text: turn.text }, ...pictures(turn.images)],
      );
    else {
      const said = blocks(turn, thinker);
      // Thoughts open a turn: they cannot stand behind what was said before them.
      const opens = said[0]?.type === "thinking" || said[0]?.type === "redacted_thinking";
      if (opens && all.at(-1)?.role === "assistant") say("user", [{ type: "text", text: GO_ON }]);
      say("assistant", said);
      if (turn.calls.length > 0)
        say(
          "user",
          turn.calls.map(({ id, result, images }) => ({
            type: "tool_result",
            tool_use_id: id,
            content: images ? [{ type: "text", text: result }, ...pictures(images)] : result,
          })),
        );
    }
  }
  // A last turn of the assistant would be a prefill, which newer models refuse.
  if (all.at(-1)?.role === "assistant") say("user", [{ type: "text", text: GO_ON }]);
  return all;
}

function blockOf(part: PromptPart): Block {
  if (part.type === "text") return part;
  const { image } = part;
  return { type: "image", source: "url" in image ? { type: "url", ...image } : { type: "base64", ...image } };
}

function pictures(images: PromptImage[] = []): Picture[] {
  return images.map(({ media_type, data }) => ({
    type: "image",
    source: { type: "base64", media_type, data },
  }));
}

/** Thoughts come first, exactly as they were given: the API checks their signatures. */
function blocks(
  { text, calls, kept }: Extract<SoundTurn, { role: "assistant" }>,
  thinker: string | undefined,
): Block[] {
  const thoughts = kept && kept.by === thinker ? (kept.value as Block[]) : [];
  const said: Block[] = text === "" ? [] : [{ type: "text", text }];
  const asked = calls.map(({ id, name, args }): Block => ({ type: "tool_use", id, name, input: args }));
  return [...thoughts, ...said, ...asked];
}
