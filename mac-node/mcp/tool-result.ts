// What an MCP server answers, as the result of a tool.
import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/sdk/types.js";
import type { ToolImage, ToolResult } from "../../contracts/tools.ts";
import { headOf } from "../../lib/cut-text.ts";

const LONGEST_ERROR = 2_000;

/**
 * @param server as its owner calls it: what it says is a stranger's
 * @param shown its text as the result has it
 */
export function resultOf(
  server: string,
  { content, structuredContent, isError }: CallToolResult,
  shown: (text: string) => string,
): ToolResult {
  const said = content.map(textOf).filter(Boolean).join("\n");
  const text = said === "" ? "" : shown(isError ? headOf(said, LONGEST_ERROR) : said);
  const images = content.flatMap(imageOf);
  if (isError === true)
    return {
      ok: false,
      error: {
        code: "mcp_error",
        message: text || `The MCP server "${server}" says no more than that it failed.`,
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
      if ("text" in block.resource) return block.resource.text;
      return isPicture(block.resource.mimeType) ? "" : `(${block.resource.uri}: not shown, it is no text)`;
    case "audio":
      return `(audio of the type ${block.mimeType}, not shown)`;
    case "image":
      return "";
  }
}

const isPicture = (type: string | undefined) => type?.startsWith("image/") === true;

function imageOf(block: ContentBlock): ToolImage[] {
  if (block.type === "image") return [pictureOf(block.mimeType, block.data)];
  if (block.type !== "resource" || !("blob" in block.resource)) return [];
  const { mimeType = "", blob } = block.resource;
  return isPicture(mimeType) ? [pictureOf(mimeType, blob)] : [];
}

/** What it really is its bytes say (lib/tools/images.ts). */
function pictureOf(media_type: string, data: string): ToolImage {
  return { media_type, bytes: Buffer.byteLength(data, "base64"), data };
}
