// The saga that makes an account: account row → subscription → welcome session → active. What a failure leaves is undone
// here; what a crash leaves, or a step that nobody answered in time, is taken down by the removal that is laid ready before the
// first step, when nothing of it can be under way any more.
import type { MessageId, SessionId, UserId } from "../../../contracts/ids.ts";
import { AppError } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { runSaga } from "../../../lib/saga.ts";
import { type Author, auditAccount } from "../audit-account.ts";
import { askService, type Rooms } from "../rooms.ts";
import { isoTime, type UserRow } from "../store/tables.ts";
import { changeState, deleteUser, insertUser } from "../store/users.ts";
import { cancelRemoval, scheduleRemoval, tellRegistered } from "./remove-account.ts";

/** Longer than all steps may take together, so that a removal never meets a registration, or a step of one, that is alive. */
const GIVEN_UP_AFTER_MS = 3 * 60_000;

/** What is known of an account before it is made. */
export type NewAccount = Pick<
  UserRow,
  "email" | "display_name" | "password_hash" | "role" | "plan" | "is_verified" | "is_disabled"
>;

/**
 * Makes the account and answers what `finish` makes of it, in the moment in which the account becomes active.
 * @param by the admin who makes it, "self" for who registers
 * @throws email_taken, plan_not_found, and what the steps throw; then nothing is left of the account, or after a time-out nothing
 *   will be in a few minutes
 */
export async function createAccount<T>(
  rooms: Rooms,
  account: NewAccount,
  by: Author,
  finish: (user: UserRow) => Promise<T>,
): Promise<T> {
  const user: UserRow = {
    id: newId<UserId>("user"),
    avatar_url: null,
    limits: null,
    state: "registering",
    created_at: isoTime(Date.now()),
    last_login_at: null,
    ...account,
  };
  let result: { value: T } | undefined;
  let isClean = true;
  await scheduleRemoval(rooms, user.id, Date.now() + GIVEN_UP_AFTER_MS);
  try {
    await runSaga(
      [
        {
          name: "account",
          do: () => insertUser(rooms.database, user),
          undo: () => deleteUser(rooms.database, user.id),
        },
        subscription(rooms, user),
        welcomeSession(rooms, user),
        {
          name: "activation",
          async do() {
            result = await rooms.ports.moments.run(() => activate(rooms, user, by, finish));
          },
        },
      ],
      (step, error) => {
        isClean = false;
        rooms.log.warn({ err: error, step, user_id: user.id }, "a step of a registration is undone later");
      },
    );
  } finally {
    // What could not be undone now is what the removal is for.
    if (isClean) await cancelRemoval(rooms, user.id);
  }
  if (!result) throw new Error("the registration ended without its last step");
  return result.value;
}

function subscription(rooms: Rooms, user: UserRow) {
  return {
    name: "subscription",
    async do() {
      await askService(rooms, user, "quota.subscribe", { user_id: user.id, plan: user.plan, limits: null });
    },
    async undo() {
      await askService(rooms, user, "quota.removeUser", { user_id: user.id });
    },
  };
}

const WELCOME =
  'Welcome to MacJarvis! Tell me what to do, in your own words: "how full is the disk?", "which processes use the most ' +
  'memory?", "find the PDF files of last week". I ask before I change anything.';

function welcomeSession(rooms: Rooms, user: UserRow) {
  const session = newId<SessionId>("session");
  return {
    name: "welcome session",
    async do() {
      const message = {
        id: newId<MessageId>("message"),
        session_id: session,
        role: "assistant" as const,
        content: WELCOME,
        status: "complete" as const,
        created_at: isoTime(Date.now()),
      };
      await askService(rooms, user, "sessions.begin", { id: session, title: "Welcome", messages: [message] });
    },
    async undo() {
      await askService(rooms, user, "sessions.removeUser", { user_id: user.id });
    },
  };
}

async function activate<T>(rooms: Rooms, user: UserRow, by: Author, finish: (user: UserRow) => Promise<T>) {
  if (!(await changeState(rooms.database, user.id, "registering", "active")))
    throw new AppError("conflict", "The registration took too long and was undone: register again.");
  await tellRegistered(rooms.tellAfterwards, user);
  await auditAccount(rooms, user.id, "account.registered", by, { role: user.role, plan: user.plan });
  return { value: await finish({ ...user, state: "active" }) };
}
