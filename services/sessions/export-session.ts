// A whole session as a download: JSON for programs, Markdown for people.
import type { Message, Session } from "../../contracts/sessions.ts";

export type Export = { filename: string; content_type: string; content: string };

export function exportSession(session: Session, messages: Message[], format: "json" | "md"): Export {
  const name = fileName(session.title);
  return format === "json"
    ? {
        filename: `${name}.json`,
        content_type: "application/json",
        content: JSON.stringify({ session, messages }, null, 2),
      }
    : {
        filename: `${name}.md`,
        content_type: "text/markdown; charset=utf-8",
        content: markdownOf(session, messages),
      };
}

/** Letters and digits of any script and dashes: safe on every file system. */
function fileName(title: string): string {
  const plain = title
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return [...plain].slice(0, 60).join("") || "session";
}

const HEADINGS = { user: "User", assistant: "Assistant", tool: "Tool" } as const;

function markdownOf(session: Session, messages: Message[]): string {
  const parts = [`# ${oneLine(session.title)}`, `Exported from MacJarvis; begun ${session.created_at}.`];
  for (const message of messages) {
    const name = message.name ? ` \`${oneLine(message.name)}\`` : "";
    const cut = message.status === "incomplete" ? " (incomplete)" : "";
    parts.push(`## ${HEADINGS[message.role]}${name}${cut}`, `*${message.created_at}*`);
    if (message.content !== "")
      parts.push(message.role === "tool" ? fenced(message.content, "json") : message.content);
    for (const call of message.tool_calls ?? [])
      parts.push(
        `Calls \`${oneLine(call.name)}\`:`,
        fenced(JSON.stringify(call.args, null, 2) ?? "", "json"),
      );
  }
  return `${parts.join("\n\n")}\n`;
}

const oneLine = (text: string) => text.replace(/\s+/g, " ");

/** A code block whose fence is longer than any in its text, so that the text cannot end it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
