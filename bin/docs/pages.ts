// The generated pages: the environment from its schema, the errors from their catalogue.
import { homedir } from "node:os";
import type { z } from "zod";
import { SETTINGS, type SettingName } from "../../contracts/settings.ts";
import { ENVIRONMENT, NAMED_VARIABLES } from "../../lib/env.ts";
import { CATALOGUE } from "../../lib/errors.ts";
import { VARIABLES } from "../../lib/settings/default-settings.ts";

export function configPage(): string {
  const rows = Object.entries(ENVIRONMENT).map(
    ([name, schema]) => `| \`${name}\` | ${defaultOf(schema)} | ${schema.description ?? ""} |`,
  );
  return [
    "# Configuration",
    "",
    "The environment is read once, at the start; some of what it sets can be changed while the server runs (below). Made from",
    "`lib/env.ts` and `contracts/config.ts` by `npm run docs`.",
    "",
    "| variable | default | meaning |",
    "|---|---|---|",
    ...rows,
    ...Object.entries(NAMED_VARIABLES).map(([name, meaning]) => `| \`${name}\` | – | ${meaning} |`),
    "",
    ...changeable(),
  ].join("\n");
}

function changeable(): string[] {
  const rows = (Object.keys(SETTINGS) as SettingName[]).map(
    (name) =>
      `| \`${name}\` | ${VARIABLES[name] ? `\`${VARIABLES[name]}\`` : "–"} | ${SETTINGS[name].description ?? ""} |`,
  );
  return [
    "## What an admin changes while it runs",
    "",
    "`GET /api/v1/admin/config` shows what holds, what would hold otherwise, and where each comes from. `PUT /api/v1/admin/config` takes",
    "what is overridden from now on, all of it: what it does not name is as the environment says. What only a newer version",
    "knows may stay in it as it is stored. Its answer and `GET` have the",
    "revision as `ETag`; with `If-Match` a change is refused (412) when somebody else was quicker. `POST /api/v1/admin/config/revert`",
    '(body `{}`, or `{"to": 3}` for a revision of `GET /api/v1/admin/config/history`) brings former values back. A change is in the audit',
    "trail (`npm run audit -- show`), survives restarts and holds in every process of a cluster, within a second, without a restart:",
    "",
    "| setting | default from | meaning, and for what a change holds |",
    "|---|---|---|",
    ...rows,
    "",
    "Everything else needs a restart. Secrets, addresses and what the sandbox allows are never changed this way.",
    "",
  ];
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
