// Who acts in a REPL: whoever has its terminal and the secret of the installation. Not a user: an administrator of the system, named in
// the audit trail after the account on the machine.
import { userInfo } from "node:os";
import type { Caller } from "../../contracts/access.ts";

/** An administrator without an account, `repl:<name>`. What only services may call it may not. */
export function administrator(): Omit<Caller, "service"> {
  return { user_id: `repl:${accountName()}` as Caller["user_id"], role: "admin", plan: "", scopes: "all" };
}

/** The system may have no name for its own number. */
function accountName(): string {
  try {
    return userInfo()
      .username.replace(/[^\w.@-]/g, "_")
      .slice(0, 64);
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
