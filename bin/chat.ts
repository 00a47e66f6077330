// `npm run chat`: the chat in the terminal. With a question it answers that one and leaves, without one it is a conversation.
import { join } from "node:path";
import { readClientEnvironment } from "../lib/env.ts";
import { isType, toError } from "../lib/errors.ts";
import { NodeNames } from "./chat/approvals.ts";
import { type ChatArguments, readArguments } from "./chat/arguments.ts";
import { COMMAND_NAMES } from "./chat/commands.ts";
import type { Conversation } from "./chat/conversation.ts";
import { findSession, lastSession } from "./chat/find-session.ts";
import { followRun, type Outcome } from "./chat/follow-run.ts";
import { History } from "./chat/history.ts";
import { converse, messageBody, tellWaiting } from "./chat/interactive.ts";
import { type Piped, readPipe, withPiped } from "./chat/piped-text.ts";
import type { Room } from "./chat/room.ts";
import { coloursFor } from "./terminal/colours.ts";
import { Screen } from "./terminal/screen.ts";
import { Server } from "./terminal/server.ts";
import { serverAccess } from "./terminal/server-access.ts";
import { ownTexts } from "./terminal/texts.ts";

const EXIT_CODES: Record<Outcome["status"], number> = {
  completed: 0,
  failed: 1,
  waiting: 2,
  cancelled: 130,
  left: 130,
};

const texts = ownTexts();

async function chat(given: ChatArguments): Promise<number> {
  const env = readClientEnvironment(process.env);
  const access = serverAccess(env, texts);
  if (access.keyProblem) throw new Error(access.keyProblem);
  const server = new Server(access, texts);
  const screen = new Screen(process.stdout, process.stderr, texts);
  const nodes = new NodeNames(server);
  const room: Room = { server, screen, nodes, answer: given.answer, input: process.stdin };
  if (given.run) return EXIT_CODES[(await followRun(room, { runId: given.run })).status];
  const isConversation = given.question === undefined && process.stdin.isTTY === true;
  const piped = process.stdin.isTTY ? undefined : await readStdin();
  const conversation = await conversationOf(server, given, screen, isConversation);
  if (isConversation) {
    await converse(room, conversation, new History(join(env.MACJARVIS_HOME, "chat-history")));
    return 0;
  }
  // Without a question even a "yes" is one.
  const answers = given.question !== undefined && piped && "answers" in piped ? piped.answers : undefined;
  const question = withPiped(given.question ?? "", answers ? "" : textOf(piped), texts);
  if (question === "") throw new Error(texts.chat.noQuestion);
  const [first = ""] = question.split(/\s/);
  if (COMMAND_NAMES.includes(first)) throw new Error(texts.chat.commandAlone(first));
  if (screen.isTerminal) await tellWaiting(room);
  const outcome = await followRun(
    { ...room, ...(answers ? { answers } : {}) },
    { body: messageBody(question, conversation) },
  );
  return EXIT_CODES[outcome.status];
}

function textOf(piped: Piped | undefined): string {
  if (!piped) return "";
  return "text" in piped ? piped.text : piped.answers.join("\n");
}

function readStdin(): Promise<Piped> {
  // A pipe that is waited for must not look like a program that hangs.
  return readPipe(process.stdin, texts, () => process.stderr.write(`${texts.chat.pipeSilent}\n`));
}

/** The session that is gone on with; a conversation shows what was said there. */
async function conversationOf(
  server: Server,
  { session, continues, model }: ChatArguments,
  screen: Screen,
  isConversation: boolean,
): Promise<Conversation> {
  const found = continues
    ? await lastSession(server)
    : session
      ? await findSession(server, session)
      : undefined;
  if (continues && !found && isConversation) screen.note(texts.commands.noSessions);
  return { sessionId: found?.id, model };
}

function wordsOf(thrown: unknown): string {
  const message = texts.said(toError(thrown).message);
  const run = (thrown as { data?: { show?: { active_run_id?: string } } }).data?.show?.active_run_id;
  if (!isType(thrown, "session_busy") || run === undefined) return message;
  return texts.chat.sessionBusyOnce(run);
}

// Whoever read our output is gone (`| head`): there is nobody left to tell.
process.stdout.on("error", () => process.exit(0));
try {
  const given = readArguments(process.argv.slice(2), texts);
  if (given.help) process.stdout.write(texts.chat.help);
  process.exitCode = given.help ? 0 : await chat(given);
} catch (thrown) {
  process.stderr.write(`${coloursFor(process.stderr).red(wordsOf(thrown))}\n`);
  process.exitCode = 1;
}
// Connections are kept alive for the next message; there is none.
process.exit();
