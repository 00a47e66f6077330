// /follow and /cancel: the run that is under way in the session.
import type { Session } from "../../../contracts/sessions.ts";
import { openApprovals } from "../approvals.ts";
import type { CommandRoom } from "../conversation.ts";

export async function follow(room: CommandRoom): Promise<void> {
  const run = await activeRun(room);
  if (run) await room.follow(run);
}

export async function cancel(room: CommandRoom): Promise<void> {
  const run = await activeRun(room);
  if (!run) return;
  await room.server.json("POST", `/agent/cancel/${encodeURIComponent(run)}`);
  room.screen.tell(room.screen.texts.commands.cancelled);
}

async function activeRun({ server, screen, conversation }: CommandRoom): Promise<string | undefined> {
  const { sessionId } = conversation;
  if (sessionId !== undefined) {
    const path = `/sessions/${encodeURIComponent(sessionId)}`;
    const { session } = await server.json<{ session: Session }>("GET", path);
    if (session.active_run_id) return session.active_run_id;
  }
  const { commands } = screen.texts;
  const elsewhere = (await openApprovals(server)) ?? [];
  screen.tell(elsewhere.length > 0 ? commands.noRunButWaiting(elsewhere.length) : commands.noRun);
  return undefined;
}
