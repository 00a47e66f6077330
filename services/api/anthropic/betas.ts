// `anthropic-beta`: what programs switch on at Anthropic. What the vendor needs to hear is passed on to it; what changes no answer is taken;
// anything else is refused by name, before a program relies on it.
import { AppError } from "../../../lib/errors.ts";

/** Anthropic is asked with them; another vendor has nothing of the kind. Names without their dates. */
const PASSED_ON = new Set([
  ...["interleaved-thinking", "token-efficient-tools", "structured-outputs", "effort"],
  ...["output-128k", "output-300k", "context-1m", "context-management"],
]);
const HARMLESS = new Set([
  // How an answer is told, counted or cached.
  ...["prompt-caching", "prompt-caching-scope", "extended-cache-ttl", "token-counting", "messages"],
  ...["fine-grained-tool-streaming", "thinking-token-count", "model-context-window-exceeded"],
  // Who asks.
  ...["claude-code", "oauth"],
  // They allow fields and kinds of blocks and tools, each of which is refused by its own name where it is used.
  ...["message-threads"],
  ...["pdfs", "files-api", "mcp-client", "code-execution", "web-fetch", "web-search"],
  ...["skills", "computer-use", "advanced-tool-use", "tool-search-tool", "tool-examples"],
]);

/** @returns those that the vendor is asked with. @throws invalid_request naming the first that is not taken */
export function readBetas(header: string | string[] | undefined): string[] {
  const names = String(header ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  const other = names.find((name) => !PASSED_ON.has(bare(name)) && !HARMLESS.has(bare(name)));
  if (other === undefined) return [...new Set(names.filter((name) => PASSED_ON.has(bare(name))))];
  const [path, message] = [
    "anthropic-beta",
    `has "${other.slice(0, 80)}", which is not taken here: leave it out`,
  ];
  throw new AppError("invalid_request", `"${path}" ${message}.`, { errors: [{ path, message }] });
}

const bare = (name: string) => name.replace(/-\d{4}-?\d{2}-?\d{2}$/, "");
