// What Anthropic's messages API takes of a caller's parameters, and how it is written (https://platform.claude.com/docs/en/api/messages).
// Used by anthropic.ts and request.ts.
import type { ModelParameters, ParameterName } from "../../../contracts/given.ts";
import type { RefusedParameter } from "../../../contracts/models.ts";
import { refusedBy } from "../wire/parameters.ts";

const NAMES: ReadonlySet<ParameterName> = new Set([
  ...(["max_output_tokens", "temperature", "top_p", "top_k", "stop"] as const),
  ...(["tool_choice", "parallel_tool_calls", "thinking"] as const),
]);

export function refusedByAnthropic(
  provider: string,
  parameters: ModelParameters,
): RefusedParameter | undefined {
  return refusedBy(
    {
      vendor: provider,
      names: NAMES,
      refusesValue: ({ temperature = 0 }) =>
        temperature > 1
          ? { name: "temperature", why: `goes from 0 to 1 for models of "${provider}"` }
          : undefined,
    },
    parameters,
  );
}

/** The caller's parameters as fields of a question; the limit of its answer has its own place. */
export function wireParameters(
  { temperature, top_p, top_k, stop, tool_choice, parallel_tool_calls, thinking }: ModelParameters,
  hasTools: boolean,
): Record<string, unknown> {
  const isSingle = parallel_tool_calls === false;
  const choice = hasTools && (tool_choice !== undefined || isSingle) ? (tool_choice ?? "auto") : undefined;
  const type = { auto: "auto", none: "none", required: "any" } as const;
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { top_p }),
    ...(top_k === undefined ? {} : { top_k }),
    ...(stop === undefined ? {} : { stop_sequences: stop }),
    ...(thinking === undefined ? {} : { thinking }),
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
