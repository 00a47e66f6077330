// The machine that is none: tools of the server, run in this process of the service. Everybody has it, each for what is their own.
import type { UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import type { ServerCalls } from "../server/server-calls.ts";
import type { Machine } from "./machine.ts";

export function serverMachine(calls: ServerCalls, userId: UserId): Machine {
  return {
    resolve: async (asked) => calls.resolve(asked.map(({ name, args }) => ({ name, args }))),
    execute: (call, limitMs) => calls.execute(call, userId, limitMs),
    cancel: (call_id) => calls.cancel(call_id),
    fence: (call_id, epoch) => calls.fence(call_id, epoch),
    // What it runs stands in the audit trail itself.
    chain: () => Promise.reject(new AppError("node_not_found", "The server keeps no record of its own.")),
  };
}
