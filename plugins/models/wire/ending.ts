// Why an answer ended, by the words of all vendors. What is not known is told as what it is, never as a proper end.
import { AppError } from "../../../lib/errors.ts";
import { type Failing, interrupted, malformedCall, overloaded, withheld } from "./provider-error.ts";

/** `broken`: the vendor broke off; `unknown`: a word that no row has, told as it is. */
export type Ending = "stop" | "tool_calls" | "length" | "filtered" | "malformed_call" | "broken" | "unknown";

/** The first row that fits counts. Case and the vendor's own prefix (`function_call_filter: …`) do not matter. */
const ROWS: [RegExp, Ending][] = [
  [
    /^(stop|end_(of_)?turn|stop_(sequence|token)|eo[smt]|eos_token|end_of_(text|sequence|message)|complete[d]?|finish(ed)?|end|done|normal|success)$/,
    "stop",
  ],
  [/^(tool_calls?|tool_use|function_calls?)$/, "tool_calls"],
  [/^(length|max_(output_|completion_|new_)?tokens|max_length|model_length|token_limit)$/, "length"],
  [/^model_context_window_exceeded$|^context_length/, "length"],
  // Google's: the model wrote a call that cannot be read, or one of a tool it does not have. Before the filters: it says `filter`.
  [/malformed|unexpected_tool_call|too_many_tool_calls|missing_thought_signature/, "malformed_call"],
  [
    /filter|safety|sensitive|refus|prohibited|blocklist|blocked|recitation|spii|model_armor|toxic/,
    "filtered",
  ],
  [/guardrail|moderation|risk_control|image_other|^language$/, "filtered"],
  [/error|abort|insufficient_system_resource|overload|cancel|timeout|interrupt/, "broken"],
];

/** @param reason the vendor's word; "" when it said none, which is no reason to doubt the end */
export function endingOf(reason: string): Ending {
  const word = reason.trim().toLowerCase();
  if (word === "") return "stop";
  return ROWS.find(([words]) => words.test(word))?.[1] ?? "unknown";
}

/** What has come by the end. */
type Come = { hasBegun: boolean; hasText: boolean; hasCalls: boolean };

/** Why the answer did not end as answers do, so that what came of it is to be kept as incomplete; undefined when it did. */
export function faultOfEnd(failing: Failing, reason: string, come: Come): AppError | undefined {
  const { hasBegun, hasText, hasCalls } = come;
  switch (endingOf(reason)) {
    case "filtered":
      return withheld(failing, hasText);
    case "malformed_call":
      return malformedCall(failing);
    case "broken":
      return hasBegun ? interrupted(failing) : overloaded(failing);
    case "unknown":
      return endedOtherwise(failing, reason);
    case "stop":
    case "tool_calls":
      return hasText || hasCalls ? undefined : empty(failing);
    case "length":
      return undefined;
  }
}

function empty({ provider, model }: Failing): AppError {
  return new AppError(
    "model_empty",
    `"${model}" of ${provider} ended its answer without a word and without a call; ask again, in other words, or choose another model.`,
  );
}

/** Letters only, and few: the word is the vendor's. */
const SHOWN = /[^\w .:-]+/g;
const MOST_SHOWN = 60;

function endedOtherwise({ provider }: Failing, reason: string): AppError {
  const word = reason.replace(SHOWN, "").slice(0, MOST_SHOWN) || "…";
  return new AppError(
    "model_ended",
    `${provider} ended the answer for a reason of its own ("${word}"), so it may not be whole; ask again to have it anew.`,
  );
}
