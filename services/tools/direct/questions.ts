// Questions about calls that no run keeps: a program has asked for a call that policy asks about, somebody answers, and the program asks for
// the same call again, which then runs once (docs/decisions/2026-11-30-mcp-door.md). They survive every process.
import type { Kysely } from "kysely";
import type { Caller } from "../../../contracts/access.ts";
import type { OpenApproval } from "../../../contracts/agent.ts";
import type { FileBefore } from "../../../contracts/file-before.ts";
import type { CallId, NodeId, RunId, UserId } from "../../../contracts/ids.ts";
import type { CallPlan } from "../../../contracts/tools.ts";
import { maySee } from "../../../lib/broker/authorization.ts";
import { hashOf } from "../../../lib/canonical-json.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import type { Ports } from "../../../lib/ports/ports.ts";
import { tellUser } from "../../../lib/tell-user.ts";
import { auditQuestion } from "../audit-tools.ts";
import {
  type AskedAbout,
  ownerOf,
  type Question,
  type QuestionTables,
  questionView,
} from "./question-rows.ts";

/** How long an answer holds: the same call again within it. Milliseconds. */
export const ANSWER_HOLDS_MS = 10 * 60_000;
/** Questions of one user that may wait, and the characters of one's arguments: somebody has to read them. */
const MOST = 50;
const LONGEST = 200_000;
/** Characters of those that are listed at once. */
const LISTED = 4_000_000;

/** A call as it is asked for; without `node_id` on any machine. */
export type Wanted = { name: string; args: Record<string, unknown>; node_id: NodeId | undefined };
type Given = {
  db: Kysely<QuestionTables>;
  ports: Pick<Ports, "moments" | "audit" | "signals">;
  /** How long a question waits for its answer, in milliseconds. */
  approvalMs(): number;
  /** What stands in the file that a call would write into, where it is such a call. */
  fileBefore(caller: Caller, call: Wanted, node_id: NodeId | null): Promise<FileBefore | undefined>;
};

export class Questions {
  readonly #given: Given;

  constructor(given: Given) {
    this.#given = given;
  }

  /**
   * The approval of this very call, which is spent by that: of two at once one gets it.
   * @throws approval_required with the question, which is asked by this unless it waits already; tool_denied when it was denied; conflict
   * while the call runs that was approved; concurrency_exceeded when too many questions wait
   */
  async spend(caller: Caller, wanted: Wanted, plan: CallPlan): Promise<Question> {
    const { user_id, key_id = null } = caller;
    const asks = hashOf({ user_id, key_id, ...wanted });
    const { db } = this.#given;
    await db.deleteFrom("direct_questions").where("expires_at", "<=", after(0)).execute();
    const question = (await this.#about(asks)) ?? (await this.#ask(caller, asks, wanted, plan));
    if (question.decision === null) throw asked(question);
    if (question.decision === "deny")
      throw new AppError(
        "tool_denied",
        question.reason === null
          ? `This call was denied at ${question.decided_at}.`
          : `This call was denied at ${question.decided_at}: ${question.reason}`,
      );
    const { numUpdatedRows } = await db
      .updateTable("direct_questions")
      .set({ spent: 1 })
      .where("call_id", "=", question.call_id)
      .where("decision", "=", "approve")
      .where("spent", "=", 0)
      .executeTakeFirst();
    if (numUpdatedRows === 1n) return question;
    throw new AppError(
      "conflict",
      `This call was approved once, and it was begun with that. Its approval does not count again.`,
    );
  }

  /** Nothing was sent: the approval counts again for what is left of its time. */
  async giveBack({ call_id }: Question): Promise<void> {
    const { db } = this.#given;
    await db.updateTable("direct_questions").set({ spent: 0 }).where("call_id", "=", call_id).execute();
  }

  /** The call has ended: the next one like it is another question. */
  async close({ call_id }: Question): Promise<void> {
    await this.#given.db.deleteFrom("direct_questions").where("call_id", "=", call_id).execute();
  }

  /** Those of the caller that wait for an answer, the oldest first; of very long ones the first, the others when those have theirs. */
  async open(caller: Caller): Promise<OpenApproval[]> {
    const rows = await this.#given.db
      .selectFrom("direct_questions")
      .selectAll()
      .where("user_id", "=", caller.user_id)
      .where("decision", "is", null)
      .where("expires_at", ">", after(0))
      .orderBy("asked_at")
      .execute();
    const own = rows.filter((row) => maySee(caller, ownerOf(row)));
    let length = 0;
    const listed = own.filter(({ about }) => {
      length += about.length;
      return length <= LISTED;
    });
    return listed.map(questionView);
  }

  /** @throws run_not_found */
  async find(caller: Caller, { run_id, call_id }: { run_id: RunId; call_id: CallId }): Promise<Question> {
    const row = await this.#given.db
      .selectFrom("direct_questions")
      .selectAll()
      .where("call_id", "=", call_id)
      .where("run_id", "=", run_id)
      .where("user_id", "=", caller.user_id)
      .executeTakeFirst();
    if (!row || !maySee(caller, ownerOf(row)))
      throw new AppError("run_not_found", `There is no run "${run_id}".`);
    return row;
  }

  /** The first answer counts. @returns undefined when there was one, or its time was over */
  async answer(
    caller: Caller,
    { call_id }: Question,
    answer: { decision: "approve" | "deny"; reason: string | null },
  ): Promise<Question | undefined> {
    const { db, ports } = this.#given;
    const now = after(0);
    const decided = { decided_by: caller.user_id, decided_at: now, expires_at: after(ANSWER_HOLDS_MS) };
    const answered = await ports.moments.run(async () => {
      const row = await db
        .updateTable("direct_questions")
        .set({ ...answer, ...decided })
        .where("call_id", "=", call_id)
        .where("decision", "is", null)
        .where("expires_at", ">", now)
        .returningAll()
        .executeTakeFirst();
      if (row) await auditQuestion(ports.audit, row, caller);
      return row;
    });
    if (!answered) return undefined;
    this.#tell(answered);
    ports.signals.publish(`answer.${answered.run_id}`, { call_id });
    return answered;
  }

  async forgetUser(user: UserId): Promise<void> {
    await this.#given.db.deleteFrom("direct_questions").where("user_id", "=", user).execute();
  }

  #about(asks: string): Promise<Question | undefined> {
    return this.#given.db
      .selectFrom("direct_questions")
      .selectAll()
      .where("asks", "=", asks)
      .executeTakeFirst();
  }

