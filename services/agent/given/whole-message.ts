// Messages of a given context are stored without what follows from the rest of them.
import type { PromptMessage } from "../../../contracts/models.ts";

/** A user's message of several parts, with its texts for who reads no more. */
export function whole(message: PromptMessage): PromptMessage {
  if (message.role !== "user" || !message.parts) return message;
  const texts = message.parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return { ...message, content: texts.join("\n") };
}
