// `npm run chat`: the chat in the terminal. With a question it answers that one and leaves, without one it is a conversation.
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { readClientEnvironment } from "../lib/env.ts";
import { isType, toError } from "../lib/errors.ts";
import { NodeNames } from "./chat/approvals.ts";
import { type ChatArguments, HELP, readArguments } from "./chat/arguments.ts";
import { followRun, type Outcome, type Room } from "./chat/follow-run.ts";
import { History } from "./chat/history.ts";
import { converse, messageBody } from "./chat/interactive.ts";
import { coloursFor } from "./terminal/colours.ts";
import { Screen } from "./terminal/screen.ts";
import { Server } from "./terminal/server.ts";
import { serverAccess } from "./terminal/server-access.ts";

const EXIT_CODES: Record<Outcome["status"], number> = {
  completed: 0,
  failed: 1,
  waiting: 2,
  cancelled: 130,
  left: 130,
};

async function chat(given: ChatArguments): Promise<number> {
  const env = readClientEnvironment(process.env);
  const access = serverAccess(env);
  if (access.keyProblem) throw new Error(access.keyProblem);
  const server = new Server(access);
  const screen = new Screen(process.stdout, process.stderr);
  const room: Room = {
    server,
    screen,
    nodes: new NodeNames(server),
    answer: given.answer,
    input: process.stdin,
  };
  if (given.run) return EXIT_CODES[(await followRun(room, { runId: given.run })).status];
  const question = given.question ?? (process.stdin.isTTY ? undefined : (await text(process.stdin)).trim());
  const conversation = { sessionId: given.session, model: given.model };
  if (question === undefined) {
    await converse(room, conversation, new History(join(env.MACJARVIS_HOME, "chat-history")));
    return 0;
  }
  if (question === "") throw new Error('There is no question: neither after "--" nor through the pipe.');
  const outcome = await followRun(room, { body: messageBody(question, conversation) });
  return EXIT_CODES[outcome.status];
}

function wordsOf(thrown: unknown): string {
  const { message } = toError(thrown);
  const run = (thrown as { data?: { show?: { active_run_id?: string } } }).data?.show?.active_run_id;
  if (!isType(thrown, "session_busy") || run === undefined) return message;
  return `A run is under way in this session. Follow it, and answer its questions, with: npm run chat -- --run ${run}`;
}

// Whoever read our output is gone (`| head`): there is nobody left to tell.
process.stdout.on("error", () => process.exit(0));
try {
  const given = readArguments(process.argv.slice(2));
  if (given.help) process.stdout.write(HELP);
  process.exitCode = given.help ? 0 : await chat(given);
} catch (thrown) {
  process.stderr.write(`${coloursFor(process.stderr).red(wordsOf(thrown))}\n`);
  process.exitCode = 1;
}
// Connections are kept alive for the next message; there is none.
process.exit();
