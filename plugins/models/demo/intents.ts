// What the demo model understands: a message becomes tool calls by fixed rules. Used by demo.ts.

export type Intent = { tool: string; args: Record<string, unknown> };

type Rule = { pattern: RegExp; read: (found: RegExpExecArray) => Intent };

const POLITE = String.raw`^\s*(?:please\s+|can you\s+|could you\s+|now\s+)*`;
const rule = (pattern: string, read: Rule["read"]): Rule => ({
  pattern: new RegExp(POLITE + pattern, "is"),
  read,
});

/** Orders with an object of their own; the first that fits is the whole message. */
const ORDERS: Rule[] = [
  rule(String.raw`run\s+(?:the\s+command\s+)?(.+)$`, ([, command = ""]) => ({
    tool: "execute_shell_command",
    args: { command: unquoted(command) },
  })),
  rule(
    String.raw`write\s+(.+?)\s+(?:in)?to\s+(?:the\s+file\s+)?(\S+|"[^"]+")\s*$`,
    ([, content = "", path = ""]) => ({
      tool: "write_file",
      args: { path: unquoted(path), content: unquoted(content) },
    }),
  ),
  rule(String.raw`list\s+(?:the\s+|all\s+)?files(?:\s+in\s+(.+?))?\s*[.?!]?$`, ([, path]) => ({
    tool: "list_directory",
    args: { path: path ? unquoted(path) : "." },
  })),
  rule(String.raw`read\s+(?:the\s+file\s+)?(.+?)\s*$`, ([, path = ""]) => ({
    tool: "read_file",
    args: { path: unquoted(path) },
  })),
];

/** Words that ask for something wherever they stand; one message may have several. */
const WORDS: { pattern: RegExp; tool: string }[] = [
  { pattern: /\bdisks?\b/i, tool: "disk_usage" },
  { pattern: /\bmemory\b/i, tool: "system_info" },
  { pattern: /\bprocess(es)?\b/i, tool: "top_processes" },
];

/** The tool calls a message asks for; none when the demo does not understand it. */
export function intentsOf(message: string): Intent[] {
  for (const { pattern, read } of ORDERS) {
    const found = pattern.exec(message);
    if (found) return [read(found)];
  }
  return WORDS.filter(({ pattern }) => pattern.test(message)).map(({ tool }) => ({ tool, args: {} }));
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  return /^(["'`])(.*)\1$/s.exec(trimmed)?.[2] ?? trimmed;
}
