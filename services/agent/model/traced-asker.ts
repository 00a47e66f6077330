// Each question to a model as a span, with all its tries: which model, tokens, the first word; nothing of what was said. Loaded where
// tracing is on.
import { type Span, type SpanStart, spanned, type Tracing } from "../../../lib/tracing/tracing.ts";
import type { Asked, AskOptions, ModelAsker } from "../asked.ts";

/** Providers whose name in the semantic conventions is another one. */
const PROVIDERS: Record<string, string> = { gemini: "gcp.gemini" };

export function tracedAsker(asker: ModelAsker, tracing: Tracing): ModelAsker {
  return {
    health: () => asker.health(),
    ask: (options) =>
      spanned(tracing, startOf(options), async (span) => {
        const asked = await asker.ask(timed(options, span));
        addAnswer(span, asked);
        return asked;
      }),
  };
}

function startOf({ model, maxOutputTokens }: AskOptions): SpanStart {
  const [provider, name] = split(model);
  return {
    name: `chat ${name}`,
    kind: "client",
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": PROVIDERS[provider] ?? provider,
      "gen_ai.request.model": name,
      "gen_ai.request.stream": true,
      "gen_ai.request.max_tokens": maxOutputTokens,
    },
  };
}

/** `provider/model` in its two parts. */
function split(model: string): [provider: string, name: string] {
  const at = model.indexOf("/");
  return [model.slice(0, at), model.slice(at + 1)];
}

/** The same question; its first word, or thought, is noted. */
function timed(options: AskOptions, span: Span | undefined): AskOptions {
  const askedAt = performance.now();
  let hasBegun = false;
  const begun = (tell: (text: string) => void) => (text: string) => {
    if (!hasBegun)
      span?.add({ "gen_ai.response.time_to_first_chunk": (performance.now() - askedAt) / 1_000 });
    hasBegun = true;
    tell(text);
  };
  return { ...options, onText: begun(options.onText), onReasoning: begun(options.onReasoning) };
}

function addAnswer(span: Span | undefined, asked: Asked): void {
  if (asked.type === "failed" || asked.type === "interrupted") span?.failed(asked.error.type);
  if (asked.type === "failed") return;
  const [, name] = split(asked.model);
  span?.add({
    "gen_ai.response.model": name,
    "gen_ai.usage.input_tokens": asked.usage.input_tokens,
    "gen_ai.usage.output_tokens": asked.usage.output_tokens,
    "macjarvis.usage.estimated": asked.usage.estimated,
    "macjarvis.model.outcome": asked.type === "answered" ? asked.finish : asked.type,
  });
}
