// How many tokens a question has, as Anthropic counts them (https://platform.claude.com/docs/en/api/messages-count-tokens). Costs nothing there.
import type { IncomingHttpHeaders } from "node:http";
import type { ModelRequest } from "../../../contracts/models.ts";
import type { Wanted, WireReader } from "../exchange.ts";
import type { Transport } from "../transport.ts";
import { fieldsIn, tokensIn, wireJson } from "../wire/json.ts";
import { statusError } from "../wire/provider-error.ts";
import { exactQuestion } from "./exact-request.ts";

const MOST_BYTES = 65_536;

type Where = { provider: string; url: URL; headers: Record<string, string>; transport: Transport };

/** @throws AppError for a refusal, and the network's own errors */
export async function countTokens(
  { signal, ...question }: Omit<ModelRequest, "runId">,
  { provider, url, headers, transport }: Where,
): Promise<number> {
  const body = wireJson(exactQuestion(question, `${provider}/${question.model}`));
  const whole = new WholeAnswer();
  const address = new URL(url);
  address.pathname += "/count_tokens";
  await transport.send({ url: address, headers, body, signal }, whole);
  const failing = { provider, model: question.model };
  if (whole.status !== 200) throw statusError(failing, whole.status, whole.headers, whole.text);
  const tokens = tokensIn(fieldsIn(JSON.parse(whole.text)).input_tokens);
  if (tokens === undefined) throw new Error("the server has not counted");
  return tokens;
}

class WholeAnswer implements WireReader {
  status = 0;
  headers: IncomingHttpHeaders = {};
  text = "";

  onResponse(status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
  }

  onData(chunk: Buffer): Wanted {
    this.text += chunk.toString("utf8");
    return this.text.length > MOST_BYTES ? "nothing" : "all";
  }
}
