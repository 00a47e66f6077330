// The MCP server of one request: what its caller's credential opens is there, anything else is not.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { hasScope } from "../../../lib/broker/authorization.ts";
import { toError } from "../../../lib/errors.ts";
import { problemOf } from "../problem.ts";
import type { Asked } from "./asked.ts";
import { callTool } from "./call-tool.ts";
import { listTools } from "./list-tools.ts";
import { answeredError } from "./refuse.ts";
import { listSessions, readSession, TEMPLATES } from "./resources.ts";

const INSTRUCTIONS =
  "Tools that run on the user's Macs and servers, under the user's own policy: some calls are asked about first. `ask_agent` gives a task to the agent, which works with the same tools.";

/** The SDK would make an Ajv for each server, so for each request, to check what nothing here asks for. */
const NO_VALIDATOR = {
  getValidator: () => {
    throw new Error("nothing is checked by the SDK's validator");
  },
};

const package_ = JSON.parse(await readFile(join(import.meta.dirname, "../../../package.json"), "utf8")) as {
  version: string;
};

export function openMcpServer(asked: Asked): Server {
  const { caller } = asked;
  const hasTools = hasScope(caller, "tools:execute", "chat");
  const hasSessions = hasScope(caller, "sessions:read");
  const server = new Server(
    { name: "macjarvis", title: "MacJarvis", version: package_.version },
    {
      capabilities: { ...(hasTools ? { tools: {} } : {}), ...(hasSessions ? { resources: {} } : {}) },
      instructions: INSTRUCTIONS,
      jsonSchemaValidator: NO_VALIDATOR,
    },
  );
  if (hasTools) {
    server.setRequestHandler(ListToolsRequestSchema, () =>
      answered(asked, async () => ({ tools: await listTools(asked) })),
    );
    server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) =>
      answered(asked, () => callTool(asked, extra, params)),
    );
  }
  if (hasSessions) {
    server.setRequestHandler(ListResourcesRequestSchema, ({ params }) =>
      answered(asked, () => listSessions(asked, params?.cursor)),
    );
    server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: TEMPLATES }));
    server.setRequestHandler(ReadResourceRequestSchema, ({ params }) =>
      answered(asked, () => readSession(asked, params.uri)),
    );
  }
  return server;
}

/** As the SDK makes a JSON-RPC error of what is thrown: it takes `code`, `message` and `data` as they are. */
async function answered<T>({ exchange, ending }: Asked, work: () => Promise<T>): Promise<T> {
  const ends = Promise.withResolvers<never>();
  const end = () => ends.reject(ending.reason);
  ending.addEventListener("abort", end, { once: true });
  if (ending.aborted) end();
  try {
    return await Promise.race([work(), ends.promise]);
  } catch (thrown) {
    const problem = problemOf(thrown);
    const { requestId, log } = exchange;
    if (problem.type === "internal")
      log.error({ err: toError(thrown), request_id: requestId }, "a request failed");
    const { message, ...rest } = answeredError(problem, requestId);
    throw Object.assign(new Error(message), rest);
  } finally {
    ending.removeEventListener("abort", end);
  }
}
