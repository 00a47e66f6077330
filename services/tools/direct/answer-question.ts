// Answers a question about a call that no run keeps: once, for exactly what was shown.
import type { z } from "zod";
import type { Caller } from "../../../contracts/access.ts";
import type { Approval, approveParams } from "../../../contracts/agent.ts";
import { requireScope } from "../../../lib/broker/authorization.ts";
import { AppError } from "../../../lib/errors.ts";
import type { Ports } from "../../../lib/ports/ports.ts";
import { rememberedRules } from "../../../lib/tools/remembered-rules.ts";
import { rememberAnswer } from "../policy/change-rules.ts";
import { aboutOf, callOf, type Question, questionView } from "./question-rows.ts";
import type { Questions } from "./questions.ts";

type Rooms = Parameters<typeof rememberAnswer>[0] & { questions: Questions; ports: Pick<Ports, "moments"> };
type Answer = z.output<typeof approveParams>;

/** @throws run_not_found, scope_missing, invalid_request, approval_answered with the first answer */
export async function answerQuestion(rooms: Rooms, caller: Caller, answer: Answer): Promise<Approval> {
  const { questions } = rooms;
  const question = await questions.find(caller, answer);
  if (answer.remember !== "no") requireScope(caller, "account", " to remember the answer as a rule");
  if (answer.remember === "session") throw unfit("remember", "the call is of no session");
  if (answer.args) throw unfit("args", "whoever asked for the call sends others as another call");
  if (question.decision) throw answered(question);
  const { decision, reason = null } = answer;
  const changed = await questions.answer(caller, question, { decision, reason });
  if (!changed) throw answered(await questions.find(caller, answer));
  if (answer.remember === "always") await remember(rooms, caller, changed, decision);
  return questionView(changed);
}

async function remember(
  rooms: Rooms,
  { user_id }: Caller,
  question: Question,
  decision: Answer["decision"],
): Promise<void> {
  const about = aboutOf(question);
  const shown = about.risk === "execute" ? { args: about.args } : {};
  for (const rule of rememberedRules(about, decision === "approve" ? "allow" : "deny"))
    await rememberAnswer(rooms, { user_id, rule, call_id: callOf(question), ...shown });
}

function answered(question: Question): AppError {
  const isOpen = question.decision === null;
  const why = isOpen
    ? "Nobody answered the question in time. The call did not run."
    : "The question was answered before; the first answer counts.";
  const approval = questionView(question);
  const show = isOpen ? { ...approval, decision: "expired", decided_by: "system" } : approval;
  return new AppError("approval_answered", why, { show: { approval: show } });
}

function unfit(path: string, message: string): AppError {
  return new AppError("invalid_request", `"${path}": ${message}`, { errors: [{ path, message }] });
}
