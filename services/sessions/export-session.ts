// A whole session as a download: JSON for programs, Markdown for people.
import type { Message, Session } from "../../contracts/sessions.ts";
import type { Stretch } from "./store/read-messages.ts";

export type Export = { filename: string; content_type: string; content: string; next_page: number | null };

/** One part of the export; the parts one after the other are the file. */
export function exportPart(session: Session, part: Stretch, format: "json" | "md"): Export {
  const name = fileName(session.title);
  const { next_page } = part;
  return format === "json"
    ? {
        filename: `${name}.json`,
        content_type: "application/json",
        content: jsonOf(session, part),
        next_page,
      }
    : {
        filename: `${name}.md`,
        content_type: "text/markdown; charset=utf-8",
        content: markdownOf(session, part),
        next_page,
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

/** `{session, messages}`, indented, in pieces. */
function jsonOf(session: Session, { messages, before, isFirst, next_page }: Stretch): string {
  const head = isFirst ? `{\n  "session": ${indented(session, "  ")},\n  "messages": [` : "";
  const list = messages.map(
    (message, index) => `${before + index === 0 ? "" : ","}\n    ${indented(message, "    ")}`,
  );
  return head + list.join("") + (next_page === null ? "\n  ]\n}\n" : "");
}

/** A line end in JSON text is between values, never within one. */
const indented = (value: unknown, by: string) => JSON.stringify(value, null, 2).replaceAll("\n", `\n${by}`);

function markdownOf(session: Session, { messages, isFirst, next_page }: Stretch): string {
  const head = [`# ${oneLine(session.title)}`, `Exported from MacJarvis; begun ${session.created_at}.`];
  const parts = [...(isFirst ? head : []), ...messages.flatMap(partsOf)];
  // Each part is followed by an empty line, the last one by the end of its line.
  return parts
    .map((part) => `${part}\n\n`)
    .join("")
    .slice(0, next_page === null ? -1 : undefined);
}

function partsOf(message: Message): string[] {
  const name = message.name ? ` \`${oneLine(message.name)}\`` : "";
  const cut = message.status === "incomplete" ? " (incomplete)" : "";
  const parts = [`## ${HEADINGS[message.role]}${name}${cut}`, `*${message.created_at}*`];
  for (const { name, media_type, size } of message.attachments ?? [])
    parts.push(`Attached: \`${oneLine(name).replaceAll("`", "'")}\` (${media_type}, ${size} bytes)`);
  if (message.content !== "")
    parts.push(message.role === "tool" ? fenced(message.content, "json") : message.content);
  for (const call of message.tool_calls ?? [])
    parts.push(`Calls \`${oneLine(call.name)}\`:`, fenced(JSON.stringify(call.args, null, 2) ?? "", "json"));
  return parts;
}

const oneLine = (text: string) => text.replace(/\s+/g, " ");

/** A code block whose fence is longer than any in its text, so that the text cannot end it. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((match) => match[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
