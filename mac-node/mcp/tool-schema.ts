// The arguments of an MCP server's tool as zod: of what the server says, the keywords that we check arguments by (a stranger's schema may
// hang, or lead elsewhere); the server checks them itself once more.
import { z } from "zod";
import { strangerSchema } from "../../contracts/stranger-schema.ts";

const LONGEST = 20_000;
const ANYTHING = z.looseObject({});

/** @returns what lets everything through where the server says nothing that can be used */
export function parametersOf(inputSchema: unknown): z.ZodObject {
  const text = JSON.stringify(inputSchema) ?? "";
  if (text.length > LONGEST) return ANYTHING;
  const said = strangerSchema.parse(inputSchema);
  if (said.type !== "object" || Object.keys(Object(said.properties)).length === 0) return ANYTHING;
  try {
    const made = z.fromJSONSchema(said as Parameters<typeof z.fromJSONSchema>[0]);
    if (!(made instanceof z.ZodObject)) return ANYTHING;
    // As of our own tools: an argument that there is not is a mistake of the model.
    const isOpen = said.additionalProperties !== undefined && said.additionalProperties !== false;
    const parameters = isOpen ? made : made.strict();
    z.toJSONSchema(parameters, { io: "input" });
    return parameters;
  } catch {
    return ANYTHING;
  }
}
