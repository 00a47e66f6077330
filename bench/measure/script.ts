// What the fake upstream shall answer, written into the user's message: it passes every system unchanged and needs no side
// channel. The client writes it, the upstream reads it.

export type Script = {
  /** Tokens of the answer. */
  tokens: number;
  /** Tokens a second; 0 sends all at once. */
  rate: number;
  /** Milliseconds before the first token. */
  thinkMs: number;
  /** Name of a tool that is called once before the answer. */
  tool?: string;
};

const MARK = "bench n=";

export function writeScript({ tokens, rate, thinkMs, tool }: Script): string {
  return `${MARK}${tokens} r=${rate} think=${thinkMs} tool=${tool ?? "none"}.`;
}

/**
 * Reads the script of the last user message out of a request body without parsing it: prompts with many tools are large, and
 * the upstream shares a core with the client.
 * @throws Error when there is none
 */
export function readScript(body: string): Script {
  const start = body.lastIndexOf(MARK);
  const found = /^n=(\d+) r=([\d.]+) think=(\d+) tool=(\w+)\./.exec(body.slice(start + 6, start + 120));
  if (start < 0 || !found) throw new Error("the request has no bench script in its last user message");
  const [, tokens, rate, thinkMs, tool] = found;
  const isAnswered = body.indexOf('"role":"tool"', start) >= 0;
  return {
    tokens: Number(tokens),
    rate: Number(rate),
    thinkMs: Number(thinkMs),
    ...(tool && tool !== "none" && !isAnswered ? { tool } : {}),
  };
}

/** One token of an answer: its number, when it was sent and, in the first one, when the request had arrived (µs, base 36). */
export function writeToken(number: number, sentAt: number, arrivedAt: number): string {
  const stamp = Math.round(sentAt).toString(36);
  return number === 0 ? `0:${stamp}:${Math.round(arrivedAt).toString(36)} ` : `${number}:${stamp} `;
}

export type Token = { number: number; sentAt: number; arrivedAt: number | undefined };

/** @returns undefined when the text is no token, so that a byte that was changed is seen */
export function readToken(text: string): Token | undefined {
  const found = /^(\d+):([0-9a-z]+)(?::([0-9a-z]+))?$/.exec(text);
  if (!found?.[1] || !found[2]) return undefined;
  return {
    number: Number(found[1]),
    sentAt: Number.parseInt(found[2], 36),
    arrivedAt: found[3] ? Number.parseInt(found[3], 36) : undefined,
  };
}
