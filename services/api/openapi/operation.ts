// One route as an operation of the page.
import { z } from "zod";
import type { Route } from "../routes.ts";
import { OTHERS, operationOf } from "./answers.ts";
import { SUMMARIES } from "./summaries.ts";

export type Json = Record<string, unknown>;
type ObjectSchema = { properties?: Record<string, object>; required?: string[] };

/** @param schemaOf the schema of an answer by the name of the operation and its status */
export function describeRoute(
  route: Route,
  schemaOf: (name: string) => Json | undefined,
  refusalsOf: (route: Route) => Json,
): Json {
  const { method, path, auth, input, lasts, raw } = route;
  const name = operationOf(route);
  const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => match[1] ?? "");
  const { properties = {}, required = [] } = (input ? toJsonSchema(input) : {}) as ObjectSchema;
  const rest = Object.keys(properties).filter((field) => !inPath.includes(field));
  const parameters = [
    ...inPath.map((field) => parameter("path", field, properties[field], true)),
    ...(method === "GET" || raw ? rest : []).map((field) =>
      parameter("query", field, properties[field], required.includes(field)),
    ),
    ...headersOf(name),
  ];
  const body = {
    type: "object",
    properties: Object.fromEntries(rest.map((field) => [field, properties[field]])),
    required: required.filter((field) => rest.includes(field)),
    additionalProperties: false,
  };
  const hasBody = method !== "GET" && !raw && rest.length > 0;
  return {
    operationId: name,
    summary: SUMMARIES[name],
    tags: [path.split("/")[1]?.replace(".json", "")],
    security: auth === "open" ? [] : [{ bearer: [] }],
    ...(lasts ? { "x-ends-with-credential": true } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(raw ? { requestBody: uploadBody(properties) } : {}),
    ...(hasBody
      ? {
          requestBody: {
            required: body.required.length > 0,
            content: { "application/json": { schema: body, ...exampleOf(name) } },
          },
        }
      : {}),
    responses: { ...successOf(route, name, schemaOf), ...refusalsOf(route) },
  };
}

function successOf(route: Route, name: string, schemaOf: (name: string) => Json | undefined): Json {
  const others = Object.entries(OTHERS[name] ?? {}).map(([status, { description }]) => {
    const schema = schemaOf(`${name} ${status}`);
    return [status, { description, ...(schema ? { content: { "application/json": { schema } } } : {}) }];
  });
  return { [route.status ?? 200]: answerWith(name, schemaOf(name)), ...Object.fromEntries(others) };
}

function answerWith(name: string, schema: Json | undefined): Json {
  if (name === "chat" || name === "events")
    return {
      description: "Server-sent events of the run; each `data` with its name is one of `RunEvent`.",
      content: {
        "text/event-stream": {
          itemSchema: { $ref: "#/components/schemas/RunEvent" },
          schema: { type: "string" },
        },
      },
    };
  if (name === "news")
    return {
      description:
        "Server-sent events of all that is yours; each `data` with its name is one of `UserEvent`.",
      content: {
        "text/event-stream": {
          itemSchema: { $ref: "#/components/schemas/UserEvent" },
          schema: { type: "string" },
        },
      },
    };
  if (name === "download") return { description: "The bytes.", content: { "*/*": { schema: BYTES } } };
  if (!schema) return { description: "Done; there is no body." };
  const markdown = name === "export" ? { "text/markdown": { schema: { type: "string" } } } : {};
  return { description: "OK", content: { "application/json": { schema }, ...markdown } };
}

const BYTES = { type: "string", format: "binary" };

/** The file itself under any content type, or a form with it, which may have the parameters as fields. */
function uploadBody(fields: Record<string, object>): Json {
  const form = { type: "object", properties: { ...fields, file: BYTES }, required: ["file"] };
  return {
    required: true,
    content: {
      "application/octet-stream": { schema: BYTES },
      "multipart/form-data": { schema: form },
    },
  };
}

function parameter(
  place: "path" | "query" | "header",
  name: string,
  schema: object | undefined,
  required: boolean,
) {
  return { name, in: place, required, schema: schema ?? { type: "string" } };
}

const text = { type: "string" };
function headersOf(name: string): Json[] {
  if (name === "chat" || name === "chat_sync")
    return [parameter("header", "Idempotency-Key", { ...text, minLength: 1, maxLength: 255 }, false)];
  if (name === "events")
    return [parameter("header", "Last-Event-ID", { type: "integer", minimum: 0 }, false)];
  if (name === "config_set" || name === "config_revert")
    return [parameter("header", "If-Match", text, false)];
  return [];
}

const EXAMPLES: Record<string, Json> = {
  chat: { message: "How full is my disk?" },
  chat_sync: { message: "How full is my disk?", max_steps: 5, budget: { cost_usd: 0.05 } },
  "users.register": { email: "ada@example.com", password: "correct horse battery 9", display_name: "Ada" },
  "users.login": { email: "ada@example.com", password: "correct horse battery 9" },
  "users.signIn": { code: "mjc_…", cookie: true },
  "users.createKey": { name: "laptop", scopes: ["chat", "sessions:read"] },
  "agent.approve": { decision: "approve", remember: "session" },
  "sessions.create": { title: "Holiday photos" },
  "tools.execute": { args: { path: "~/Desktop" } },
  "tools.setPolicy": { rules: [{ category: "filesystem", risk: "read", decision: "allow" }] },
  "tools.checkPolicy": { name: "execute_command", args: { command: "rm -r ~/Downloads/old" } },
  "nodes.update": { name: "Studio", labels: { room: "studio" } },
  "nodes.share": { grants: [{ email: "bob@example.com", risks: ["read"], decision: "allow" }] },
};
function exampleOf(name: string): Json {
  return EXAMPLES[name] ? { example: EXAMPLES[name] } : {};
}

const toJsonSchema = (input: z.ZodObject) => z.toJSONSchema(input, { io: "input", unrepresentable: "any" });
