// The slash commands of the interactive chat: each asks the server or changes what the next message is sent with.
import type { ModelInfo } from "../../contracts/agent.ts";
import type { Session } from "../../contracts/sessions.ts";
import { cleanText } from "../terminal/clean-text.ts";
import { fitLine } from "../terminal/fit-line.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Server } from "../terminal/server.ts";

/** What the conversation goes on with; both undefined is a new session with the server's default model. */
export type Conversation = { sessionId?: string | undefined; model?: string | undefined };

export type CommandRoom = {
  server: Server;
  screen: Screen;
  conversation: Conversation;
  /** Shows a run that is under way, to its end. */
  follow(runId: string): Promise<void>;
};

type Command = { usage: string; does: string; run(room: CommandRoom, argument: string): Promise<void> };

const COMMANDS: Record<string, Command> = {
  "/new": { usage: "/new", does: "begins a new session", run: newSession },
  "/sessions": {
    usage: "/sessions [text]",
    does: "lists sessions, perhaps those that match a text",
    run: listSessions,
  },
  "/open": { usage: "/open <id>", does: "goes on with a session", run: openSession },
  "/follow": { usage: "/follow", does: "shows the run that is under way in this session", run: follow },
  "/cancel": { usage: "/cancel", does: "cancels the run that is under way in this session", run: cancel },
  "/models": { usage: "/models", does: "lists the models", run: listModels },
  "/model": { usage: "/model <id>", does: "asks this model from now on", run: chooseModel },
  "/help": { usage: "/help", does: "lists the commands", run: help },
  "/quit": { usage: "/quit", does: "leaves (Ctrl-D too)", run: async () => {} },
};

export const COMMAND_NAMES = Object.keys(COMMANDS);

/** Runs a line that begins with a slash. @returns false when the person wants to leave. @throws AppError of the server */
export async function runCommand(room: CommandRoom, line: string): Promise<boolean> {
  const [name = "", ...rest] = line.split(/\s+/);
  if (name === "/quit" || name === "/exit") return false;
  const command = COMMANDS[name];
  if (command) await command.run(room, rest.join(" ").trim());
  else room.screen.note(`There is no command ${name}. /help lists them.`);
  return true;
}

/** A message may begin with a slash too: a path is no command. */
export function isCommand(line: string): boolean {
  return /^\/[a-z]+(\s|$)/.test(line);
}

async function newSession({ screen, conversation }: CommandRoom): Promise<void> {
  conversation.sessionId = undefined;
  screen.note("A new session begins with your next message.");
}

async function listSessions({ server, screen, conversation }: CommandRoom, text: string): Promise<void> {
  const query = text === "" ? "" : `&q=${encodeURIComponent(text)}`;
  const { sessions } = await server.json<{ sessions: Session[] }>("GET", `/sessions?limit=15${query}`);
  if (sessions.length === 0) screen.note("There is no session yet.");
  const { dim, green } = screen.colours;
  for (const { id, title, message_count, updated_at } of sessions) {
    const when = updated_at.slice(0, 16).replace("T", " ");
    const mark = id === conversation.sessionId ? green("●") : " ";
    screen.note(`${mark} ${dim(when)}  ${fitLine(cleanText(title), 50)} ${dim(`(${message_count})  ${id}`)}`);
  }
  if (sessions.length > 0) screen.note(dim("  /open <id> goes on with one"));
}

async function openSession({ server, screen, conversation }: CommandRoom, id: string): Promise<void> {
  if (id === "") return screen.note("Which one? /sessions lists them: /open <id>");
  const { session } = await server.json<{ session: Session }>("GET", `/sessions/${encodeURIComponent(id)}`);
  conversation.sessionId = session.id;
  screen.note(`Going on with "${cleanText(session.title)}".`);
  if (session.active_run_id) screen.note("A run is under way in it: /follow shows it, /cancel ends it.");
}

async function follow(room: CommandRoom): Promise<void> {
  const run = await activeRun(room);
  if (run) await room.follow(run);
}

async function cancel(room: CommandRoom): Promise<void> {
  const run = await activeRun(room);
  if (!run) return;
  await room.server.json("POST", `/agent/cancel/${encodeURIComponent(run)}`);
  room.screen.note("Cancelled.");
}

async function activeRun({ server, screen, conversation }: CommandRoom): Promise<string | undefined> {
  const { sessionId } = conversation;
  if (sessionId !== undefined) {
    const path = `/sessions/${encodeURIComponent(sessionId)}`;
    const { session } = await server.json<{ session: Session }>("GET", path);
    if (session.active_run_id) return session.active_run_id;
  }
  screen.note("No run is under way in this session.");
  return undefined;
}

async function listModels({ server, screen, conversation }: CommandRoom): Promise<void> {
  const { models, default: byDefault } = await modelsOf(server);
  const { dim, green, yellow } = screen.colours;
  for (const { id, available, reason } of models) {
    const mark = id === (conversation.model ?? byDefault) ? green("●") : " ";
    const state = available ? "" : yellow(`  ${reason ?? "not available"}`);
    screen.note(`${mark} ${available ? cleanText(id) : dim(cleanText(id))}${state}`);
  }
}

async function chooseModel({ server, screen, conversation }: CommandRoom, id: string): Promise<void> {
  if (id === "") return screen.note("Which one? /models lists them: /model <id>");
  const { models } = await modelsOf(server);
  const model = models.find((candidate) => candidate.id === id);
  if (model && !model.available)
    return screen.note(`${id} cannot be used: ${model.reason ?? "not available"}.`);
  // The list is not everything a server may know: what is wrong is said with the first message.
  conversation.model = id;
  screen.note(model ? `From now on: ${id}` : `From now on: ${id} (not in the list of /models)`);
}

async function help({ screen }: CommandRoom): Promise<void> {
  for (const { usage, does } of Object.values(COMMANDS))
    screen.note(`  ${screen.colours.cyan(usage.padEnd(18))} ${does}`);
  screen.note(
    screen.colours.dim('  "\\" at the end of a line goes on with the next; pasted text keeps its lines.'),
  );
  screen.note(screen.colours.dim("  Ctrl-C cancels an answer, or clears the line; Ctrl-D leaves."));
}

export function modelsOf(server: Server): Promise<{ models: ModelInfo[]; default: string }> {
  return server.json("GET", "/agent/models");
}
