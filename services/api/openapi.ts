// GET /openapi.json: the routes and what they take, made from the route table and the zod schemas that check the calls.
import { z } from "zod";
import { type Exchange, sendJson } from "./handle-request.ts";
import { ROUTES, type Route } from "./routes.ts";

let page: Record<string, unknown> | undefined;

/** Made when it is asked for the first time. */
export async function openApi({ response }: Exchange): Promise<void> {
  page ??= pageOf(ROUTES);
  sendJson(response, 200, page);
}

function pageOf(routes: Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "MacJarvis",
      version: "1",
      description: "Errors are application/problem+json (RFC 9457).",
    },
    servers: [{ url: "/api/v1" }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An access token or an API key." },
      },
      schemas: { Problem: PROBLEM },
    },
  };
}

type JsonSchema = { properties?: Record<string, object>; required?: string[] };

function operationOf({ method, path, auth, target, input, status = 200 }: Route): Record<string, unknown> {
  const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? "");
  const { properties = {}, required = [] } = (input ? toJsonSchema(input) : {}) as JsonSchema;
  const rest = Object.keys(properties).filter((name) => !inPath.includes(name));
  const parameters = [
    ...inPath.map((name) => parameter("path", name, properties[name], true)),
    ...(method === "GET" ? rest : []).map((name) =>
      parameter("query", name, properties[name], required.includes(name)),
    ),
  ];
  const body = {
    type: "object",
    properties: Object.fromEntries(rest.map((name) => [name, properties[name]])),
    required: required.filter((name) => rest.includes(name)),
    additionalProperties: false,
  };
  const hasBody = method !== "GET" && rest.length > 0;
  return {
    operationId: typeof target === "string" ? target : target.special,
    tags: [path.split("/")[1]],
    security: auth === "open" ? [] : [{ bearer: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(hasBody
      ? {
          requestBody: {
            required: body.required.length > 0,
            content: { "application/json": { schema: body } },
          },
        }
      : {}),
    responses: {
      [status]: { description: streams(target) ? "text/event-stream" : "OK" },
      default: {
        description: "A problem",
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    },
  };
}

function parameter(place: "path" | "query", name: string, schema: object | undefined, required: boolean) {
  return { name, in: place, required, schema: schema ?? { type: "string" } };
}

const toJsonSchema = (input: z.ZodObject) => z.toJSONSchema(input, { io: "input", unrepresentable: "any" });

function streams(target: Route["target"]): boolean {
  return typeof target !== "string" && (target.special === "chat" || target.special === "events");
}

const PROBLEM = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "request_id"],
  properties: {
    type: { type: "string", format: "uri" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string", description: "One of docs/errors.md." },
    request_id: { type: "string" },
    errors: {
      type: "array",
      items: { type: "object", properties: { path: { type: "string" }, message: { type: "string" } } },
    },
  },
};
