// How a built-in tool is written: the schema types the arguments that `execute` gets.
import type { z } from "zod";
import type { Tool } from "../../contracts/tools.ts";

/** The tool as it is, with its arguments typed by its schema. */
export function defineTool<Schema extends z.ZodType>(tool: Tool<Schema>): Tool<Schema> {
  return tool;
}
