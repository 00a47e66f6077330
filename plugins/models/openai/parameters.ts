// What servers that speak OpenAI's language take of a caller's parameters, and how it is written
// (https://platform.openai.com/docs/api-reference/chat/create, https://ai.google.dev/gemini-api/docs/openai). Used by openai.ts, request.ts.
import type { ModelParameters, ParameterName } from "../../../contracts/given.ts";
import type { RefusedParameter } from "../../../contracts/models.ts";
import { refusedBy } from "../wire/parameters.ts";

const NAMES = [
  ...(["max_output_tokens", "temperature", "top_p", "stop", "seed", "tool_choice"] as const),
  ...(["frequency_penalty", "presence_penalty", "logit_bias", "parallel_tool_calls"] as const),
  ...(["response_format", "reasoning_effort", "verbosity", "speakers"] as const),
];
/** Names of models whose servers have Mistral's rules, wherever they run. */
export const MISTRAL = /mi[sx]tral|codestral|devstral|magistral|pixtral|voxtral/i;
/** Google's compatible surface has no such fields. */
const NOT_GEMINIS = new Set<ParameterName>([
  ...(["logit_bias", "parallel_tool_calls", "verbosity", "speakers"] as const),
]);
/** OpenAI's own; others may take more. */
const MOST_STOPS = 4;

type Asked = { provider: string; isOpenAi: boolean; model: string };

export function refusedByOpenAi(
  { provider, isOpenAi, model }: Asked,
  parameters: ModelParameters,
): RefusedParameter | undefined {
  const names = new Set<ParameterName>(
    provider === "gemini" ? NAMES.filter((name) => !NOT_GEMINIS.has(name)) : NAMES,
  );
  if (MISTRAL.test(model)) names.delete("speakers");
  // What a vendor that knows no such field does anyway need not be said.
  const { parallel_tool_calls, ...others } = parameters;
  const asked = parallel_tool_calls === true && !names.has("parallel_tool_calls") ? others : parameters;
  return refusedBy(
    {
      vendor: provider,
      names,
      refusesValue: ({ stop = [] }) =>
        isOpenAi && stop.length > MOST_STOPS
          ? { name: "stop", why: `may have ${MOST_STOPS} texts for models of "${provider}"` }
          : undefined,
    },
    asked,
  );
}

/** The caller's parameters as fields of a question; the limit of its answer has its own place. */
export function wireParameters(provider: string, parameters: ModelParameters): Record<string, unknown> {
  const {
    max_output_tokens: _limit,
    tool_choice,
    parallel_tool_calls,
    speakers: _s,
    top_k: _k,
    thinking: _t,
    betas: _b,
    context_management: _m,
    cache_control: _c,
    ...others
  } = parameters;
  const isNamed = typeof tool_choice === "object";
  return {
    ...others,
    ...(tool_choice === undefined
      ? {}
      : {
          tool_choice: isNamed ? { type: "function", function: { name: tool_choice.name } } : tool_choice,
        }),
    ...(parallel_tool_calls === undefined || provider === "gemini" ? {} : { parallel_tool_calls }),
  };
}
