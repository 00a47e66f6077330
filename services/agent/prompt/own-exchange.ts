// This run's own exchange so far: the user's message, and its steps with their results, as much of it as fits.
import type { PromptMessage } from "../../../contracts/models.ts";
import { tokensOfMessages } from "../../../plugins/models/prices.ts";
import type { CallDocument, RunDocument, StoredStep } from "../run-document.ts";
import { argumentText, cutMiddle, resultText } from "./result-text.ts";

type Worked = { step: StoredStep; calls: CallDocument[] };

/** Characters of a result, of arguments and of a text between: as much as fits of these. */
const LENGTHS = [
  { result: 16_000, text: Number.POSITIVE_INFINITY },
  { result: 4_000, text: 16_000 },
  { result: 1_000, text: 4_000 },
  { result: 250, text: 1_000 },
];
type Lengths = (typeof LENGTHS)[number];

/**
 * Results are cut shorter and shorter until it fits; then the oldest steps are left out, each with its results. The user's
 * own message and the last step are always there.
 * @param calls all of the run
 * @param most tokens there are for it
 */
export function ownExchange(run: RunDocument, calls: CallDocument[], most: number): PromptMessage[] {
  const worked = run.steps.map(
    (step): Worked => ({ step, calls: calls.filter((call) => call.step === step.number) }),
  );
  const question: PromptMessage = { role: "user", content: run.text };
  const room = most - tokensOfMessages([question]);
  for (const lengths of LENGTHS) {
    const messages = worked.flatMap((step) => messagesOf(step, lengths));
    if (tokensOfMessages(messages) <= room || worked.length === 0) return [question, ...messages];
  }
  return [question, ...newestSteps(worked, room)];
}

function newestSteps(worked: Worked[], room: number): PromptMessage[] {
  const lengths = LENGTHS.at(-1) as Lengths;
  let messages: PromptMessage[] = [];
  let left = worked.length;
  for (const step of worked.toReversed()) {
    const more = [...messagesOf(step, lengths), ...messages];
    if (messages.length > 0 && tokensOfMessages(more) > room) break;
    messages = more;
    left -= 1;
  }
  const [first] = messages;
  if (left > 0 && first)
    messages[0] = {
      ...first,
      content: `[${left} earlier steps of this run are left out here] ${first.content}`,
    };
  return messages;
}

/** A step with its results, in the model's order and with the provider's own call ids. */
function messagesOf({ step, calls }: Worked, { result, text }: Lengths): PromptMessage[] {
  const content = cutMiddle(step.content, text);
  if (step.calls.length === 0) return [{ role: "assistant", content }];
  const tool_calls = step.calls.map(({ wire_id, name, arguments: written }) => ({
    wire_id,
    name,
    arguments: argumentText(written, text),
  }));
  const results = calls.map(
    (call): PromptMessage => ({
      role: "tool",
      wire_id: call.wire_id,
      name: call.name,
      content: resultText(call.result, result),
    }),
  );
  return [{ role: "assistant", content, tool_calls, ...(step.kept ? { kept: step.kept } : {}) }, ...results];
}
