// Text that comes through a pipe: it is part of the question. Only a pipe that says nothing but yes and no answers questions
// of tools, as `yes | npm run chat -- "…"` always did.
import type { Texts } from "../terminal/texts.ts";
import { isAnswer } from "./keys.ts";

/** What the server takes as one message (contracts/agent.ts), in UTF-16 units. */
export const MOST_CHARACTERS = 2_000_000;
/** So much of nothing but answers is no text any more: `yes` never ends. */
const ENOUGH_ANSWERS = 4_096;
const SILENCE_MS = 2_000;

export type Piped = { text: string } | { answers: string[] };

export type Pipe = AsyncIterable<Buffer | string>;

/**
 * Reads a pipe to its end.
 * @param onSilence told once when nothing has come for a while: who called us may have left it open
 * @throws Error in words when it is longer than a message may be, or no text
 */
export async function readPipe(pipe: Pipe, { chat }: Texts, onSilence: () => void): Promise<Piped> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const decoded = (piece?: Buffer) => {
    try {
      return decoder.decode(piece, { stream: piece !== undefined });
    } catch {
      // In another encoding the model would read other characters than those that were meant.
      throw new Error(piece?.includes(0) ? chat.pipeBinary : chat.pipeNotUtf8);
    }
  };
  const patience = setTimeout(onSilence, SILENCE_MS);
  let text = "";
  try {
    for await (const piece of pipe) {
      patience.refresh();
      text += typeof piece === "string" ? piece : decoded(piece);
      if (text.includes("\0")) throw new Error(chat.pipeBinary);
      if (text.length > MOST_CHARACTERS) throw tooLong(chat);
      const answers =
        text.length >= ENOUGH_ANSWERS ? answersOf(text.slice(0, text.lastIndexOf("\n"))) : undefined;
      if (answers) return { answers };
    }
  } finally {
    clearTimeout(patience);
  }
  text += decoded();
  const answers = answersOf(text);
  return answers ? { answers } : { text };
}

/** @throws Error in words when both together are more than one message may be */
export function withPiped(question: string, text: string, { chat }: Texts): string {
  const piped = text.trim();
  const message = piped === "" ? question : question === "" ? piped : `${question}\n\n${piped}`;
  if (message.length > MOST_CHARACTERS) throw tooLong(chat);
  return message;
}

/** The lines, when each of them is an answer. */
function answersOf(text: string): string[] | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.length > 0 && lines.every(isAnswer) ? lines : undefined;
}

function tooLong(chat: Texts["chat"]): Error {
  return new Error(chat.pipeTooLong(MOST_CHARACTERS.toLocaleString("en-US")));
}
