// The doors of the gateway: one for each protocol that people's programs speak. All lead to the same actions, with the same credentials,
// quota, policy and audit; a door translates, and says in its protocol's words what is refused.
/** `api`: our own. `mcp`: the Model Context Protocol. `openai`, `anthropic`: for programs made for them. `page`: what a browser opens. */
export type Door = "api" | "mcp" | "openai" | "anthropic" | "page";

/** What all paths of a door begin with. */
export const PREFIXES: Record<Door, string> = {
  api: "/api/v1",
  mcp: "/mcp",
  openai: "/v1",
  anthropic: "/anthropic/v1",
  page: "",
};

/** The door that a path belongs to; `api` for what belongs to none. */
export function doorOf(path: string): Door {
  const doors = Object.entries(PREFIXES) as [Door, string][];
  const isBelow = (prefix: string) => prefix !== "" && (path === prefix || path.startsWith(`${prefix}/`));
  return doors.find(([, prefix]) => isBelow(prefix))?.[0] ?? "api";
}
