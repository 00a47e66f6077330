// The history in whole exchanges: a user message with everything that answered it. Nothing is ever cut between a tool call
// and its result (G15).
import type { PromptMessage } from "../../../contracts/models.ts";
import type { Message, Recent } from "../../../contracts/sessions.ts";
import { tokensOfMessages } from "../../../plugins/models/prices.ts";
import { type Attached, withAttachments } from "./attachments.ts";
import { argumentText, cutMiddle } from "./result-text.ts";

export type Exchange = {
  /** Ids of its first and last message. */
  firstId: string;
  lastId: string;
  messages: PromptMessage[];
  /** Estimated. */
  tokens: number;
};

export type History = {
  /** The newest exchanges of the session, oldest first, without this run's own. */
  exchanges: Exchange[];
  /** There are no older ones. */
  isWhole: boolean;
  /** Messages of the session were replaced: a summary may be of such. */
  hasReplaced?: true;
};

/** What is seen of the files of old messages, in a window of so many tokens. */
type OldFiles = { attached: Attached; window: number };
const NO_FILES: OldFiles = { attached: new Map(), window: 0 };
/** Of the window, for the files of one old message. */
const OLD_FILE_SHARE = 0.25;

/** What was said in the session before the run. */
export function historyOf(
  { messages, complete, replaced }: Recent,
  run_id: string,
  files: OldFiles = NO_FILES,
): History {
  const earlier = messages.filter((message) => message.run_id !== run_id);
  const hasReplaced = replaced ? { hasReplaced: true as const } : {};
  return { exchanges: exchangesOf(earlier, complete, files), isWhole: complete, ...hasReplaced };
}

/** Characters of one old tool result, and of the arguments of an old call; those of the run itself are longer. */
const OLD_RESULT = 2_000;
const OLD_ARGUMENTS = 4_000;

/**
 * @param messages of a session, oldest first
 * @param isWhole the first message is the session's first: what stands before the first message of the user then is an exchange
 * too (written by hand); else it is the end of one whose beginning is not here, and left out, unless there is nothing else
 */
export function exchangesOf(messages: Message[], isWhole: boolean, files = NO_FILES): Exchange[] {
  const groups: Message[][] = [];
  const beginsAnyhow = isWhole || !messages.some((message) => message.role === "user");
  for (const message of messages) {
    const current = groups.at(-1);
    if (message.role === "user" || (!current && beginsAnyhow)) groups.push([message]);
    else current?.push(message);
  }
  return groups.map((group) => exchange(group, files));
}

function exchange(group: Message[], files: OldFiles): Exchange {
  const ids = vendorIds(group);
  const messages = complete(group.flatMap((message) => promptMessage(message, files))).map((message) =>
    withVendorIds(message, ids),
  );
  return {
    firstId: group[0]?.id ?? "",
    lastId: group.at(-1)?.id ?? "",
    messages,
    tokens: tokensOfMessages(messages),
  };
}

/** The vendors' own ids of calls by ours: some vendors take no others back. */
function vendorIds(group: Message[]): Map<string, string> {
  return new Map(
    group.flatMap(({ tool_calls = [], wire }) =>
      tool_calls.map(({ call_id }, index) => [call_id as string, wire?.ids[index] ?? call_id] as const),
    ),
  );
}

function withVendorIds(message: PromptMessage, ids: Map<string, string>): PromptMessage {
  const wireId = (id: string) => ids.get(id) ?? id;
  if (message.role === "tool") return { ...message, wire_id: wireId(message.wire_id) };
  if (message.role !== "assistant" || !message.tool_calls) return message;
  return {
    ...message,
    tool_calls: message.tool_calls.map((call) => ({ ...call, wire_id: wireId(call.wire_id) })),
  };
}

function promptMessage(message: Message, { attached, window }: OldFiles): PromptMessage[] {
  const { content, call_id = "", name = "tool", tool_calls: calls = [], wire } = message;
  switch (message.role) {
    case "user":
      return [withAttachments(content, message.attachments, attached, window * OLD_FILE_SHARE)];
    case "tool":
      return [{ role: "tool", wire_id: call_id, name, content: cutMiddle(content, OLD_RESULT) }];
    case "assistant":
      return [
        {
          role: "assistant",
          content: message.status === "incomplete" ? `${content} [interrupted]` : content,
          ...(calls.length === 0
            ? {}
            : {
                tool_calls: calls.map((call) => ({
                  wire_id: call.call_id,
                  name: call.name,
                  arguments: argumentText(JSON.stringify(call.args ?? {}), OLD_ARGUMENTS),
                })),
                ...(wire?.kept ? { kept: { by: wire.kept.by, value: wire.kept.value } } : {}),
              }),
        },
      ];
  }
}

/**
 * Each call with its result right behind it, in their order: a call that has none (its run was cut short) is given one, a
 * result without its call is left out.
 */
function complete(messages: PromptMessage[]): PromptMessage[] {
  const results = new Map(
    messages.flatMap((message) => (message.role === "tool" ? [[message.wire_id, message] as const] : [])),
  );
  return messages.flatMap((message): PromptMessage[] => {
    if (message.role === "tool") return [];
    if (message.role !== "assistant" || !message.tool_calls) return [message];
    const answers = message.tool_calls.map(
      ({ wire_id, name }) =>
        results.get(wire_id) ?? ({ role: "tool", wire_id, name, content: '{"ok":false}' } as const),
    );
    return [message, ...answers];
  });
}

/** Characters of a tool result, tried one after the other; texts and arguments get more. */
const SHORTER = [1_000, 250];
const TEXT_SHARE = 8;
const ARGUMENT_SHARE = 2;
const LAST_TEXT = 2_000;
const NO_PICTURES = "(Its pictures are not shown here any more.)";

/**
 * An exchange that alone is too large, shorter: its results, then its texts are cut; at last only the question and the last
 * answer are left. Undefined when even that does not fit.
 */
export function shortened(whole: Exchange, room: number): Exchange | undefined {
  const forms = [
    ...SHORTER.map((longest) => whole.messages.map((message) => shorterMessage(message, longest))),
    questionAndAnswer(whole.messages),
  ];
  for (const messages of forms) {
    const tokens = tokensOfMessages(messages);
    if (tokens <= room) return { ...whole, messages, tokens };
  }
  return undefined;
}

function shorterMessage(message: PromptMessage, longest: number): PromptMessage {
  if (message.role === "tool") return { ...message, content: cutMiddle(message.content, longest) };
  const content = cutMiddle(message.content, longest * TEXT_SHARE);
  // Pictures go first: each takes more room than most texts.
  if (message.role === "user")
    return {
      role: "user",
      content: message.parts?.some(({ type }) => type === "image") ? `${content}\n${NO_PICTURES}` : content,
    };
  if (message.role !== "assistant" || !message.tool_calls) return { ...message, content };
  const tool_calls = message.tool_calls.map((call) => ({
    ...call,
    arguments: argumentText(call.arguments, longest * ARGUMENT_SHARE),
  }));
  return { ...message, content, tool_calls };
}

function questionAndAnswer(messages: PromptMessage[]): PromptMessage[] {
  const question = messages.find((message) => message.role === "user");
  const answer = messages.findLast((message) => message.role === "assistant" && message.content !== "");
  return [question, answer].flatMap((message): PromptMessage[] =>
    message?.role === "user" || message?.role === "assistant"
      ? [{ role: message.role, content: cutMiddle(message.content, LAST_TEXT) }]
      : [],
  );
}
