// What the fake model says to one request, and what it says when no test has told it.

export type FakeToolCall = {
  /** Null leaves it out, as some servers do. */
  id?: string | null;
  /** The number on the wire; its place unless said, null leaves it out. */
  index?: number | null;
  name: string;
  /** As text exactly as it goes over the wire, perhaps malformed. */
  arguments: string | Record<string, unknown>;
  /** Into how many pieces the arguments are split; 2 unless said. */
  pieces?: number;
};

type FakeFault =
  /** An HTTP error; `body` is what a vendor would write. */
  | { type: "status"; status: number; headers?: Record<string, string>; body?: unknown }
  /** Closes the socket without a byte. */
  | { type: "refuse" }
  /** Sends nothing more after `after` pieces (0: not even the status), until the client leaves. */
  | { type: "hang"; after?: number }
  /** Closes the socket in the middle, after so many bytes of the stream. */
  | { type: "cut"; afterBytes: number }
  /** Closes the socket after so many pieces. */
  | { type: "cut_after"; pieces: number }
  /** Sends this instead of a proper ending, after `after` pieces. */
  | { type: "garbage"; after: number; text: string };

export type FakeTurn = {
  text?: string | string[];
  reasoning?: string | string[];
  toolCalls?: FakeToolCall[];
  usage?: { input: number; output: number } | "none";
  /** The vendor's own word for why it stopped; null: never said. */
  finish?: string | null;
  /** Milliseconds between pieces. */
  delayMs?: number;
  /** Waited for before the piece with the number `gateAfter` (0: before the status). */
  gate?: Promise<unknown>;
  gateAfter?: number;
  fault?: FakeFault;
  /** Answers in one JSON although a stream was asked for. */
  whole?: boolean;
  /** Bytes written as they are, each in a write of its own, instead of all the above. */
  raw?: (string | Buffer)[];
  /** Waited for before the response of raw bytes ends. */
  rawGate?: Promise<unknown>;
  /** Milliseconds between raw writes; 1 unless said. */
  rawDelayMs?: number;
  contentType?: string;
  /** Of raw bytes, which are then to be compressed already. */
  contentEncoding?: string;
};

/** A conversation in the words both wire formats share. */
export type Heard = {
  /** The last message of the user that is no tool result. */
  message: string;
  /** Tool results after it. */
  results: string[];
};

/**
 * Without a script: a line `call:tool {"a":1}` of the message calls that tool (several lines: several calls at once, the
 * arguments go over the wire as they are written); after the results it says `done: …`; anything else it echoes.
 */
export function usualTurn({ message, results }: Heard): FakeTurn {
  if (results.length > 0) return { text: words(`done: ${results.join(" | ").slice(0, 500)}`) };
  const calls = [...message.matchAll(/^call:(\S+)[ \t]*(.*)$/gm)];
  if (calls.length === 0) return { text: words(`echo: ${message}`) };
  return {
    toolCalls: calls.map(([, name = "", text = ""]) => ({ name, arguments: text })),
  };
}

function words(text: string): string[] {
  return text.match(/\s*\S+\s*?/g) ?? [text];
}

export function piecesOf(text: string | string[] | undefined): string[] {
  return text === undefined ? [] : typeof text === "string" ? [text] : text;
}

export function argumentPieces({ arguments: given, pieces = 2 }: FakeToolCall): string[] {
  const text = typeof given === "string" ? given : JSON.stringify(given);
  const length = Math.max(1, Math.ceil(text.length / pieces));
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += length) parts.push(text.slice(at, at + length));
  return parts.length === 0 ? [""] : parts;
}
