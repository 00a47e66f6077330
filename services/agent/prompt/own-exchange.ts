// The run's own exchange so far: the user's message, and its steps with their results and pictures, as much of it as fits (G15).
import type { PromptImage, PromptMessage } from "../../../contracts/models.ts";
import { tokensOfMessages } from "../../../plugins/models/prices.ts";
import type { CallDocument, RunDocument, StoredStep } from "../run-document.ts";
import { type Attached, withAttachments } from "./attachments.ts";
import { argumentText, cutMiddle, resultText } from "./result-text.ts";

type Worked = { step: StoredStep; calls: CallDocument[] };

/** Characters of a result, of arguments and of a text between, and how many of the newest results with pictures show them. */
const LENGTHS = [
  { result: 16_000, text: Number.POSITIVE_INFINITY, pictured: 3 },
  { result: 4_000, text: 16_000, pictured: 1 },
  { result: 1_000, text: 4_000, pictured: 1 },
  { result: 250, text: 1_000, pictured: 0 },
];
type Lengths = (typeof LENGTHS)[number];
/** Of the room there is, for files that came with the message: the others are for what the run does. */
const FILE_SHARE = 0.6;
const NO_FILES: Attached = new Map();

type Asked = { attached?: Attached | undefined; question?: PromptMessage | undefined };

/**
 * Results are cut shorter and shorter until it fits; then the oldest steps are left out, each with its results. The user's
 * own message and the last step are always there.
 * @param calls all of the run
 * @param most tokens there are for it
 * @param question what was asked, where it is not the user's message with its files
 */
export function ownExchange(
  run: RunDocument,
  calls: CallDocument[],
  most: number,
  { attached = NO_FILES, question = askedIn(run, most, attached) }: Asked = {},
): PromptMessage[] {
  const worked = run.steps.map(
    (step): Worked => ({ step, calls: calls.filter((call) => call.step === step.number) }),
  );
  const pictured = worked.flatMap((step) => step.calls).filter(({ result }) => imagesOf(result).length > 0);
  const room = most - tokensOfMessages([question]);
  for (const lengths of LENGTHS) {
    const shown = new Set(lengths.pictured === 0 ? [] : pictured.slice(-lengths.pictured));
    const messages = worked.flatMap((step) => messagesOf(step, lengths, shown));
    if (tokensOfMessages(messages) <= room || worked.length === 0) return [question, ...messages];
  }
  return [question, ...newestSteps(worked, room)];
}

function askedIn(run: RunDocument, most: number, attached: Attached): PromptMessage {
  const forFiles = Math.max(0, (most - tokensOfMessages([{ role: "user", content: run.text }])) * FILE_SHARE);
  return withAttachments(run.text, run.attachments, attached, forFiles);
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

/**
 * A step with its results, in the model's order and with the provider's own call ids.
 * @param shown the calls whose pictures go with their results
 */
function messagesOf(
  { step, calls }: Worked,
  { result, text }: Lengths,
  shown: ReadonlySet<CallDocument> = NONE,
): PromptMessage[] {
  const content = cutMiddle(step.content, text);
  if (step.calls.length === 0) return [{ role: "assistant", content }];
  const tool_calls = step.calls.map(({ wire_id, name, arguments: written }) => ({
    wire_id,
    name,
    arguments: argumentText(written, text),
  }));
  const results = calls.map((call): PromptMessage => {
    const images = shown.has(call) ? imagesOf(call.result) : [];
    return {
      role: "tool",
      wire_id: call.wire_id,
      name: call.name,
      content: resultText(call.result, result, images.length > 0),
      ...(images.length > 0 ? { images } : {}),
    };
  });
  return [{ role: "assistant", content, tool_calls, ...(step.kept ? { kept: step.kept } : {}) }, ...results];
}

const NONE: ReadonlySet<CallDocument> = new Set();

/** Those whose bytes are there. */
function imagesOf(result: CallDocument["result"]): PromptImage[] {
  return (result?.images ?? []).flatMap(({ media_type, data }) =>
    data === undefined ? [] : [{ media_type, data }],
  );
}
