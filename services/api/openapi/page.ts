// The OpenAPI page: every route with what it takes, answers and refuses, made from the route table and the zod schemas that check them.
import { z } from "zod";
import { NAMED } from "../../../contracts/answers/basics.ts";
// Its events are named there.
import "../../../contracts/answers/events.ts";
import "../../../contracts/answers/news.ts";
import { ROUTES } from "../routes.ts";
import { answerOf, OTHERS, operationOf } from "./answers.ts";
import { describeRoute, type Json } from "./operation.ts";
import { PROBLEM } from "./problems.ts";
import { Refusals } from "./refusals.ts";

/** Pages are for browsers. */
const API = ROUTES.filter(({ door = "api" }) => door === "api");

let page: Json | undefined;

/** OpenAPI 3.1. Made when it is asked for the first time. */
export function openApiPage(): Json {
  page ??= makePage();
  return page;
}

function makePage(): Json {
  const { components, schemaOf } = schemas();
  const refusals = new Refusals();
  const paths: Record<string, Json> = {};
  for (const route of API) {
    const path = route.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: describeRoute(route, schemaOf, refusals.of),
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "MacJarvis",
      version: "1",
      description:
        "An agent that operates Macs. Errors are application/problem+json (RFC 9457). Answers may get further fields.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/api/v1" }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "An access token or an API key." },
      },
      schemas: components,
      responses: refusals.components,
    },
  };
}

const PLACE = "#/components/schemas/";

/** Named schemas are components, the answers themselves stand where they are given. */
function schemas(): { components: Json; schemaOf: (name: string) => Json | undefined } {
  const all = z.registry<{ id: string; description?: string; examples?: unknown[] }>();
  for (const [schema, meta] of NAMED) all.add(schema, meta);
  const inline = new Map<string, z.ZodType>();
  for (const route of API) {
    const name = operationOf(route);
    const answers = Object.entries(OTHERS[name] ?? {}).map(
      ([status, { schema }]) => [`${name} ${status}`, schema] as const,
    );
    for (const [id, schema] of [[name, answerOf(name)] as const, ...answers])
      if (schema) inline.set(id, schema);
  }
  for (const [id, schema] of inline) if (!all.has(schema)) all.add(schema, { id });
  const made = z.toJSONSchema(all, {
    uri: (id) => PLACE + id,
    io: "output",
    unrepresentable: "any",
    // A server may be newer than its clients.
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  }).schemas as Record<string, Json>;
  const withoutPlace = ({ $schema: _schema, $id: _id, id: _own, ...schema }: Json) => schema;
  const schemaOf = (name: string) => {
    const schema = inline.get(name);
    const id = schema && all.get(schema)?.id;
    if (id === undefined) return undefined;
    return inline.has(id) && made[id] ? withoutPlace(made[id]) : { $ref: PLACE + id };
  };
  const components = Object.fromEntries(
    Object.entries(made)
      .filter(([id]) => !inline.has(id))
      .map(([id, schema]) => [id, withoutPlace(schema)]),
  );
  return { components: { ...components, Problem: PROBLEM }, schemaOf };
}
