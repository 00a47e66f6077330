// Server-Sent Events of both dialects, cut into frames and reduced to what the client needs.
import { StringDecoder } from "node:string_decoder";
import type { Dialect } from "../measure/job.ts";

export type Frame =
  | { type: "text"; text: string }
  | { type: "output"; text: string }
  | { type: "run"; session: string; run: string }
  | { type: "end"; fault: string | undefined }
  | { type: "void" };

/** Cuts a byte stream into frames, wherever the network cut it. */
export class FrameReader {
  #rest = "";
  #seq = 0;
  readonly #decoder = new StringDecoder("utf8");
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** @throws Error when a frame cannot be read or the numbers have a gap */
  feed(piece: Buffer, onFrame: (frame: Frame) => void): void {
    const all = this.#rest + this.#decoder.write(piece);
    let from = 0;
    for (let end = all.indexOf("\n\n"); end >= 0; end = all.indexOf("\n\n", from)) {
      const raw = all.slice(from, end);
      from = end + 2;
      onFrame(this.#dialect === "openai" ? openaiFrame(raw) : this.#agentFrame(raw));
    }
    this.#rest = all.slice(from);
  }

  #agentFrame(raw: string): Frame {
    let event = "";
    let data = "";
    for (const line of raw.split("\n")) {
      if (line.startsWith("data: ")) data = line.slice(6);
      else if (line.startsWith("event: ")) event = line.slice(7);
      else if (line.startsWith("id: ")) this.#number(Number(line.slice(4)));
    }
    if (event === "content") return { type: "text", text: (JSON.parse(data) as { text: string }).text };
    if (event === "tool_output") return { type: "output", text: (JSON.parse(data) as { text: string }).text };
    if (event === "run") {
      const { session_id, run_id } = JSON.parse(data) as { session_id: string; run_id: string };
      return { type: "run", session: session_id, run: run_id };
    }
    if (event === "error" || event === "reset") return { type: "end", fault: `event ${event}: ${data}` };
    if (event !== "done") return { type: "void" };
    const { status } = JSON.parse(data) as { status: string };
    return { type: "end", fault: status === "completed" ? undefined : `the run ended ${status}` };
  }

  #number(seq: number): void {
    if (seq !== this.#seq + 1) throw new Error(`event ${seq} came after ${this.#seq}`);
    this.#seq = seq;
  }
}

function openaiFrame(raw: string): Frame {
  if (raw === "data: [DONE]") return { type: "end", fault: undefined };
  const chunk = JSON.parse(raw.slice(6)) as { choices: { delta: { content?: string } }[] };
  const text = chunk.choices[0]?.delta.content;
  return text ? { type: "text", text } : { type: "void" };
}
