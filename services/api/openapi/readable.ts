// GET /api/docs: the OpenAPI page for people, as HTML without a script: what every route takes, answers and refuses.
import type { Json } from "./operation.ts";
import { openApiPage } from "./page.ts";

type Schema = Json & {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  description?: string;
  additionalProperties?: Schema | boolean;
};
type Media = Record<string, { schema?: Schema; itemSchema?: Schema; example?: unknown }>;
type Parameter = { name: string; in: string; required: boolean; schema: Schema };
type Answer = { $ref?: string; description?: string; content?: Media };
type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  security: unknown[];
  parameters?: Parameter[];
  requestBody?: { content: Media };
  responses: Record<string, Answer>;
};
type Page = {
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, Schema & { examples?: unknown[] }>;
    responses: Record<string, Answer>;
  };
};
type Route = { method: string; path: string; operation: Operation };

let html: string | undefined;

/** Made when it is asked for the first time. */
export function readablePage(): string {
  html ??= render(openApiPage() as unknown as Page);
  return html;
}

function render({ paths, components }: Page): string {
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const tags = [...new Set(routes.map(({ operation }) => operation.tags[0] ?? ""))];
  const menu = [...tags, "objects"].map((tag) => `<a href="#${escaped(tag)}">${escaped(tag)}</a>`).join("\n");
  const groups = tags.map((tag) => {
    const own = routes.filter(({ operation }) => operation.tags[0] === tag);
    return `<section id="${escaped(tag)}"><h2>${escaped(tag)}</h2>${own.map((route) => renderRoute(route, components)).join("")}</section>`;
  });
  const objects = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="object-${escaped(name)}"><summary><code>${escaped(name)}</code></summary>
${schema.description ? `<p>${words(schema.description)}</p>` : ""}${fields(schema)}${example(schema.examples?.[0])}</details>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MacJarvis: the HTTP API</title>
<link rel="stylesheet" href="/api/docs.css">
</head>
<body>
<header><h1>MacJarvis: the HTTP API</h1>
<p>All paths are below <code>/api/v1</code>. Send <code>Authorization: Bearer …</code> with an access token or an API key.
What is refused comes as <code>application/problem+json</code>. For programs: <a href="/api/v1/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<nav>${menu}</nav></header>
<main>${groups.join("\n")}
<section id="objects"><h2>objects</h2>${objects.join("\n")}</section></main>
</body>
</html>
`;
}

function renderRoute({ method, path, operation }: Route, components: Page["components"]): string {
  const { summary, parameters = [], requestBody, responses, security, operationId } = operation;
  const body = requestBody?.content["application/json"];
  const isRefusal = (answer: Answer) => answer.$ref !== undefined;
  const answers = Object.entries(responses).filter(([, answer]) => !isRefusal(answer));
  const refusals = Object.entries(responses).filter(([, answer]) => isRefusal(answer));
  return `<details id="${escaped(operationId)}"><summary><span class="method ${method.toLowerCase()}">${method}</span>
<code>${escaped(path)}</code> <span>${escaped(summary)}</span>${security.length === 0 ? " <em>open</em>" : ""}</summary>
${parameters.length === 0 ? "" : `<h3>Parameters</h3>${table(parameters.map((one) => [one.name, one.in, one.required, one.schema]))}`}
${body ? `<h3>Body</h3>${fields(body.schema ?? {})}${example(body.example)}` : ""}
${answers.map(([status, answer]) => `<h3>${status}</h3>${renderAnswer(answer)}`).join("")}
<h3>Refused</h3><table>${refusals.map(([status, { $ref = "" }]) => `<tr><th>${status}</th><td>${words(components.responses[nameOf($ref)]?.description ?? "")}</td></tr>`).join("")}</table>
</details>`;
}

function renderAnswer({ description = "", content = {} }: Answer): string {
  const medias = Object.entries(content).map(([type, { schema, itemSchema }]) => {
    const shown = itemSchema ?? schema ?? {};
    return `<p><code>${escaped(type)}</code>${shown.$ref ? `: ${link(shown.$ref)}` : ""}</p>${shown.$ref ? "" : fields(shown)}`;
  });
  return `${description === "OK" ? "" : `<p>${words(description)}</p>`}${medias.join("")}`;
}

/** The fields of an object; what is none says its type. */
function fields(schema: Schema): string {
  const parts = schema.allOf ?? schema.oneOf ?? schema.anyOf;
  if (!schema.properties) {
    if (parts) return `<p>${parts.map(typeOf).join(schema.allOf ? " and " : " or ")}</p>`;
    return schema.type && schema.type !== "object" ? `<p>${typeOf(schema)}</p>` : "";
  }
  const required = new Set(schema.required);
  return table(
    Object.entries(schema.properties).map(([name, property]) => [name, "", required.has(name), property]),
  );
}

function table(rows: [name: string, place: string, isRequired: boolean, schema: Schema][]): string {
  const lines = rows.map(
    ([name, place, isRequired, schema]) =>
      `<tr><th><code>${escaped(name)}</code></th><td>${[place, isRequired ? "" : "optional"].filter(Boolean).join(", ")}</td>
<td>${typeOf(schema)}${schema.description ? ` ${words(schema.description)}` : ""}</td></tr>`,
  );
  return `<table>${lines.join("")}</table>`;
}

function typeOf(schema: Schema): string {
  if (schema.$ref) return link(schema.$ref);
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(" | ");
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts) return parts.map(typeOf).join(" | ");
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (schema.properties) {
    const inner = Object.entries(schema.properties).map(
      ([name, property]) =>
        `<code>${escaped(name)}${schema.required?.includes(name) ? "" : "?"}</code>: ${typeOf(property)}`,
    );
    return `{ ${inner.join(", ")} }`;
  }
  if (typeof schema.additionalProperties === "object")
    return `by name: ${typeOf(schema.additionalProperties)}`;
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type;
  const limits = ["format", "minimum", "maximum", "minLength", "maxLength", "default"]
    .filter((name) => schema[name] !== undefined && !/^(starts_with|regex)$/.test(String(schema[name])))
    .filter((name) => Math.abs(Number(schema[name])) !== Number.MAX_SAFE_INTEGER)
    .map((name) => (name === "format" ? String(schema[name]) : `${name} ${JSON.stringify(schema[name])}`));
  return `${escaped(type ?? "any")}${limits.length > 0 ? ` <small>${escaped(limits.join(", "))}</small>` : ""}`;
}

const nameOf = (ref: string) => ref.split("/").at(-1) ?? "";
const link = (ref: string) => `<a href="#object-${escaped(nameOf(ref))}">${escaped(nameOf(ref))}</a>`;
const code = (value: unknown) => `<code>${escaped(JSON.stringify(value))}</code>`;
const example = (value: unknown) =>
  value === undefined ? "" : `<pre>${escaped(JSON.stringify(value, null, 2))}</pre>`;
/** Words with `code` in them. */
const words = (text: string) => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");
const escaped = (text: string) =>
  text.replace(
    /[&<>"]/g,
    (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign] ?? sign,
  );
