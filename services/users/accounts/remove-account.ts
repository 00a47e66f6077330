// Takes an account down: everything the other services hold of it, then the account. Durable work, repeated until it is
// done; also what clears a registration that a crash has cut off.
import type { UserId } from "../../../contracts/ids.ts";
import type { Tell } from "../../../lib/domain-events.ts";
import { type Author, auditAccount } from "../audit-account.ts";
import { announceChange, askService, type Rooms } from "../rooms.ts";
import type { UserRow } from "../store/tables.ts";
import {
  changeState,
  deleteUser,
  findUser,
  getActiveUser,
  keepAnAdmin,
  listUnfinished,
  lockAccount,
} from "../store/users.ts";

const QUEUE = "remove-user";
/** A removal that is given up would leave half of a user: with waits of up to a minute this is a week. */
const MAX_ATTEMPTS = 10_000;
const SERVICES_WAIT_MS = 20_000;
const STEP_TIMEOUT_MS = 120_000;
const SURE_AFTER_MS = 60_000;
/** A request that was let in before the account's end may have stored something behind those who removed: longer than one takes. */
const AGAIN_AFTER_MS = 3 * 60_000;
type Payload = { user_id: UserId; again?: boolean; unless_active?: boolean };
const sureKey = (id: UserId) => `${id}:sure`;

/** In this order: what still works for the user ends before what it works on. */
const STEPS = [
  ...(["agent.removeUser", "nodes.removeUser", "sessions.removeUser"] as const),
  ...(["tools.removeUser", "quota.removeUser"] as const),
] as const;

/**
 * The account's end begins: from the answer on nobody can use it; the rest goes in durable work.
 * @param by the user itself or an admin
 * @param check may throw to refuse, by the account as it is then
 * @throws last_admin, user_not_found when somebody else has begun it meanwhile
 */
export async function beginRemoval(
  rooms: Rooms,
  { id }: Pick<UserRow, "id">,
  by: Author,
  check: (now: UserRow) => void = () => undefined,
): Promise<{ status: "removing" }> {
  // In a cluster the account's state may be all that is written when this process dies or a store goes.
  await rooms.ports.work.add({
    ...{ queue: QUEUE, payload: { user_id: id, unless_active: true }, key: sureKey(id) },
    runAt: Date.now() + SURE_AFTER_MS,
  });
  await rooms.ports.moments.run(async () => {
    await rooms.database.transaction().execute(async (transaction) => {
      await lockAccount(transaction, id);
      check(await getActiveUser(transaction, id));
      await keepAnAdmin(transaction, id);
      await changeState(transaction, id, "active", "removing");
    });
    await auditAccount(rooms, id, "account.removing", by);
    await scheduleRemoval(rooms, id);
    await rooms.ports.work.remove(QUEUE, sureKey(id));
  });
  announceChange(rooms, id);
  return { status: "removing" };
}

/** Lays the removal ready; it concerns only accounts that are `registering` or `removing` when it runs. */
export function scheduleRemoval(rooms: Rooms, user: UserId, runAt: number = Date.now()): Promise<void> {
  return rooms.ports.work.add({ queue: QUEUE, payload: { user_id: user }, key: user, runAt });
}

/** Takes a removal that waits off again. */
export function cancelRemoval(rooms: Rooms, user: UserId): Promise<void> {
  return rooms.ports.work.remove(QUEUE, user);
}

/**
 * Handles removals from now on. A process that is alone also takes up at once what its predecessor left: no registration
 * can be under way elsewhere.
 */
export async function startRemovals(rooms: Rooms): Promise<void> {
  const isAlone = !rooms.broker.options.transporter;
  for (const { id, state } of await listUnfinished(rooms.database)) {
    if (state === "registering" && !isAlone) continue;
    await cancelRemoval(rooms, id);
    await scheduleRemoval(rooms, id);
  }
  rooms.ports.work.handle(QUEUE, ({ payload }) => work(rooms, payload as Payload), {
    maxAttempts: MAX_ATTEMPTS,
  });
}

async function work(rooms: Rooms, { user_id: id, again, unless_active }: Payload): Promise<void> {
  if (again) return removeData(rooms, { id, role: "free_user", plan: "" });
  // The removal was refused after it had been laid ready.
  if (unless_active && (await findUser(rooms.database, id))?.state === "active") return;
  return removeAccount(rooms, id);
}

/** Safe to repeat: it is the same event. */
export function tellRegistered(tell: Tell, { id, plan, created_at: at }: UserRow): Promise<void> {
  return tell("user.registered", { user_id: id, plan }, { once: id, at });
}

/** What the other services hold of a user. Idempotent; throws when a service cannot do its part now. */
async function removeData(rooms: Rooms, user: Pick<UserRow, "id" | "role" | "plan">): Promise<void> {
  await rooms.broker.waitForServices(["agent", "nodes", "sessions", "tools", "quota"], SERVICES_WAIT_MS);
  for (const step of STEPS)
    await askService(rooms, user, step, { user_id: user.id }, { timeout: STEP_TIMEOUT_MS });
}

/** Idempotent; throws when a service cannot do its part now. */
async function removeAccount(rooms: Rooms, id: UserId): Promise<void> {
  const user = await findUser(rooms.database, id);
  if (!user) return;
  // An account that became active has got away from the removal its registration laid ready, and a crash kept that from being told.
  const isRemoving =
    user.state === "removing" || (await changeState(rooms.database, id, "registering", "removing"));
  if (!isRemoving) return user.state === "active" ? tellRegistered(rooms.tell, user) : undefined;
  // Before its runs are looked for: one that is being accepted is not found, and ends itself when it hears of this.
  announceChange(rooms, id);
  await removeData(rooms, user);
  await rooms.ports.work.add({
    ...{ queue: QUEUE, payload: { user_id: id, again: true }, key: `${id}:again` },
    runAt: Date.now() + AGAIN_AFTER_MS,
  });
  await rooms.ports.moments.run(async () => {
    await deleteUser(rooms.database, id);
    await auditAccount(rooms, id, "account.removed", "system");
  });
  announceChange(rooms, id);
  rooms.log.info({ user_id: id }, "account removed");
}
