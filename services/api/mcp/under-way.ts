// The requests to `/mcp` that are under way, for a gateway that shuts down.

/** How each is ended: answered with the advice to come again. */
export const UNDER_WAY = new Set<() => void>();

export function endMcp(): void {
  for (const end of UNDER_WAY) end();
}
