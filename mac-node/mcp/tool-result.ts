// What an MCP server answers, as the result of a tool.
import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/sdk/types.js";
import type { ToolImage, ToolResult } from "../../contracts/tools.ts";
import { headOf } from "../../lib/cut-text.ts";

const LONGEST_ERROR = 2_000;

/** @param server as its owner calls it: what it says is a stranger's */
export function resultOf(
  server: string,
  { content, structuredContent, isError }: CallToolResult,
): ToolResult {
  const text = content.map(textOf).filter(Boolean).join("\n");
  const images = content.flatMap(imageOf);
  if (isError === true)
    return {
      ok: false,
      error: {
        code: "mcp_error",
        message:
          headOf(text, LONGEST_ERROR) || `The MCP server "${server}" says no more than that it failed.`,
      },
    };
  return {
    ok: true,
    data: {
      source: `mcp:${server}`,
      ...(text === "" ? {} : { text }),
      ...(structuredContent === undefined ? {} : { structured: structuredContent }),
    },
    ...(images.length > 0 ? { images } : {}),
  };
}

function textOf(block: ContentBlock): string {
  switch (block.type) {
    case "text":
      return block.text;
    case "resource_link":
      return `${block.name}: ${block.uri}`;
    case "resource":
      return "text" in block.resource
        ? block.resource.text
        : `(${block.resource.uri}: not shown, it is no text)`;
    case "audio":
      return `(audio of the type ${block.mimeType}, not shown)`;
    case "image":
      return "";
  }
}

function imageOf(block: ContentBlock): ToolImage[] {
  if (block.type !== "image") return [];
  const { data, mimeType: media_type } = block;
  return [{ media_type, bytes: Buffer.byteLength(data, "base64"), data }];
}
