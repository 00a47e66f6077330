// Asks a provider as the agent does and keeps what it says, for the tests of this folder.
import type { ModelChunk, ModelProvider, ModelRequest } from "../../../../contracts/models.ts";
import { toError } from "../../../../lib/errors.ts";

export type Said = {
  text: string;
  reasoning: string;
  calls: { wire_id: string; name: string; arguments: string }[];
  usage: { input_tokens: number; output_tokens: number } | undefined;
  end: string | undefined;
  chunks: ModelChunk[];
  activity: number;
  error: (Error & { type?: string; data?: { retryAfterMs?: number; show?: unknown } }) | undefined;
};

export async function ask(provider: ModelProvider, request: Partial<ModelRequest> = {}): Promise<Said> {
  const said: Said = {
    text: "",
    reasoning: "",
    calls: [],
    usage: undefined,
    end: undefined,
    chunks: [],
    activity: 0,
    error: undefined,
  };
  const full: ModelRequest = {
    model: "fake",
    messages: [{ role: "user", content: "hello" }],
    tools: [],
    signal: new AbortController().signal,
    runId: "run_test",
    ...request,
  };
  await provider
    .ask(
      full,
      (chunk) => take(said, chunk),
      () => {
        said.activity += 1;
      },
    )
    .catch((error: unknown) => {
      said.error = toError(error);
    });
  return said;
}

function take(said: Said, chunk: ModelChunk): void {
  said.chunks.push(chunk);
  if (chunk.type === "text") said.text += chunk.text;
  if (chunk.type === "reasoning") said.reasoning += chunk.text;
  if (chunk.type === "tool_call")
    said.calls.push({ wire_id: chunk.wire_id, name: chunk.name, arguments: chunk.arguments });
  if (chunk.type === "usage")
    said.usage = { input_tokens: chunk.input_tokens, output_tokens: chunk.output_tokens };
  if (chunk.type === "end") said.end = chunk.reason;
}
