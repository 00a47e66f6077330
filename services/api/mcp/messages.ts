// What one message to `/mcp` may be, before the SDK sees it. One message a request: the protocol has no batches any more (2025-06-18).
import {
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  type JSONRPCRequest,
} from "@modelcontextprotocol/sdk/types.js";
import { AppError } from "../../../lib/errors.ts";

/** Characters of an id, and of a token of progress: both are sent back again and again. */
const LONGEST_ID = 256;

/** @throws invalid_request */
export function messageOf(body: Record<string, unknown>): JSONRPCMessage {
  const parsed = JSONRPCMessageSchema.safeParse(body);
  if (!parsed.success)
    throw unfit("", "is no JSON-RPC 2.0 message of the Model Context Protocol, one in a request");
  const message = parsed.data;
  if ("id" in message) requireShort("id", message.id);
  if (isRequest(message)) requireShort("params._meta.progressToken", message.params?._meta?.progressToken);
  return message;
}

export const isRequest = (message: JSONRPCMessage): message is JSONRPCRequest =>
  "method" in message && "id" in message;

function requireShort(path: string, value: unknown): void {
  if (typeof value === "string" && value.length > LONGEST_ID)
    throw unfit(path, `must have at most ${LONGEST_ID} characters`);
}

function unfit(path: string, message: string): AppError {
  const what = path === "" ? "The body" : `"${path}"`;
  return new AppError("invalid_request", `${what} ${message}.`, { errors: [{ path, message }] });
}
