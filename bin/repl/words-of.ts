// What went wrong with a command, in one sentence and in the person's language.
import { isType, toError, typeOf } from "../../lib/errors.ts";
import { cleanText } from "../terminal/clean-text.ts";
import type { Texts } from "../terminal/texts.ts";

/** @param thrown by an action, by the bus, or in words of ours already */
export function wordsOf(thrown: unknown, { repl, connection, said }: Texts): string {
  const { type, data } = thrown as { type?: string; data?: { service?: string; action?: string } };
  if (type === "SERVICE_NOT_FOUND" || type === "SERVICE_NOT_AVAILABLE")
    return repl.noService(data?.service ?? data?.action?.split(".")[0] ?? "?");
  if (type === "REQUEST_TIMEOUT" || type === "REQUEST_REJECTED") return repl.noAnswer;
  if (isType(thrown, "unauthenticated")) return repl.otherSecret;
  const { message } = toError(thrown);
  const code = typeOf(thrown);
  return cleanText(code === undefined ? said(message) : connection.refusal(code, message));
}
