// A history in the words of OpenAI's chat completions, as the server at hand takes it. Used by request.ts.
import type { PromptMessage } from "../../../contracts/models.ts";
import { beginsWithLetter } from "../wire/call-names.ts";
import { alternating, callsInWords, type SoundTurn, soundHistory, withRules } from "../wire/sound-history.ts";
import { wireJson } from "../wire/wire-json.ts";
import { type Dialect, idsOf, mustAlternate } from "./dialect.ts";
import { type Kept, keptFor, signatureOf } from "./kept.ts";

type WireMessage = Record<string, unknown>;
type Step = Extract<SoundTurn, { role: "assistant" }>;

/** Stands for thoughts that are not known: some servers take an empty text for a missing one. */
const NO_THOUGHTS = " ";

/**
 * Any history, as this model's server takes it: what is unsound in it is made sound, nothing is refused.
 * @param question.hasTools it offers some
 */
export function wireMessages(
  messages: PromptMessage[],
  dialect: Dialect,
  { model, hasTools }: { model: string; hasTools: boolean },
): WireMessage[] {
  const { system: rules, turns: all } = soundHistory(messages, idsOf(dialect, model));
  const { demands } = dialect.learnt;
  const isPlain = demands.has("plain_history");
  const said = isPlain || (!hasTools && demands.has("calls_in_words")) ? callsInWords(all) : all;
  const told = demands.has("no_system") ? withRules(said, rules) : said;
  const turns = isPlain || mustAlternate(dialect, model) ? alternating(told) : told;
  const thoughts = thoughtsOf(turns, dialect, model);
  const system = rules === "" || demands.has("no_system") ? [] : [{ role: "system", content: rules }];
  return [
    ...system,
    ...turns.flatMap((turn) => {
      if (turn.role === "user") return [{ role: "user", content: turn.text }];
      if (turn.calls.length === 0) return [{ role: "assistant", content: turn.text }];
      return stepMessages(turn, dialect, keptFor(turn.kept, dialect.provider, model), thoughts);
    }),
  ];
}

/**
 * DeepSeek and its kin want the thoughts of every step with calls, once one has any: also of steps in which the model thought
 * nothing, and of steps of other models.
 */
type Thoughts = "with_all" | "with_none";

function thoughtsOf(turns: SoundTurn[], { provider, learnt }: Dialect, model: string): Thoughts {
  if (learnt.takesNoThoughts) return "with_none";
  const hasAny = turns.some(
    (turn) => turn.role === "assistant" && keptFor(turn.kept, provider, model).reasoning_content,
  );
  return hasAny || learnt.demands.has("thoughts") ? "with_all" : "with_none";
}

/** Beside calls a text may be missing; servers differ in how that is said. */
function wordless({ demands }: Dialect["learnt"]): string | null {
  if (demands.has("filled_content")) return "(calls tools)";
  return demands.has("text_content") ? "" : null;
}

function stepMessages(
  step: Step,
  { provider, learnt }: Dialect,
  kept: Kept,
  thoughts: Thoughts,
): WireMessage[] {
  const nameOf = provider === "gemini" ? beginsWithLetter : (name: string) => name;
  return [
    {
      role: "assistant",
      content: step.text === "" ? wordless(learnt) : step.text,
      ...(thoughts === "with_all" ? { reasoning_content: kept.reasoning_content ?? NO_THOUGHTS } : {}),
      ...(kept.reasoning_details && !learnt.takesNoThoughts
        ? { reasoning_details: kept.reasoning_details }
        : {}),
      tool_calls: step.calls.map(({ id, name, args }, index) => ({
        id,
        type: "function",
        ...signatureOf(provider, kept, index),
        function: { name: nameOf(name), arguments: wireJson(args) },
      })),
    },
    ...step.calls.map(({ id, result }) => ({ role: "tool", tool_call_id: id, content: result })),
  ];
}
