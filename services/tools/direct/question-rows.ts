// Rows of the questions about calls that no run keeps. One about the same call of the same credential at a time; what is over is removed
// with the next one that is asked.
import type { Kysely, Selectable } from "kysely";
import type { Migration } from "kysely/migration";
import type { OpenApproval } from "../../../contracts/agent.ts";
import type { Bound } from "../../../contracts/bound.ts";
import type { FileBefore } from "../../../contracts/file-before.ts";
import type { CallId, KeyId, NodeId } from "../../../contracts/ids.ts";
import type { Risk } from "../../../contracts/run-events.ts";

/** What is asked about, as JSON in one column. */
export type AskedAbout = {
  name: string;
  args: Record<string, unknown>;
  node_id: NodeId | null;
  risk: Risk;
  bound?: Bound;
  before?: FileBefore;
  because?: string;
};

export type QuestionTables = {
  direct_questions: {
    /** Under it the call runs. */
    call_id: string;
    /** Answers are addressed to a run and a call: this is the question's own, and no run has it. */
    run_id: string;
    user_id: string;
    key_id: string | null;
    /** The hash of who asks for what. */
    asks: string;
    about: string;
    asked_at: string;
    /** An answer moves it. ISO 8601, like all times. */
    expires_at: string;
    decision: "approve" | "deny" | null;
    decided_by: string | null;
    decided_at: string | null;
    reason: string | null;
    /** 1: the call was begun with this approval. */
    spent: number;
  };
};
export type Question = Selectable<QuestionTables["direct_questions"]>;

export const QUESTION_MIGRATIONS: Record<string, Migration> = {
  "2026-11-30-direct-questions": {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable("direct_questions")
        .addColumn("call_id", "text", (column) => column.primaryKey())
        .addColumn("run_id", "text", (column) => column.notNull())
        .addColumn("user_id", "text", (column) => column.notNull())
        .addColumn("key_id", "text")
        .addColumn("asks", "text", (column) => column.notNull().unique())
        .addColumn("about", "text", (column) => column.notNull())
        .addColumn("asked_at", "text", (column) => column.notNull())
        .addColumn("expires_at", "text", (column) => column.notNull())
        .addColumn("decision", "text")
        .addColumn("decided_by", "text")
        .addColumn("decided_at", "text")
        .addColumn("reason", "text")
        .addColumn("spent", "integer", (column) => column.notNull())
        .execute();
      await db.schema
        .createIndex("direct_questions_by_user")
        .on("direct_questions")
        .columns(["user_id", "asked_at"])
        .execute();
    },
  },
};

export const aboutOf = ({ about }: Question): AskedAbout => JSON.parse(about) as AskedAbout;
export const callOf = ({ call_id }: Question) => call_id as CallId;
export const ownerOf = ({ key_id }: Question): { key_id?: KeyId } =>
  key_id === null ? {} : { key_id: key_id as KeyId };

/** As clients see it; of no session. */
export function questionView(question: Question): OpenApproval {
  const { call_id, run_id, asked_at, expires_at, decision, decided_by, decided_at, reason } = question;
  const { name, args, risk, node_id, because, bound, before } = aboutOf(question);
  return {
    ...{ call_id, run_id, name, args, risk, node_id },
    ...(because === undefined ? {} : { because }),
    ...(bound ? { bound } : {}),
    ...(before ? { before } : {}),
    ...{ asked_at, expires_at, decision, decided_by, decided_at },
    ...(reason === null ? {} : { reason }),
  };
}
