// The configuration over HTTP: its revision is the entity tag, and If-Match names the one that may be replaced (RFC 9110, 13.1.1).
import type { ActionName } from "../../contracts/actions.ts";
import type { ConfigView } from "../../contracts/config.ts";
import { callUnchecked } from "../../lib/broker/action.ts";
import { AppError, isType } from "../../lib/errors.ts";
import { type Exchange, sendJson } from "./handle-request.ts";

type Asked = Extract<ActionName, "config.get" | "config.set" | "config.revert">;

export async function getConfig(exchange: Exchange): Promise<void> {
  answer(exchange, await ask(exchange, "config.get", exchange.params));
}

/** The body is what is overridden from now on, all of it. */
export async function setConfig(exchange: Exchange): Promise<void> {
  const params = { overrides: exchange.params, ...condition(exchange) };
  const view = await ask(exchange, "config.set", params).catch((error: unknown) => {
    throw isType(error, "invalid_request") ? asClientsSeeIt(error as AppError) : error;
  });
  answer(exchange, view);
}

export async function revertConfig(exchange: Exchange): Promise<void> {
  answer(exchange, await ask(exchange, "config.revert", { ...exchange.params, ...condition(exchange) }));
}

function ask({ broker, meta, requestId }: Exchange, name: Asked, params: object): Promise<ConfigView> {
  return callUnchecked(broker, name, params as never, { meta, requestID: requestId });
}

function answer({ response }: Exchange, view: ConfigView): void {
  response.setHeader("ETag", `"${view.revision}"`);
  sendJson(response, 200, view);
}

/** @throws precondition_failed for a tag that no revision has */
function condition({ request }: Exchange): { revision?: number } {
  const given = request.headers["if-match"]?.trim();
  if (given === undefined || given === "*") return {};
  const revision = /^"(\d{1,15})"$/.exec(given)?.[1];
  if (revision === undefined)
    throw new AppError(
      "precondition_failed",
      'If-Match must be the ETag of GET /api/v1/admin/config, e.g. "3" in its quotes.',
    );
  return { revision: Number(revision) };
}

/** The action has the body in a field of its own; the client has not. */
function asClientsSeeIt({ message, data }: AppError): AppError {
  const errors = (data.errors ?? []).map((fault) => ({
    ...fault,
    path: fault.path.replace(/^overrides\.?/, ""),
  }));
  return new AppError("invalid_request", message.replace('"overrides.', '"'), { ...data, errors });
}
