// What a call writes into a file, as a difference to what stood there when it was asked about; where nobody knows that, it says so.
import { html } from "htm/preact";
import type { FileBefore } from "../../contracts/file-before.ts";
import { moment } from "../store/format.ts";
import { TOOLS } from "../texts/tools.ts";
import { Difference } from "./difference.ts";

type Args = Record<string, unknown>;
type Written = { before: string; after: string; note: string };

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const isWrite = (name: string) => name === "write_file" || name === "append_file";

/** The arguments that it shows, so that they are not shown besides; undefined where the call writes no text. */
export function writtenArguments(name: string, args: Args): string[] | undefined {
  if (isWrite(name) && text(args.content) !== undefined) return ["content"];
  if (text(args.old_text) !== undefined && text(args.new_text) !== undefined) return ["old_text", "new_text"];
  return undefined;
}

export function WrittenText({ name, args, before }: { name: string; args: Args; before?: FileBefore }) {
  const written = writtenBy(name, args, before);
  return html`<${Difference} before=${written.before} after=${written.after} />
    ${written.note && html`<p class="hint">${written.note}</p>`}`;
}

function writtenBy(name: string, args: Args, before: FileBefore | undefined): Written {
  const content = text(args.content);
  const [old, other] = [text(args.old_text) ?? "", text(args.new_text) ?? ""];
  // Without the file: the piece that is replaced, or all that is written.
  const alone = isWrite(name) ? { before: "", after: content ?? "" } : { before: old, after: other };
  if (before === undefined) return { ...alone, note: isWrite(name) ? TOOLS.written() : "" };
  if (before.state !== "text") return { ...alone, note: TOOLS[before.state]() };
  // Tools take line breaks as \n and keep those of the file.
  const there = before.text.replaceAll("\r\n", "\n");
  const as = TOOLS.asItWas({ when: moment(before.read_at) });
  if (name === "append_file") return { before: there, after: there + (content ?? ""), note: as };
  if (name === "write_file") {
    const note = args.overwrite === true ? as : `${as} ${TOOLS.notOverwritten()}`;
    return { before: there, after: content ?? "", note };
  }
  const pieces = there.split(old.replaceAll("\r\n", "\n"));
  if (pieces.length === 1) return { ...alone, note: TOOLS.notThere() };
  if (pieces.length > 2 && args.replace_all !== true) return { ...alone, note: TOOLS.notOnce() };
  return { before: there, after: pieces.join(other), note: as };
}
