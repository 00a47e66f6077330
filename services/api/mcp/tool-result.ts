// What a call of a tool gives, as an MCP result: the same object as text and as structured content, pictures as pictures. What a tool has
// marked as untrusted text is marked here too: it is part of the data.
import type { CallToolResult, Tool } from "@modelcontextprotocol/sdk/types.js";
import { z } from "zod";
import { toolResult } from "../../../contracts/answers/tools.ts";
import type { ToolResult } from "../../../contracts/tools.ts";
import { type ErrorType, toError, typeOf } from "../../../lib/errors.ts";

/** Of every tool: `contracts/answers/tools.ts`, whose pictures are content of their own. A server may be newer than its clients. */
export const RESULT_SCHEMA = (() => {
  const {
    additionalProperties: _strict,
    $schema: _schema,
    ...schema
  } = z.toJSONSchema(toolResult.omit({ images: true }));
  return schema as NonNullable<Tool["outputSchema"]>;
})();

export function resultOf({ images = [], ...told }: ToolResult): CallToolResult {
  const shown = images.flatMap(({ data, media_type: mimeType }) =>
    data === undefined ? [] : [{ type: "image" as const, data, mimeType }],
  );
  const lost = images.length - shown.length;
  const words =
    lost > 0 ? [{ type: "text" as const, text: `${lost} pictures were too large to be kept.` }] : [];
  return {
    content: [{ type: "text", text: JSON.stringify(told) }, ...words, ...shown],
    structuredContent: { ...told },
    ...(told.ok ? {} : { isError: true }),
  };
}

/** Refusals that whoever has thought of the call can do something about; others are for the program: JSON-RPC errors. */
const FOR_THE_MODEL = new Set<ErrorType | undefined>([
  ...(["invalid_request", "node_not_found", "node_offline", "node_frozen", "node_queue_full"] as const),
  ...(["tool_denied", "approval_required", "conflict", "request_timeout", "request_too_large"] as const),
  ...(["answer_too_large", "session_not_found", "session_busy", "queue_full", "run_not_found"] as const),
  ...(["model_not_found", "model_unavailable"] as const),
]);

/** @returns a result that says it, or throws it on */
export function refusalOf(thrown: unknown): CallToolResult {
  const type = typeOf(thrown);
  if (type === undefined || !FOR_THE_MODEL.has(type)) throw thrown;
  return failure(type, toError(thrown).message);
}

export function failure(code: string, message: string): CallToolResult {
  const told = { ok: false, error: { code, message } };
  return { content: [{ type: "text", text: JSON.stringify(told) }], structuredContent: told, isError: true };
}
