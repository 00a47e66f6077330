// A client says to any gateway that it cancels a request, or what its person answered; the request is under way in one of them. Such words
// go as signals, which can be lost, so each is said three times: hearing it twice changes nothing. Their subjects have the user's id as the
// gateway knows it: nobody is heard by another user's requests.
import type { JSONRPCMessage, RequestId } from "@modelcontextprotocol/sdk/types.js";
import type { UserId } from "../../../contracts/ids.ts";
import type { Listening, Signals } from "../../../lib/ports/signals.ts";
import { isRequest } from "./messages.ts";
import type { McpSession } from "./session.ts";

const AGAIN_MS = [400, 1_600];
/** Characters of what a client says in an error. */
const LONGEST = 500;

/** `answer`: to the request that has this number in the one that is under way. */
type Word =
  | { cancel: RequestId }
  | { answer: number; action: string }
  | { answer: number; error: { code: number; message: string } };

const subjectOf = (user: UserId, key: string) => `mcp.${user}.${key}`;

/** The id under which a request asks its client, by its own key; no two in the cluster have the same. */
export const outerId = (key: string, number: RequestId): string => `${key}.${number}`;

/** Passes on a message that is no request. What means nothing to us is nothing. */
export function passOn(
  signals: Signals,
  user: UserId,
  session: McpSession | undefined,
  message: JSONRPCMessage,
): void {
  if (isRequest(message)) return;
  if ("method" in message) {
    const { requestId } = (message.params ?? {}) as { requestId?: RequestId };
    const isCancel = message.method === "notifications/cancelled" && requestId !== undefined;
    if (isCancel && session) say(signals, subjectOf(user, session.key), { cancel: requestId });
    return;
  }
  const [, key, number] = /^([\w-]{22})\.(0|[1-9]\d{0,8})$/.exec(String(message.id)) ?? [];
  if (key === undefined) return;
  const answer = Number(number);
  if ("error" in message) {
    const error = { code: message.error.code, message: message.error.message.slice(0, LONGEST) };
    say(signals, subjectOf(user, key), { answer, error });
  } else
    say(signals, subjectOf(user, key), { answer, action: String(message.result.action).slice(0, LONGEST) });
}

function say(signals: Signals, subject: string, word: Word): void {
  signals.publish(subject, word);
  for (const ms of AGAIN_MS) setTimeout(() => signals.publish(subject, word), ms).unref();
}

type Hearing = {
  user: UserId;
  session: McpSession | undefined;
  /** Of the request that is under way. */
  id: RequestId;
  key: string;
  onCancel(): void;
  onAnswer(answer: JSONRPCMessage): void;
};

/** @returns how to stop */
export function hear(
  signals: Signals,
  { user, session, id, key, onCancel, onAnswer }: Hearing,
): { stop: () => void; ready: Promise<unknown> } {
  const listen = (name: string, hears: (word: Word) => void): Listening =>
    signals.subscribe(subjectOf(user, name), (data) => hears(data as Word));
  const answers = listen(key, (word) => {
    if (!("answer" in word)) return;
    const { answer, ...said } = word;
    const result = "action" in said ? { result: { action: said.action } } : said;
    onAnswer({ jsonrpc: "2.0", id: answer, ...result } as JSONRPCMessage);
  });
  const cancels =
    session &&
    listen(session.key, (word) => {
      if ("cancel" in word && word.cancel === id) onCancel();
    });
  return {
    stop: () => {
      answers();
      cancels?.();
    },
    ready: Promise.allSettled([answers.ready, cancels?.ready]),
  };
}
