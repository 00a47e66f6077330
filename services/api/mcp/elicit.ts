// Asks the person at the client about a call (`elicitation/create`), with exactly what would run. The answer counts as any other: it is
// given to the action that answers approvals, with the credential of whoever waits for the call.
import { ElicitResultSchema } from "@modelcontextprotocol/sdk/types.js";
import type { Approval } from "../../../contracts/agent.ts";
import { hasScope } from "../../../lib/broker/authorization.ts";
import { isType } from "../../../lib/errors.ts";
import { metaNow } from "../handle-request.ts";
import type { Asked, Extra } from "./asked.ts";
import { unlessEnding } from "./ending.ts";

/** Characters of the arguments that a person is shown; nothing is asked about that is not shown whole. */
const LONGEST = 20_000;
const MOST_MS = 60 * 60_000;
/** What changes how a text looks and is not seen itself. */
const UNSEEN =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Whether anybody can be asked here. */
export const mayAsk = ({ asks, caller }: Asked): boolean => asks && hasScope(caller, "approve");

/**
 * @param place the name of the machine
 * @returns whether the question is answered now, here or elsewhere; false when the person would not say, or cannot be asked
 */
export async function answeredHere(
  asked: Asked,
  extra: Extra,
  question: Approval,
  place: string,
): Promise<boolean> {
  if (!mayAsk(asked)) return false;
  const message = wordsOf(question, place);
  if (message === undefined) return false;
  const { broker, ports, requestId } = asked.exchange;
  const { run_id, call_id } = question;
  const elsewhere = new AbortController();
  const quiet = ports.signals.subscribe(`answer.${run_id}`, (data) => {
    if ((data as { call_id?: string }).call_id === call_id) elsewhere.abort();
  });
  try {
    const timeout = Math.min(MOST_MS, Math.max(1, Date.parse(question.expires_at) - Date.now()));
    const params = { message, requestedSchema: { type: "object" as const, properties: {} } };
    const signal = AbortSignal.any([elsewhere.signal, extra.signal]);
    const asking = extra.sendRequest({ method: "elicitation/create", params }, ElicitResultSchema, {
      ...{ timeout, signal },
    });
    const { action } = await unlessEnding(asked.ending, asking);
    if (action === "cancel") return false;
    const answer = { run_id, call_id, decision: action === "accept" ? "approve" : "deny" };
    await broker.call("agent.approve", answer, { meta: metaNow(asked.exchange), requestID: requestId });
    return true;
  } catch (thrown) {
    extra.signal.throwIfAborted();
    if (elsewhere.signal.aborted || isType(thrown, "approval_answered")) return true;
    // The client could not ask, or took too long: the question stands.
    if (isProtocolError(thrown)) return false;
    throw thrown;
  } finally {
    quiet();
  }
}

/** Of the SDK, or what it makes of a client's answer that does not fit. */
const isProtocolError = (thrown: unknown) =>
  /^(McpError|ZodError|\$ZodError)$/.test((thrown as { name?: string }).name ?? "");

/** In one line, whatever is in it. */
const line = (text: string) => escaped(text.replace(/\s+/g, " "));

/** Undefined where it is too long to be shown. */
function wordsOf({ name, args, risk, because, bound }: Approval, place: string): string | undefined {
  const shown = escaped(JSON.stringify(args, null, 2));
  if (shown.length > LONGEST) return undefined;
  const hosts = bound?.hosts ?? [];
  return [
    "MacJarvis asks before this call runs. Accept it, and it runs once; decline it, and it does not.",
    `Tool: ${line(name)}`,
    `Machine: ${line(place)}`,
    `Risk: ${risk}`,
    ...(because === undefined ? [] : [`Why: ${line(because)}`]),
    ...(hosts.length > 0 ? [`Sends to: ${line(hosts.join(", "))}`] : []),
    `Arguments: ${shown}`,
  ].join("\n");
}

const escaped = (text: string) =>
  text.replace(UNSEEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
