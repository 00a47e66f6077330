// The tools of a question as vendors take them: names, lengths, number, and schemas without what they refuse.
import type { PromptTool } from "../../../contracts/models.ts";
import { headOf } from "../../../lib/cut-text.ts";
import { isTaken } from "./call-names.ts";
import { plainSchema } from "./plain-schema.ts";

/** `description` in characters. */
export type ToolLimits = { tools: number; description: number };

/**
 * @param schemaOf what the vendor makes of a schema that all vendors take; the schema itself unless given
 * @returns each tool at most once; one whose name no vendor takes is left out, because it would take the whole question with it
 */
export function offeredTools(
  tools: PromptTool[],
  limits: ToolLimits,
  schemaOf: (schema: Record<string, unknown>) => Record<string, unknown> = (schema) => schema,
): PromptTool[] {
  const names = new Set<string>();
  const taken = tools.filter(({ name }) => isTaken(name) && !names.has(name) && names.add(name));
  return taken.slice(0, limits.tools).map(({ name, description, parameters }) => ({
    name,
    description: shortened(description.trim() === "" ? name : description, limits.description),
    parameters: schemaOf(plainSchema(parameters)),
  }));
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${headOf(text, most - 1)}…`;
}
