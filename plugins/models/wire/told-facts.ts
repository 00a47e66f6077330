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
/** Not all of our accounts, and not all servers, may stream. */
const NO_STREAM =
  /must be verified to stream|stream(ing)? (is|are) not (supported|allowed|available)|not support stream(ing)?\b|"param": ?"stream"/i;

/**
 * What a server was told to want of a history. `thoughts`: those of earlier steps back; `nine_ids`: ids of calls of nine letters or
 * digits; `alternation`: user and assistant by turns.
 */
export type Demand =
  | "thoughts"
  | "nine_ids"
  | "plain_ids"
  | "alternation"
  | "no_system"
  | "text_content"
  | "filled_content"
  | "calls_in_words"
  | "no_images"
  /** Told by no refusal, but found out: a history of mere words. */
  | "plain_history";

export type Facts = {
  /** Names of ours that it does not take. */
  parameters: string[];
  demands: Demand[];
  /** It speaks of thoughts that were sent back. */
  isAboutThoughts: boolean;
  tokens: ToldTokens;
  /** Whether the refusal names a parameter, as one word. */
  spokenOf(name: string): boolean;
};

const THOUGHTS =
  /reasoning_content|reasoning_details|thinking\W{0,3} block|redacted_thinking|invalid\W{1,3}signature/i;

/** Of servers whose model sees nothing, or that have no such part of a message. */
export const NO_IMAGES =
  /(?<![\w-])(image|vision)(s|\(s\)|_url)?( input| content| part)?s? (is|are) (not|only) (supported|enabled|allowed|available)|(not|n't) support (the |any )?(image|vision|multimodal)|that support image|not a (multimodal|vision)|at most 0 image|unknown variant `image|required for image input/i;

const DEMANDS: [RegExp, Demand][] = [
  [NO_IMAGES, "no_images"],
  [/reasoning_content/, "thoughts"],
  [/tool call id .{0,80}length of 9|length of 9/i, "nine_ids"],
  // Amazon's and Anthropic's rule, behind gateways too: letters, digits, `_` and `-`.
  [
    /(tool_?use_?id|tool_use\W{0,3}id|tool_calls?\W{0,6}\d*\W{0,4}id)\b.{0,160}(pattern|regular expression)/is,
    "plain_ids",
  ],
  [
    /\balternat(e|ing)\b|unexpected role|expected last role|immediately after a user turn|last message must|(successive|consecutive) (user|assistant)|roles in a row/i,
    "alternation",
  ],
  // Chat templates of some models know two roles only; of those that say so when they meet a third it is the first message's.
  [
    /system (role|message|prompt)s? (is |are )?not (supported|allowed)|not support (the )?system|(developer|system) instructions? (is|are) not|got system|only user (and|or) (assistant|model) roles/i,
    "no_system",
  ],
  [
    /not \W{0,3}NoneType|content type: <nil>|content\b.{0,80}(invalid type: null|got null|not in 'null'|cannot be null|must be (a )?string|expected (a )?string|should be a valid string)/i,
    "text_content",
  ],
  [
    /content\b.{0,80}\b(is|be) (empty|non-empty|blank)|must not be empty|(text )?content blocks must contain/i,
    "filled_content",
  ],
  // Without tools on offer calls in the history are refused.
  [/without \W?tools=|must define tools|tool_?config\b.{0,60}(must|required|defined)/i, "calls_in_words"],
];

const WINDOW = [
  /maximum context length(?: is| of|:)? (\d+)/i,
  /context length of only (\d+)/i,
  /maximum model length of (\d+)/i,
  /maximum allowed length \((\d+)/i,
  /maximum input length \((\d+)/i,
  /configured limit of (\d+)/i,
  /current length is \d+ while limit is (\d+)/i,
  /prompt cannot exceed (\d+)/i,
  /less than (\d+) tokens/i,
  /(\d+) maximum context length/i,
  /maximum prompt length is (\d+)/i,
  /model token limit: (\d+)/i,
  /context limit: \d+ \+ \d+ > (\d+)/i,
  /\d+ tokens? > (\d+) maximum/i,
  /maximum number of tokens allowed \((\d+)\)/i,
  /context (?:length|size|window) \(?(?:of |is )?(\d+)/i,
  /\bn_ctx\W{1,4}(\d+)/,
  /max size: (\d+) tokens/i,
  /must be <= (\d+)/,
];
const PROMPT = [
  /has (\d+) input tokens/i,
  /context limit: (\d+) \+/i,
  /prompt is too long: (\d+)/i,
  /the input \((\d+) tokens/i,
  /(?:prompt|input) \(?length \((\d+)/i,
  /prompt \(length (\d+)\)/i,
  /current length is (\d+)/i,
  /keep the first (\d+) tokens/i,
  /cannot exceed \d+ - received (\d+)/i,
  /messages resulted in (\d+) tokens/i,
  /input token count \((\d+)\)/i,
  /request contains (\d+) tokens/i,
  /prompt contains (\d+) tokens/i,
  /(\d+) tokens from the input messages/i,
  /given: (\d+)/i,
  /\bn_prompt_tokens\W{1,4}(\d+)/,
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
    parameters: [
      ...OPTIONAL_PARAMETERS.filter((name) => body.includes(name)),
      ...(NO_STREAM.test(body) ? ["stream"] : []),
    ],
    demands: DEMANDS.flatMap(([words, demand]) => (words.test(body) ? [demand] : [])),
    isAboutThoughts: THOUGHTS.test(body),
    spokenOf: (name) => new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(body),
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
