// Minagent's model client: one request to the upstream, its SSE parsed as it comes.
import { Agent, type IncomingMessage, request } from "node:http";
import { StringDecoder } from "node:string_decoder";
import type { Message, WireCall } from "./memory.ts";

export type Answer = { text: string; calls: WireCall[]; tokens: number };

const TOOLS = [
  {
    type: "function",
    function: {
      name: "bench_wait",
      description: "Waits 0.2 s",
      parameters: { type: "object", properties: {}, additionalProperties: false },
    },
  },
];

type Delta = {
  content?: string;
  tool_calls?: { index: number; id?: string; function: { name?: string; arguments?: string } }[];
};
type Chunk = { choices: { delta: Delta }[]; usage?: { completion_tokens: number } };
type Whole = {
  choices: { message: { content: string; tool_calls?: WireCall[] } }[];
  usage: { completion_tokens: number };
};

const agent = new Agent({ keepAlive: true });

/** Asks once; `onText` gets each piece as it comes, and without it the upstream answers in one piece. */
export async function askUpstream(
  port: number,
  messages: Message[],
  onText?: (text: string) => void,
): Promise<Answer> {
  const body = JSON.stringify({ model: "bench", messages, tools: TOOLS, stream: onText !== undefined });
  const response = await post(port, body);
  if (response.statusCode !== 200) throw new Error(`the upstream answered ${response.statusCode}`);
  return onText ? readStream(response, onText) : readWhole(response);
}

function post(port: number, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const sent = request(
      { host: "127.0.0.1", port, method: "POST", path: "/v1/chat/completions", headers, agent },
      resolve,
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

function readStream(response: IncomingMessage, onText: (text: string) => void): Promise<Answer> {
  const answer: Answer = { text: "", calls: [], tokens: 0 };
  const decoder = new StringDecoder("utf8");
  let rest = "";
  return new Promise((resolve, reject) => {
    response.on("data", (piece: Buffer) => {
      const text = rest + decoder.write(piece);
      let from = 0;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n", from)) {
        if (text.startsWith("data: {", from))
          take(answer, JSON.parse(text.slice(from + 6, end)) as Chunk, onText);
        from = end + 2;
      }
      rest = text.slice(from);
    });
    response.on("end", () => resolve(answer));
    response.on("error", reject);
  });
}

function take(answer: Answer, chunk: Chunk, onText: (text: string) => void): void {
  if (chunk.usage) answer.tokens = chunk.usage.completion_tokens;
  const delta = chunk.choices[0]?.delta;
  if (delta?.content) {
    answer.text += delta.content;
    onText(delta.content);
  }
  for (const { index, id, function: called } of delta?.tool_calls ?? []) {
    answer.calls[index] ??= { id: id ?? "", type: "function", function: { name: "", arguments: "" } };
    const call = answer.calls[index];
    call.function.name += called.name ?? "";
    call.function.arguments += called.arguments ?? "";
  }
}

async function readWhole(response: IncomingMessage): Promise<Answer> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const whole = JSON.parse(Buffer.concat(pieces).toString()) as Whole;
  const message = whole.choices[0]?.message;
  return {
    text: message?.content ?? "",
    calls: message?.tool_calls ?? [],
    tokens: whole.usage.completion_tokens,
  };
}
