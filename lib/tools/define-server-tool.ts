// How a tool of the server is written: the schema types the arguments that `execute` gets.
import type { z } from "zod";
import type { ServerTool } from "../../contracts/server-tools.ts";

/** The tool as it is, with its arguments typed by its schema. */
export function defineServerTool<Schema extends z.ZodType>(tool: ServerTool<Schema>): ServerTool<Schema> {
  return tool;
}
