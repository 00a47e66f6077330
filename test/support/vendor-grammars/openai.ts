// The documented rules of requests in OpenAI's chat completions, and what Mistral and Google demand besides. Written from their
// documentation and their servers' own words of refusal, apart from the code that renders.
import {
  checkNames,
  checkSchema,
  checkTexts,
  type Faults,
  type Fields,
  fieldsOf,
  isBlank,
  listOf,
  NAME,
  walkSchema,
} from "./shared.ts";

export function openaiFaults(body: Fields): Faults {
  const faults: Faults = [];
  checkTexts(body, faults);
  checkMessages(listOf(body.messages), faults);
  const tools = listOf(body.tools).map((tool) => fieldsOf(tool.function));
  if ("tools" in body && (tools.length === 0 || tools.length > 128)) faults.push("tools: not 1 to 128");
  checkNames(
    tools.map((tool) => String(tool.name)),
    faults,
  );
  for (const { description, parameters } of tools) {
    if (isBlank(description) || String(description).length > 1_024)
      faults.push("tool: description not 1 to 1,024");
    checkSchema(fieldsOf(parameters), faults);
  }
  return faults;
}

function checkMessages(messages: Fields[], faults: Faults): void {
  const ids = new Set<string>();
  let open: string[] = [];
  if (messages.length === 0) faults.push("messages: none");
  messages.forEach((message, index) => {
    const place = `messages[${index}]`;
    if (message.role === "tool") {
      const id = String(message.tool_call_id);
      if (open[0] !== id) faults.push(`${place}: a result that does not follow its call`);
      open = open.slice(1);
      if (isBlank(message.content)) faults.push(`${place}: an empty result`);
      return;
    }
    if (open.length > 0) faults.push(`${place}: calls before it have no result`);
    open = [];
    const calls = listOf(message.tool_calls);
    if (!["system", "user", "assistant"].includes(String(message.role))) faults.push(`${place}: role`);
    if (!Array.isArray(message.content) && isBlank(message.content) && calls.length === 0)
      faults.push(`${place}: says nothing`);
    if (Array.isArray(message.content)) checkParts(message, place, faults);
    else if (message.content !== null && isBlank(message.content)) faults.push(`${place}: an empty text`);
    if ("tool_calls" in message && calls.length === 0) faults.push(`${place}: an empty list of calls`);
    for (const { id, type, function: called } of calls) {
      const { name, arguments: text } = fieldsOf(called);
      if (type !== "function" || !NAME.test(String(name)))
        faults.push(`${place}: a call named ${String(name)}`);
      if (typeof id !== "string" || !/^[\x21-\x7e]{1,40}$/.test(id))
        faults.push(`${place}: the id ${String(id)}`);
      if (ids.has(String(id))) faults.push(`${place}: the id ${String(id)} twice`);
      ids.add(String(id));
      open.push(String(id));
      checkArguments(text, place, faults);
    }
  });
  if (open.length > 0) faults.push("messages: the last calls have no result");
}

/** Pictures are the user's alone, beside a text. */
function checkParts({ role, content }: Fields, place: string, faults: Faults): void {
  const [text, ...pictures] = listOf(content);
  if (role !== "user" || text?.type !== "text" || isBlank(text.text) || pictures.length === 0)
    faults.push(`${place}: parts`);
  for (const { type, image_url } of pictures)
    if (type !== "image_url" || !/^data:image\/\w+;base64,\w/.test(String(fieldsOf(image_url).url)))
      faults.push(`${place}: a picture`);
}

function checkArguments(text: unknown, place: string, faults: Faults): void {
  try {
    const value: unknown = JSON.parse(String(text));
    if (typeof value !== "object" || value === null || Array.isArray(value))
      faults.push(`${place}: arguments`);
    checkTexts(value, faults, `${place}.arguments`);
  } catch {
    faults.push(`${place}: arguments that are no JSON`);
  }
}

/** User and assistant by turns, the first and the last word the user's, results answered by the assistant. */
function alternationFaults(body: Fields): Faults {
  const faults: Faults = [];
  const roles = listOf(body.messages).map(({ role }) => String(role));
  const spoken = roles.filter((role, index) => !(role === "system" && index === 0));
  if (spoken.includes("system")) faults.push("roles: system not at the top");
  if (spoken[0] !== "user") faults.push(`roles: begins with ${spoken[0]}`);
  if (!["user", "tool"].includes(spoken.at(-1) ?? "")) faults.push(`roles: ends with ${spoken.at(-1)}`);
  spoken.forEach((role, index) => {
    const before = spoken[index - 1];
    if (role === before && role !== "tool") faults.push(`roles: ${role} after ${role}`);
    if (role === "user" && before === "tool") faults.push("roles: user after tool");
    if (role === "tool" && before === "user") faults.push("roles: tool after user");
  });
  return faults;
}

/** https://docs.mistral.ai/api, and the validator of its messages (mistral-common). */
export function mistralFaults(body: Fields): Faults {
  const ids = listOf(body.messages).flatMap((message) =>
    listOf(message.tool_calls).map(({ id }) => String(id)),
  );
  return [
    ...openaiFaults(body),
    ...alternationFaults(body),
    ...ids.filter((id) => !/^[a-zA-Z0-9]{9}$/.test(id)).map((id) => `call: the id ${id}`),
  ];
}

const GEMINI_KEYWORDS = new Set(
  "type format title description nullable enum items maxItems minItems properties required minLength maxLength pattern anyOf minimum maximum".split(
    " ",
  ),
);

/** https://ai.google.dev/gemini-api/docs/openai and …/thought-signatures; schemas as https://ai.google.dev/api/caching#Schema. */
export function geminiFaults(body: Fields): Faults {
  const faults = [...openaiFaults(body), ...alternationFaults(body)];
  for (const message of listOf(body.messages)) {
    const [first] = listOf(message.tool_calls);
    if (first && isBlank(fieldsOf(fieldsOf(first.extra_content).google).thought_signature))
      faults.push("call: the first of a step has no signature");
    for (const { function: called } of listOf(message.tool_calls))
      if (!/^[a-zA-Z_]/.test(String(fieldsOf(called).name)))
        faults.push("call: a name that begins with no letter");
  }
  for (const tool of listOf(body.tools))
    walkSchema(fieldsOf(fieldsOf(tool.function).parameters), (part) => {
      for (const key of Object.keys(part)) if (!GEMINI_KEYWORDS.has(key)) faults.push(`schema: ${key}`);
      if ("enum" in part && (part.type !== "string" || !listIsTexts(part.enum))) faults.push("schema: enum");
      if (
        "anyOf" in part &&
        Object.keys(part).some((key) => !["anyOf", "description", "nullable"].includes(key))
      )
        faults.push("schema: anyOf beside others");
    });
  return faults;
}

function listIsTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((part) => typeof part === "string" && part !== "");
}
