// The last messages of a session on the screen, as they looked when they came: what was asked, the answers, and of tools a line.
import type { Message } from "../../contracts/sessions.ts";
import { cleanText } from "../terminal/clean-text.ts";
import { PLAIN } from "../terminal/colours.ts";
import { fitLine } from "../terminal/fit-line.ts";
import { count, shortArguments } from "../terminal/format.ts";
import type { Screen } from "../terminal/screen.ts";
import type { Server } from "../terminal/server.ts";
import { MarkdownStream } from "./markdown/stream.ts";
import { WordWrap } from "./markdown/word-wrap.ts";

/** Of a longer message the beginning is shown: what was piped in once need not scroll by again. */
const MOST_CHARACTERS = 2_000;
const MOST_LINES = 30;

/** @param limit 1 to 200 messages. @throws AppError of the server */
export async function showHistory(
  server: Server,
  screen: Screen,
  sessionId: string,
  limit: number,
): Promise<void> {
  const { messages, has_more } = await server.json<{ messages: Message[]; has_more: boolean }>(
    "GET",
    `/sessions/${encodeURIComponent(sessionId)}/messages?limit=${limit}`,
  );
  const { dim } = screen.colours;
  const { commands } = screen.texts;
  if (messages.length === 0) return screen.tell(commands.noMessages, (line) => dim(`  ${line}`));
  if (has_more) screen.tell(commands.earlierSome, (line) => dim(`  ${line}`));
  for (const message of messages) for (const line of linesOf(message, screen)) screen.note(line);
}

function linesOf(message: Message, screen: Screen): string[] {
  const { colours, columns, texts } = screen;
  const { bold, cyan, dim } = colours;
  const calls = (message.tool_calls ?? []).map(({ name, args }) =>
    dim(`  ⚙ ${fitLine(`${cleanText(name)} ${shortArguments(args)}`, columns - 5)}`),
  );
  // What tools gave is long, and the answer tells of it.
  if (message.role === "tool") return [];
  const { text, hidden } = beginning(cleanText(message.content).trim());
  const more = hidden === 0 ? [] : [dim(`  ${texts.commands.cutMessage(count(hidden))}`)];
  if (message.role === "user") {
    const [first = "", ...rest] = text.split("\n").flatMap((line) => wrapped(line, screen));
    return ["", `${bold(cyan("›"))} ${bold(first)}`, ...rest.map((line) => `  ${line}`), ...more];
  }
  if (text === "") return calls;
  const wrap = screen.isTerminal ? new WordWrap(columns) : undefined;
  const markdown = new MarkdownStream(screen.isTerminal ? colours : PLAIN, columns, wrap);
  const shown = markdown.push(text) + markdown.end();
  return [...shown.split("\n"), ...more, ...calls];
}

/** A line in the lines of the terminal, two columns in. */
function wrapped(line: string, { isTerminal, columns }: Screen): string[] {
  if (!isTerminal) return [line];
  const wrap = new WordWrap(columns - 2);
  return (wrap.push(line) + wrap.end()).split("\n");
}

function beginning(text: string): { text: string; hidden: number } {
  const lines = text.split("\n");
  let kept = lines.length > MOST_LINES ? lines.slice(0, MOST_LINES).join("\n") : text;
  if (kept.length > MOST_CHARACTERS) kept = kept.slice(0, MOST_CHARACTERS).replace(/[\ud800-\udbff]$/, "");
  return { text: kept, hidden: text.length - kept.length };
}
