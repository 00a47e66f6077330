// The labels and tools a request narrows its run to: a name that none of the user's machines knows would be left out in silence.
import type { Caller } from "../../../contracts/access.ts";
import type { ChatBody } from "../../../contracts/agent.ts";
import { AppError } from "../../../lib/errors.ts";
import type { AgentContext } from "../context.ts";
import { whereOf } from "../loop/read-context.ts";
import type { Catalogue } from "../loop/turn.ts";

/** Names that the sentence tells, and those that have their path: of more the first ones, so that an answer stays small. */
const NAMED = 5;
const NAMED_PATHS = 50;

/**
 * @returns all the tools there are on the machines it names, asked for once; undefined where it names neither labels nor tools
 * @throws invalid_request with the path of each name that is unknown there, node_not_found
 */
export async function requireTools(
  agent: AgentContext,
  caller: Caller,
  body: Pick<ChatBody, "node_id" | "labels" | "tools">,
): Promise<Catalogue | undefined> {
  const { node_id, labels, tools: wanted = [] } = body;
  if (labels === undefined && wanted.length === 0) return undefined;
  const catalogue = await agent.ask(caller, "tools.offer", whereOf({ options: body }));
  const known = new Set(catalogue.tools.map(({ name }) => name));
  const unknown = wanted.flatMap((name, index) => (known.has(name) ? [] : [{ name, index }]));
  if (unknown.length === 0) return catalogue;
  const names = [...new Set(unknown.map(({ name }) => JSON.stringify(name)))];
  const rest = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  const place = node_id ? `The machine ${node_id} has` : "Your machines have";
  throw new AppError(
    "invalid_request",
    `${place} no tool ${names.slice(0, NAMED).join(", ")}${rest}. GET /api/v1/tools lists those there are; leave "tools" out to use them all.`,
    {
      errors: unknown.slice(0, NAMED_PATHS).map(({ index }) => ({
        path: `tools.${index}`,
        message: "is no tool of GET /api/v1/tools",
      })),
    },
  );
}
