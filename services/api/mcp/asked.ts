// A request to `/mcp` under way, as whoever works on it is given it.
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { ServerNotification, ServerRequest } from "@modelcontextprotocol/sdk/types.js";
import type { Caller } from "../../../contracts/access.ts";
import type { Exchange } from "../handle-request.ts";

export type Asked = {
  exchange: Exchange;
  caller: Caller;
  /** The client can ask its person. */
  asks: boolean;
  /** Aborted when the client cancels the request; leaving is no cancel. */
  cancelled: AbortSignal;
  /** Aborted when the gateway shuts down (ending.ts). */
  ending: AbortSignal;
};
export type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>;
