// What Anthropic's messages API takes of a caller's parameters, and how it is written (https://platform.claude.com/docs/en/api/messages).
// Used by anthropic.ts and request.ts.
import type { ModelParameters, ParameterName } from "../../../contracts/given.ts";
import type { RefusedParameter } from "../../../contracts/models.ts";
import { fieldsIn } from "../wire/json.ts";
import { refusedBy } from "../wire/parameters.ts";

const NAMES: ReadonlySet<ParameterName> = new Set([
  ...(["max_output_tokens", "temperature", "top_p", "top_k", "stop"] as const),
  ...(["tool_choice", "parallel_tool_calls", "thinking", "reasoning_effort", "response_format"] as const),
  "context_management",
]);
const EFFORTS = new Set(["low", "medium", "high", "xhigh", "max"]);

export function refusedByAnthropic(
  provider: string,
  parameters: ModelParameters,
): RefusedParameter | undefined {
  return refusedBy(
    {
      vendor: provider,
      names: NAMES,
      refusesValue: (given) => refusedValue(provider, given),
    },
    parameters,
  );
}

function refusedValue(
  provider: string,
  { temperature = 0, reasoning_effort, response_format }: ModelParameters,
): RefusedParameter | undefined {
  if (temperature > 1) return { name: "temperature", why: `goes from 0 to 1 for models of "${provider}"` };
  if (reasoning_effort !== undefined && !EFFORTS.has(reasoning_effort))
    return {
      name: "reasoning_effort",
      why: `may be one of ${[...EFFORTS].join(", ")} for models of "${provider}"`,
    };
  if (response_format && !schemaIn(response_format) && response_format.type !== "text")
    return {
      name: "response_format",
      why: `may be a "json_schema" with its schema for models of "${provider}"`,
    };
  return undefined;
}

function schemaIn({ type, json_schema }: Record<string, unknown>): unknown {
  return type === "json_schema" ? fieldsIn(json_schema).schema : undefined;
}

/** Effort and format stand together here; what is said of neither is left out. */
function outputConfig({
  reasoning_effort: effort,
  response_format = {},
}: ModelParameters): Record<string, unknown> {
  const schema = schemaIn(response_format);
  const config = {
    ...(effort === undefined ? {} : { effort }),
    ...(schema === undefined ? {} : { format: { type: "json_schema", schema } }),
  };
  return Object.keys(config).length === 0 ? {} : { output_config: config };
}

/** The caller's parameters as fields of a question; the limit of its answer has its own place. */
export function wireParameters(parameters: ModelParameters, hasTools: boolean): Record<string, unknown> {
  const { temperature, top_p, top_k, stop, tool_choice, parallel_tool_calls, thinking, cache_control } =
    parameters;
  const { context_management } = parameters;
  const isSingle = parallel_tool_calls === false;
  const choice = hasTools && (tool_choice !== undefined || isSingle) ? (tool_choice ?? "auto") : undefined;
  const type = { auto: "auto", none: "none", required: "any" } as const;
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { top_p }),
    ...(top_k === undefined ? {} : { top_k }),
    ...(stop === undefined ? {} : { stop_sequences: stop }),
    ...(thinking === undefined ? {} : { thinking }),
    ...(context_management === undefined ? {} : { context_management }),
    ...outputConfig(parameters),
    ...(cache_control === undefined ? {} : { cache_control }),
    ...(choice === undefined
      ? {}
      : {
          tool_choice: {
            ...(typeof choice === "object" ? { type: "tool", name: choice.name } : { type: type[choice] }),
            ...(isSingle && choice !== "none" ? { disable_parallel_tool_use: true } : {}),
          },
        }),
  };
}
