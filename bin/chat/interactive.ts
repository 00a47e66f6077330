// The conversation: prompt, message, answer, and again, until the person leaves.

import type { Beginning } from "../../lib/client/run-stream.ts";
import { isType, toError } from "../../lib/errors.ts";
import { openApprovals } from "./approvals.ts";
import { modelsOf } from "./commands/models.ts";
import { showSession } from "./commands/sessions.ts";
import { COMMAND_NAMES, isCommand, runCommand } from "./commands.ts";
import type { CommandRoom, Conversation } from "./conversation.ts";
import { followRun } from "./follow-run.ts";
import type { History } from "./history.ts";
import { lineEditor } from "./line-editor.ts";
import type { Room } from "./room.ts";

/** @throws AppError when the server is not there or the key is wrong */
export async function converse(room: Room, conversation: Conversation, history: History): Promise<void> {
  await greet(room, conversation);
  const { colours, texts } = room.screen;
  const editor = lineEditor(history, COMMAND_NAMES, texts.chat.leaveHint);
  for (;;) {
    room.screen.note("");
    const line = await editor.read(colours.bold(colours.cyan("› ")));
    if (line === undefined) return;
    if (line === "") continue;
    try {
      if (!isCommand(line)) await ask(room, conversation, line);
      else if (!(await runCommand(commandRoom(room, conversation), line))) return;
    } catch (thrown) {
      const words = isType(thrown, "session_busy") ? texts.chat.sessionBusy : toError(thrown).message;
      room.screen.tell(words, colours.red);
    }
  }
}

async function greet(room: Room, conversation: Conversation): Promise<void> {
  const { server, screen } = room;
  const { models, default: byDefault } = await modelsOf(server);
  const { chat } = screen.texts;
  const { bold, dim, yellow } = screen.colours;
  const model = conversation.model ?? byDefault;
  const name = "MacJarvis";
  screen.tell(`${name} ${chat.greeting(server.url, model)}`, (line) =>
    line.startsWith(name) ? bold(name) + dim(line.slice(name.length)) : dim(line),
  );
  if (model === "demo/demo" && models.every(({ id, available }) => id === "demo/demo" || !available))
    screen.tell(chat.demo, yellow);
  await tellWaiting(room);
  if (conversation.sessionId !== undefined)
    await showSession(commandRoom(room, conversation), conversation.sessionId);
}

/** Says how many questions wait for an answer, over all sessions. */
export async function tellWaiting({ server, screen }: Pick<Room, "server" | "screen">): Promise<void> {
  const open = (await openApprovals(server)) ?? [];
  if (open.length > 0) screen.tell(`? ${screen.texts.chat.waiting(open.length)}`, screen.colours.yellow);
}

function commandRoom(room: Room, conversation: Conversation): CommandRoom {
  return { ...room, conversation, follow: (runId) => show(room, conversation, { runId }) };
}

function ask(room: Room, conversation: Conversation, message: string): Promise<void> {
  return show(room, conversation, { body: messageBody(message, conversation) });
}

async function show(room: Room, conversation: Conversation, beginning: Beginning): Promise<void> {
  const outcome = await followRun(room, beginning);
  conversation.sessionId = outcome.sessionId ?? conversation.sessionId;
  if (outcome.status === "left") process.exit(130);
}

/** The body of `POST /agent/chat`. */
export function messageBody(message: string, { sessionId, model }: Conversation): Record<string, unknown> {
  return {
    message,
    ...(sessionId === undefined ? {} : { session_id: sessionId }),
    ...(model === undefined ? {} : { model }),
  };
}
