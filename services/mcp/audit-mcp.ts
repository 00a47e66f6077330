// What admins do to MCP servers, for the audit trail. Nothing that a server is given stands there: it may be a secret.
import type { Caller } from "../../contracts/access.ts";
import { newId } from "../../lib/ids.ts";
import type { Rooms } from "./added.ts";

export function auditMcp(
  { ports }: Rooms,
  { user_id, key_id }: Caller,
  what: "added" | "removed" | "accepted",
  details: Record<string, unknown>,
): Promise<void> {
  return ports.audit.append({
    subject: "mcp",
    entry: `mcp.${what} ${newId("event")}`,
    user_id,
    details: { by: user_id, ...(key_id === undefined ? {} : { by_key: key_id }), ...details },
  });
}
