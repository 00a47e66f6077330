// The conversation: prompt, message, answer, and again, until the person leaves.
import { isType, toError } from "../../lib/errors.ts";
import {
  COMMAND_NAMES,
  type CommandRoom,
  type Conversation,
  isCommand,
  modelsOf,
  runCommand,
} from "./commands.ts";
import { followRun, type Room } from "./follow-run.ts";
import type { History } from "./history.ts";
import { lineEditor } from "./line-editor.ts";
import type { Beginning } from "./run-stream.ts";

/** @throws AppError when the server is not there or the key is wrong */
export async function converse(room: Room, conversation: Conversation, history: History): Promise<void> {
  await greet(room, conversation);
  const { bold, cyan } = room.screen.colours;
  const editor = lineEditor(history, COMMAND_NAMES);
  for (;;) {
    room.screen.note("");
    const line = await editor.read(bold(cyan("› ")));
    if (line === undefined) return;
    if (line === "") continue;
    try {
      if (!isCommand(line)) await ask(room, conversation, line);
      else if (!(await runCommand(commandRoom(room, conversation), line))) return;
    } catch (thrown) {
      const words = isType(thrown, "session_busy")
        ? "A run is under way in this session: /follow shows it and asks its questions, /cancel ends it."
        : toError(thrown).message;
      room.screen.note(room.screen.colours.red(words));
    }
  }
}

async function greet({ server, screen }: Room, conversation: Conversation): Promise<void> {
  const { models, default: byDefault } = await modelsOf(server);
  const { bold, dim, yellow } = screen.colours;
  const model = conversation.model ?? byDefault;
  screen.note(
    `${bold("MacJarvis")} ${dim(`at ${server.url}, ${model}. /help lists the commands, Ctrl-D leaves.`)}`,
  );
  if (model === "demo/demo" && models.every(({ id, available }) => id === "demo/demo" || !available))
    screen.note(
      yellow("demo/demo is a rule-based stand-in; start the server with a model key for a real one."),
    );
}

function commandRoom(room: Room, conversation: Conversation): CommandRoom {
  const { server, screen } = room;
  return { server, screen, conversation, follow: (runId) => show(room, conversation, { runId }) };
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
