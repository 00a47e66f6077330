// From paths to a written summary: read on the machine, summarised in parts and then together, written on the machine.
import type { ServerToolContext } from "../../../../contracts/server-tools.ts";
import { ToolFailure } from "../../../../lib/tools/tool-failure.ts";
import { readDocument } from "./read-document.ts";
import { summarise } from "./summarise.ts";

type Wanted = { paths: string[]; output_path: string; length: "short" | "medium" | "long" };

/** @throws ToolFailure in words; nothing is written then */
export async function summarizeDocuments(
  { paths, output_path, length }: Wanted,
  context: ServerToolContext,
): Promise<object> {
  const { machine } = context.doors;
  // Before anything is spent.
  const there = await machine.call("file_info", { path: output_path }, "out");
  if (there.ok)
    throw new ToolFailure("exists", `"${output_path}" is there already. Name a file that is not there yet.`);
  if (there.error?.code !== "not_found")
    throw new ToolFailure(there.error?.code ?? "failed", there.error?.message ?? "It cannot be looked at.");
  const documents = [];
  for (const [index, path] of paths.entries()) {
    context.output("stdout", `Reading ${path}\n`);
    documents.push(await readDocument(context, path, index));
  }
  const { text, parts } = await summarise(context, documents, length);
  const written = await machine.call(
    "write_file",
    { path: output_path, content: `${text.trim()}\n` },
    "write",
  );
  if (!written.ok)
    throw new ToolFailure(
      written.error?.code ?? "failed",
      written.error?.message ?? "It could not be written.",
    );
  const { path } = (written.data ?? {}) as { path?: unknown };
  return {
    output_path: typeof path === "string" ? path : output_path,
    documents: documents.map(({ path: name, text: read, isCut }) => ({
      ...{ path: name, characters: read.length },
      ...(isCut ? { truncated: true } : {}),
    })),
    parts,
    characters: text.length,
  };
}
