// What a refusal tells of the server besides: numbers of tokens, and what it wants the question to look like. With them the same
// question is asked again in another form (openai.ts, anthropic.ts).

/** Of a vendor's own counting. */
export type ToldTokens = {
  /** What the model takes, question and answer together. */
  window?: number;
  /** What the question has. */
  prompt?: number;
  /** The most an answer may be limited to. */
  output?: number;
};

/** Parameters of ours that not every server takes. */
const OPTIONAL_PARAMETERS = ["stream_options", "max_completion_tokens", "max_tokens", "reasoning_effort"];
/**
 * `thoughts`: those of earlier steps back; `nine_ids`: ids of calls of nine letters or digits; `alternation`: user and assistant by turns.
 */
export type Demand = "thoughts" | "nine_ids" | "alternation";

/** `parameters`: names of ours that it does not take. */
export type Facts = { parameters: string[]; demands: Demand[]; tokens: ToldTokens };

const DEMANDS: [RegExp, Demand][] = [
  [/reasoning_content/, "thoughts"],
  [/tool call id .{0,80}length of 9|length of 9/i, "nine_ids"],
  [
    /roles must alternate|unexpected role|expected last role|immediately after a user turn|alternate between user|last message must/i,
    "alternation",
  ],
];

const WINDOW = [
  /maximum context length (?:is|of) (\d+)/i,
  /(\d+) maximum context length/i,
  /maximum prompt length is (\d+)/i,
  /model token limit: (\d+)/i,
  /context limit: \d+ \+ \d+ > (\d+)/i,
  /\d+ tokens? > (\d+) maximum/i,
  /maximum number of tokens allowed \((\d+)\)/i,
  /context (?:length|size|window) \(?(?:of |is )?(\d+)/i,
  /"n_ctx": ?(\d+)/,
  /max size: (\d+) tokens/i,
  /must be <= (\d+)/,
];
const PROMPT = [
  /has (\d+) input tokens/i,
  /context limit: (\d+) \+/i,
  /prompt is too long: (\d+) tokens/i,
  /messages resulted in (\d+) tokens/i,
  /input token count \((\d+)\)/i,
  /request contains (\d+) tokens/i,
  /prompt contains (\d+) tokens/i,
  /(\d+) tokens from the input messages/i,
  /given: (\d+) `?inputs/i,
  /"n_prompt_tokens": ?(\d+)/,
];
/** Counted apart: `(2973 in the messages, 500 in the functions, 4096 in the completion)`. */
const PROMPT_PARTS = /(\d+) (?:in the messages|in the functions|of text input|of tool input)/gi;
const OUTPUT = [
  /supports at most (\d+) completion tokens/i,
  /> (\d+), which is the maximum allowed number of output tokens/i,
  /range of `?max_tokens`? is \[1, ?(\d+)\]/i,
  /max_(?:completion_|output_)?tokens[`'"]? must be (?:less than or equal to|at most|<=) [`'"]?(\d+)/i,
];
/** Google gives the first number that is too large. */
const FIRST_TOO_LARGE = /range is from 1 \(inclusive\) to (\d+) \(exclusive\)/i;

/** @param body what a provider wrote to refuse a question */
export function factsIn(body: string): Facts {
  const text = body.replace(/(\d),(?=\d{3}\b)/g, "$1");
  const window = firstNumber(WINDOW, text);
  const prompt = promptIn(text);
  const output = outputIn(text);
  return {
    parameters: OPTIONAL_PARAMETERS.filter((name) => body.includes(name)),
    demands: DEMANDS.flatMap(([words, demand]) => (words.test(body) ? [demand] : [])),
    tokens: {
      ...(window === undefined ? {} : { window }),
      ...(prompt === undefined ? {} : { prompt }),
      ...(output === undefined ? {} : { output }),
    },
  };
}

function promptIn(text: string): number | undefined {
  const parts = [...text.matchAll(PROMPT_PARTS)].map(([, count]) => Number(count));
  return parts.length > 0 ? parts.reduce((sum, part) => sum + part, 0) : firstNumber(PROMPT, text);
}

function outputIn(text: string): number | undefined {
  const tooLarge = firstNumber([FIRST_TOO_LARGE], text);
  return tooLarge === undefined ? firstNumber(OUTPUT, text) : tooLarge - 1;
}

function firstNumber(patterns: RegExp[], text: string): number | undefined {
  for (const pattern of patterns) {
    const found = Number(pattern.exec(text)?.[1]);
    if (found > 0) return found;
  }
  return undefined;
}
