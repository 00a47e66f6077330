// The documented rules of requests to Anthropic's messages API (https://platform.claude.com/docs/en/api/messages). Written from
// its documentation and its words of refusal, apart from the code that renders.
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
} from "./shared.ts";

const THOUGHTS = ["thinking", "redacted_thinking"];

export function anthropicFaults(body: Fields): Faults {
  const faults: Faults = [];
  checkTexts(body, faults);
  const tools = listOf(body.tools);
  if (!(Number(body.max_tokens) >= 1)) faults.push("max_tokens");
  if ("system" in body && isBlank(body.system)) faults.push("system: blank");
  checkNames(
    tools.map(({ name }) => String(name)),
    faults,
  );
  for (const { input_schema } of tools) checkSchema(fieldsOf(input_schema), faults);
  checkTurns(listOf(body.messages), tools.length > 0, faults);
  return faults;
}

function checkTurns(turns: Fields[], hasTools: boolean, faults: Faults): void {
  const ids = new Set<string>();
  let open: string[] = [];
  turns.forEach(({ role, content }, index) => {
    const place = `messages[${index}]`;
    if (role !== (index % 2 === 0 ? "user" : "assistant"))
      faults.push(`${place}: ${String(role)} out of turn`);
    const blocks = listOf(content);
    if (blocks.length === 0) faults.push(`${place}: no content`);
    const results = blocks
      .filter(({ type }) => type === "tool_result")
      .map((block) => String(block.tool_use_id));
    if (results.join() !== open.join())
      faults.push(`${place}: results ${results.join()} for calls ${open.join()}`);
    if (blocks.slice(0, results.length).some(({ type }) => type !== "tool_result"))
      faults.push(`${place}: results are not first`);
    const thoughts = blocks.filter(({ type }) => THOUGHTS.includes(String(type)));
    if (blocks.slice(0, thoughts.length).some(({ type }) => !THOUGHTS.includes(String(type))))
      faults.push(`${place}: thoughts are not first`);
    open = [];
    for (const block of blocks) {
      if (block.type === "text" && isBlank(block.text)) faults.push(`${place}: a blank text`);
      if (block.type === "tool_result") checkResult(block.content, place, faults);
      if (block.type === "image") checkPicture(block, place, faults);
      if (block.type === "thinking" && isBlank(block.signature)) faults.push(`${place}: an unsigned thought`);
      if (block.type === "tool_use") open.push(checkCall(block, ids, hasTools, place, faults));
    }
  });
  if (turns.at(-1)?.role !== "user") faults.push("messages: ends with the assistant");
  if (open.length > 0) faults.push("messages: the last calls have no result");
}

function checkResult(content: unknown, place: string, faults: Faults): void {
  if (!Array.isArray(content)) {
    if (isBlank(content)) faults.push(`${place}: a blank result`);
    return;
  }
  const [text, ...pictures] = listOf(content);
  if (text?.type !== "text" || isBlank(text.text)) faults.push(`${place}: a blank result`);
  for (const picture of pictures) checkPicture(picture, place, faults);
}

function checkPicture({ type, source }: Fields, place: string, faults: Faults): void {
  const { type: kind, media_type, data } = fieldsOf(source);
  if (
    type !== "image" ||
    kind !== "base64" ||
    !/^image\/(png|jpeg|gif|webp)$/.test(String(media_type)) ||
    isBlank(data)
  )
    faults.push(`${place}: a picture`);
}

function checkCall(
  { id, name, input }: Fields,
  ids: Set<string>,
  hasTools: boolean,
  place: string,
  faults: Faults,
): string {
  if (!hasTools) faults.push(`${place}: a call, and no tools`);
  if (!NAME.test(String(id)) || ids.has(String(id))) faults.push(`${place}: the id ${String(id)}`);
  if (!NAME.test(String(name))) faults.push(`${place}: a call named ${String(name)}`);
  if (typeof input !== "object" || input === null || Array.isArray(input)) faults.push(`${place}: input`);
  ids.add(String(id));
  return String(id);
}