  async #ask(caller: Caller, asks: string, wanted: Wanted, plan: CallPlan): Promise<Question> {
    const { db, ports, approvalMs, fileBefore } = this.#given;
    const { user_id, key_id = null } = caller;
    const called = askedAbout(wanted, plan);
    if (JSON.stringify(called).length > LONGEST)
      throw new AppError(
        "approval_required",
        `The policy asks before "${wanted.name}" runs, and these arguments are too long to be asked about. Let the agent ask in a chat.`,
      );
    await this.#requireRoom(user_id);
    const before = await fileBefore(caller, wanted, called.node_id);
    const about = JSON.stringify({ ...called, ...(before ? { before } : {}) });
    const row: Question = {
      ...{ call_id: newId<CallId>("call"), run_id: newId<RunId>("run"), user_id, key_id, asks, about },
      ...{ asked_at: after(0), expires_at: after(approvalMs()), spent: 0 },
      ...{ decision: null, decided_by: null, decided_at: null, reason: null },
    };
    const isNew = await ports.moments.run(async () => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto("direct_questions")
        .values(row)
        // The same call, asked for at the same time.
        .onConflict((conflict) => conflict.column("asks").doNothing())
        .executeTakeFirst();
      if (numInsertedOrUpdatedRows !== 1n) return false;
      await auditQuestion(ports.audit, row);
      return true;
    });
    if (isNew) this.#tell(row);
    return (isNew ? row : await this.#about(asks)) ?? row;
  }

  async #requireRoom(user: UserId): Promise<void> {
    const { waiting } = await this.#given.db
      .selectFrom("direct_questions")
      .select((build) => build.fn.countAll().as("waiting"))
      .where("user_id", "=", user)
      .executeTakeFirstOrThrow();
    if (Number(waiting) >= MOST)
      throw new AppError(
        "concurrency_exceeded",
        `${MOST} of your calls wait for an approval. Answer some of them first: GET /api/v1/agent/approvals.`,
        { retryAfterMs: 60_000 },
      );
  }

  #tell({ user_id, run_id, call_id, decision }: Question): void {
    const data = { run_id, call_id, decision };
    tellUser(this.#given.ports.signals, user_id as UserId, { event: "approval", data });
  }
}

function askedAbout({ name, args }: Wanted, { node_id, risk, bound, because }: CallPlan): AskedAbout {
  return {
    ...{ name, args, node_id: node_id as NodeId | null, risk },
    ...(bound ? { bound } : {}),
    ...(because === undefined ? {} : { because }),
  };
}

function asked(question: Question): AppError {
  const { run_id, call_id } = question;
  const { name } = questionView(question);
  return new AppError(
    "approval_required",
    `The policy asks before "${name}" runs. Answer it in the console, with /approvals in npm run chat, or with POST /api/v1/agent/runs/${run_id}/approvals/${call_id}; then the same call again, within ten minutes, runs once.`,
    { show: { approval: questionView(question) } },
  );
}

/** @param ms from now */
const after = (ms: number) => new Date(Date.now() + ms).toISOString();
