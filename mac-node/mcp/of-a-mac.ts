// The MCP servers of a Mac: those that its policy file names. Its owner may put secrets of the Mac into what they are given, and lets a
// server have any address: it is the owner's own.

import type { SecretSource } from "../secrets/call-secrets.ts";
import { namesIn, replaced } from "../secrets/placeholders.ts";
import { type Filled, McpHost, type McpHostSettings } from "./mcp-host.ts";
import type { McpGround, McpHosting, McpSpec } from "./spec.ts";
import { toolName } from "./tool-names.ts";

/** @param wanted as the policy file says now */
export function macMcp(wanted: McpHostSettings["wanted"]): (ground: McpGround) => McpHosting {
  return (ground) =>
    new McpHost({
      ...ground,
      wanted,
      fill: (spec) => withSecrets(spec, ground.secrets),
      // It leads nowhere else: what is sent to it may hold a secret.
      way: () => ({
        fetch: (url, init) => fetch(url, { ...init, redirect: "error" }),
        close: async () => {},
      }),
      words: { nameOf: toolName, shown: (text) => text },
    });
}

/** @throws Error in words: a secret that is not there is no empty one */
async function withSecrets(spec: McpSpec, source: SecretSource | undefined): Promise<Filled> {
  const values = new Map<string, string>();
  for (const name of namesIn("url" in spec ? spec.headers : spec.env)) {
    const value = await source?.get(name);
    if (value === undefined)
      throw new Error(`this Mac has no secret "${name}" (npm run node -- secret set ${name})`);
    values.set(name, value);
  }
  const filled = (texts: Record<string, string> = {}) =>
    Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [key, replaced(text, (secret) => values.get(secret) ?? "")]),
    );
  const secrets = [...values.values()];
  return "url" in spec
    ? { spec: { ...spec, headers: filled(spec.headers) }, secrets }
    : { spec: { ...spec, env: filled(spec.env) }, secrets };
}
