// The moments "tool sent" and "tool answered": one entry each in the document of the call and in the audit trail.
import { type Moment, perform } from "../../../lib/moments.ts";
import type { AgentContext } from "../context.ts";
import type { CallDocument } from "../run-document.ts";
import { auditCall } from "./audit-entries.ts";
import { tellCall } from "./told-events.ts";
import { writeCallAsOwner } from "./write-as-owner.ts";

type Changing = { agent: AgentContext; call: CallDocument; change: Partial<CallDocument> };

export const TOOL_SENT: Moment<Changing> = {
  key: "tool",
  operations: [
    { name: "sent", do: write },
    { name: "audited", do: audit },
  ],
};

export const TOOL_ANSWERED: Moment<Changing> = {
  key: "tool",
  operations: [
    { name: "answered", do: write },
    { name: "audited", do: audit },
  ],
};

/** The call is about to be sent; nothing of it reaches a node before this is durable. @throws stale_epoch */
export function toolSent(agent: AgentContext, call: CallDocument, attempt: number): Promise<CallDocument> {
  return change(TOOL_SENT, { agent, call, change: { status: "running", attempt, asked: null } });
}

export type Outcome = Pick<CallDocument, "status" | "result" | "usage" | "node_head"> & {
  duration_ms: number;
};

/** The call has its one result. @throws stale_epoch also when it had one before */
export function toolAnswered(
  agent: AgentContext,
  call: CallDocument,
  { status, result, duration_ms, usage, node_head }: Outcome,
): Promise<CallDocument> {
  const ended = {
    ...{ status, result, duration_ms: Math.round(duration_ms), asked: null },
    ...(usage ? { usage } : {}),
    ...(node_head ? { node_head } : {}),
  };
  return change(TOOL_ANSWERED, { agent, call, change: ended });
}

async function change(moment: Moment<Changing>, changing: Changing): Promise<CallDocument> {
  return (await perform(changing.agent, moment, changing)).call;
}

async function write({ agent, call, change }: Changing): Promise<Partial<Changing>> {
  return { call: await writeCallAsOwner(agent, call, change) };
}

async function audit({ agent, call }: Changing): Promise<undefined> {
  await Promise.all([auditCall(agent, call), tellCall(agent, call)]);
}
