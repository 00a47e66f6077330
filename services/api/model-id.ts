// The two kinds of models that the doors for other programs name (docs/doors.md).

/** The agent, with the default model; with another one behind a slash. */
export const AGENT = "macjarvis";

/** @returns how the run is asked for: `model` is undefined for the default. */
export function readModelId(id: string): { mode: "agent" | "model"; model: string | undefined } {
  if (id === AGENT) return { mode: "agent", model: undefined };
  if (id.startsWith(`${AGENT}/`)) return { mode: "agent", model: id.slice(AGENT.length + 1) };
  return { mode: "model", model: id };
}
