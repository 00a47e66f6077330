// The text of one document on the machine, piece by piece, with the tool that the machine has for it.
import { z } from "zod";
import type { ServerToolContext } from "../../../../contracts/server-tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";

export type DocumentText = {
  path: string;
  text: string;
  /** It goes on behind what was read. */
  isCut: boolean;
};

/** Characters of one document that are read. */
const MOST = 600_000;
const PIECE = 50_000;

const next = z.number().int().min(0).nullish();
const extracted = z.object({
  documents: z.array(z.object({ text: z.string(), next_offset: next })).min(1),
});
const read = z.object({ content: z.string(), next_offset: next });

/** @param number of the document: part of the ids of its calls. @throws ToolFailure where it cannot be read, or says nothing */
export async function readDocument(
  { doors: { machine } }: ServerToolContext,
  path: string,
  number: number,
): Promise<DocumentText> {
  const hasExtract = await machine.has("extract_text");
  const pieces: string[] = [];
  let length = 0;
  let offset: number | null = 0;
  for (let piece = 0; offset !== null && length < MOST; piece += 1) {
    const args: Record<string, unknown> = hasExtract
      ? { paths: [path], offset, max_characters: PIECE }
      : { path, offset, max_bytes: PIECE };
    const result = await machine.call(hasExtract ? "extract_text" : "read_file", args, `${number}_${piece}`);
    if (!result.ok)
      throw new ToolFailure(
        result.error?.code ?? "failed",
        `"${path}" could not be read: ${result.error?.message ?? "the machine did not say why"}`,
      );
    const { text, next_offset } = partOf(result.data, path);
    pieces.push(text);
    length += text.length;
    // One that does not go on would be read for ever.
    offset = next_offset != null && next_offset > offset ? next_offset : null;
  }
  const text = pieces.join("");
  if (text.trim() === "") throw new ToolFailure("no_text", `"${path}" has no text.`);
  return { path, text, isCut: offset !== null };
}

function partOf(data: unknown, path: string): { text: string; next_offset?: number | null | undefined } {
  const [document] = extracted.safeParse(data).data?.documents ?? [];
  if (document) return document;
  const part = read.safeParse(data);
  if (part.success) return { text: part.data.content, next_offset: part.data.next_offset };
  throw new ToolFailure("failed", `The machine said nothing of "${path}" that can be read.`);
}
