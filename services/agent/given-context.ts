// What a run was given by its caller instead of a session's history: kept beside the run, because a run is written with each step and
// this is not. Written with the run (moments/accept.ts); it goes with the run's end, or with the session.
import type { Given, ModelParameters } from "../../contracts/given.ts";
import type { RunId, SessionId, UserId } from "../../contracts/ids.ts";
import type { CollectionSpec } from "../../lib/ports/documents.ts";

export type GivenContext = Pick<Given, "instructions" | "messages" | "tools" | "request"> & {
  _id: RunId;
  user_id: UserId;
  session_id: SessionId;
  before: "nothing" | "session" | { run: RunId };
  parameters: ModelParameters;
  /** Whoever began it wants it to be forgotten: it is the context of no further run. */
  isForgotten?: true;
  created_at: string;
};

export const CONTEXTS: CollectionSpec = {
  name: "contexts",
  opaque: ["messages[]", "tools", "parameters", "request"],
  indexes: [
    { name: "by_user", fields: ["user_id", "created_at"] },
    { name: "by_session", fields: ["session_id", "created_at"] },
  ],
};
