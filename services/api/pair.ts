// POST /nodes/pairings: the code with the whole command for the Mac, which names the server as this client has reached it.
import type { IncomingMessage } from "node:http";
import { callUnchecked } from "../../lib/broker/action.ts";
import { cameByTls, type TrustedProxies } from "./authenticate.ts";
import { type SpecialHandler, sendJson } from "./handle-request.ts";

export function pairing(isTrusted: TrustedProxies): SpecialHandler {
  return async ({ broker, meta, params, request, requestId, response, leftMs }) => {
    const options = { meta, requestID: requestId, timeout: leftMs };
    const opened = await callUnchecked(broker, "nodes.pair", params, options);
    const command = `npm run node -- join ${reachedAt(request, isTrusted)} ${opened.code}`;
    sendJson(response, 201, { ...opened, command });
  };
}

/** The gate has let pass this Host only if it is one of ours. */
function reachedAt(request: IncomingMessage, isTrusted: TrustedProxies): string {
  return `${cameByTls(request, isTrusted) ? "https" : "http"}://${(request.headers.host ?? "").toLowerCase()}`;
}
