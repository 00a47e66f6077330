// The generated pages: the environment from its schema, the errors from their catalogue.
import { homedir } from "node:os";
import type { z } from "zod";
import { ENVIRONMENT, NAMED_VARIABLES } from "../../lib/env.ts";
import { CATALOGUE } from "../../lib/errors.ts";

export function configPage(): string {
  const rows = Object.entries(ENVIRONMENT).map(
    ([name, schema]) => `| \`${name}\` | ${defaultOf(schema)} | ${schema.description ?? ""} |`,
  );
  return [
    "# Configuration",
    "",
    "Everything is read from the environment, once, at the start. Made from `lib/env.ts` by `npm run docs`.",
    "",
    "| variable | default | meaning |",
    "|---|---|---|",
    ...rows,
    ...Object.entries(NAMED_VARIABLES).map(([name, meaning]) => `| \`${name}\` | – | ${meaning} |`),
    "",
  ].join("\n");
}

/** What the schema gives when the variable is not set. */
function defaultOf(schema: z.ZodType): string {
  const { success, data } = schema.safeParse(undefined);
  if (!success || data === undefined || (Array.isArray(data) && data.length === 0)) return "–";
  return `\`${String(data).replace(homedir(), "~")}\``;
}

export function errorsPage(): string {
  const rows = Object.entries(CATALOGUE).map(
    ([type, { status, title, retryable }]) =>
      `| \`${type}\` | ${status} | ${retryable ? "yes" : "no"} | ${title} |`,
  );
  return [
    "# Errors",
    "",
    "Every error is `application/problem+json` with `{type, title, status, detail, code, request_id, errors?}`; `code` is one of these.",
    "`detail` says what to do. Retryable errors may carry `Retry-After`. A type that is retired is never used again.",
    "Made from `lib/errors.ts` by `npm run docs`.",
    "",
    "| code | status | retryable | meaning |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
