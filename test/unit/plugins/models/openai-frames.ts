// The bytes of an answer in OpenAI's wire format, for the tests of this folder.

/** One event with this value as its data. */
export const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
/** A piece of the only choice. */
export const delta = (value: unknown, finish: string | null = null): string =>
  data({ choices: [{ index: 0, delta: value, finish_reason: finish }] });
/** A piece of one tool call. */
export const piece = (value: Record<string, unknown>): string => delta({ tool_calls: [value] });
export const DONE = "data: [DONE]\n\n";
