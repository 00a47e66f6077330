// The arguments of an MCP server's tool as zod: of what the server says, the keywords that we check arguments by (a stranger's schema may
// hang, or lead elsewhere); the server checks them itself once more.
import { z } from "zod";
import { strangerSchema } from "../../contracts/stranger-schema.ts";
import { isPlain } from "../../lib/edge/bus/plain.ts";

const LONGEST = 20_000;
/** Levels of objects and lists. It stands in the Mac's description, of which a hub reads no more (lib/edge/bus/plain.ts). */
const DEEPEST = 40;
const ANYTHING = z.looseObject({});
/** Of the same listed tool: reading one takes its time, and all are read again when one server's are others. */
const known = new WeakMap<object, z.ZodObject>();

/** @returns what lets everything through where the server says nothing that can be used */
export function parametersOf(inputSchema: object): z.ZodObject {
  const before = known.get(inputSchema);
  if (before) return before;
  const made = readSchema(inputSchema);
  known.set(inputSchema, made);
  return made;
}

function readSchema(inputSchema: object): z.ZodObject {
  if (!isPlain(inputSchema, DEEPEST) || JSON.stringify(inputSchema).length > LONGEST) return ANYTHING;
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
