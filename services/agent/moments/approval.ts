// The moments "approval asked" and "approval answered". All questions of a step are asked at once; the first answer of each
// counts, whoever gives it, and its owner finds it there.
import type { Caller } from "../../../contracts/access.ts";
import type { Bound } from "../../../contracts/bound.ts";
import type { CallId } from "../../../contracts/ids.ts";
import type { PolicyRule } from "../../../contracts/policy.ts";
import { type Moment, perform } from "../../../lib/moments.ts";
import type { AgentContext } from "../context.ts";
import { tellQuestion } from "../events/news.ts";
import type { CallDocument, RunDocument, StoredApproval } from "../run-document.ts";
import { auditCall } from "./audit-entries.ts";
import { writeAsOwner, writeCallAsOwner } from "./write-as-owner.ts";

type Asking = {
  agent: AgentContext;
  run: RunDocument;
  /** With what stands in the files they would write into. */
  questions: CallDocument[];
  /** Nothing else of the step can go on: the run says so as soon as its questions are durable. */
  isAllThatIsLeft: boolean;
};

export const APPROVAL_ASKED: Moment<Asking> = {
  key: "approval",
  operations: [
    { name: "asked", do: ask },
    { name: "shown", do: show },
    { name: "audited", do: auditQuestions },
  ],
};

/** @returns the run and its questions as they wait. @throws stale_epoch when another process owns the run now */
export function askApprovals(asking: Asking): Promise<Pick<Asking, "run" | "questions">> {
  return perform(asking.agent, APPROVAL_ASKED, asking);
}

async function ask({ agent, questions }: Asking): Promise<Partial<Asking>> {
  const now = Date.now();
  const approval = {
    asked_at: new Date(now).toISOString(),
    expires_at: new Date(now + agent.settings.approvalMs).toISOString(),
    decision: null,
    decided_by: null,
    decided_at: null,
  };
  const asked: CallDocument[] = [];
  for (const call of questions) {
    const before = call.before ? { before: call.before } : {};
    asked.push(
      await writeCallAsOwner(agent, call, { status: "waiting_approval", approval, asked: 1, ...before }),
    );
  }
  return { questions: asked };
}

/** Whoever has seen a question finds the run `waiting_approval`, before and after a crash; its owner lets go of it later. */
async function show({ agent, run, isAllThatIsLeft }: Asking): Promise<Partial<Asking> | undefined> {
  if (!isAllThatIsLeft) return undefined;
  return { run: await writeAsOwner(agent, run, { $set: { status: "waiting_approval" } }) };
}

async function auditQuestions({ agent, questions }: Asking): Promise<undefined> {
  await Promise.all(questions.map((call) => auditCall(agent, call)));
}

export type Answer = {
  decision: NonNullable<StoredApproval["decision"]>;
  /** The user with the credential it answers with, or "system". */
  by: Pick<Caller, "user_id" | "key_id"> | "system";
  /** The arguments that the call runs with from now on, what they mean on its node, and whether they write into the same file, when the answer gives others. */
  given?: { args: unknown; bound: Bound | undefined; keepsFile: boolean };
  /** Why it is denied, for the model. */
  reason?: string;
  /** The rules that this answer makes, for the same question another time. */
  remember?: (call: CallDocument) => PolicyRule[];
};

type Answering = {
  agent: AgentContext;
  caller: Caller;
  id: CallId;
  answer: Answer;
  call: CallDocument | null;
};

export const APPROVAL_ANSWERED: Moment<Answering> = {
  key: "approval",
  operations: [
    { name: "answered", do: writeAnswer },
    { name: "remembered", do: remember },
    { name: "audited", do: auditAnswer },
  ],
};

/**
 * @param caller for whom the rule is remembered
 * @returns the call as answered, or null when it was answered before
 */
export async function answerApproval(
  agent: AgentContext,
  caller: Caller,
  id: CallId,
  answer: Answer,
): Promise<CallDocument | null> {
  const { call } = await perform(agent, APPROVAL_ANSWERED, { agent, caller, id, answer, call: null });
  if (call) tellQuestion(agent, call);
  return call;
}

async function writeAnswer({ agent, id, answer }: Answering): Promise<Partial<Answering>> {
  const { decision, by, given, reason } = answer;
  const call = await agent.calls.compareAndSet(
    id,
    { status: "waiting_approval", "approval.decision": null },
    {
      $set: {
        "approval.decision": decision,
        "approval.decided_by": by === "system" ? by : by.user_id,
        ...(by !== "system" && by.key_id ? { "approval.decided_with": by.key_id } : {}),
        "approval.decided_at": new Date().toISOString(),
        ...(reason === undefined ? {} : { "approval.reason": reason }),
        asked: null,
        ...(given ? { args: given.args, ...(given.bound ? { bound: given.bound } : {}) } : {}),
      },
      ...(given
        ? { $unset: { ...(given.bound ? {} : { bound: "" }), ...(given.keepsFile ? {} : { before: "" }) } }
        : {}),
    },
  );
  return { call };
}

async function remember({ agent, caller, answer, call }: Answering): Promise<undefined> {
  if (!call || !answer.remember) return;
  // A rule about exact arguments has only their hash: what they were is told to whoever reads it.
  const shown = call.risk === "execute" ? { args: call.args } : {};
  for (const rule of answer.remember(call))
    await agent.ask(caller, "tools.remember", { user_id: caller.user_id, rule, ...shown });
}

async function auditAnswer({ agent, call }: Answering): Promise<undefined> {
  if (call) await auditCall(agent, call);
}
