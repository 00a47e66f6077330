// The two kinds of models that programs made for a vendor see here: the agent, with our tools on the user's machines, and a model alone, with
// the program's own tools.

const AGENT = "macjarvis";

/** `model`: `provider/model`; the default unless said. */
export type ChosenModel = { mode: "agent"; model?: string } | { mode: "model"; model: string };

/** `macjarvis` and `macjarvis/<provider>/<model>` are the agent, anything else the model alone. */
export function chosenModel(id: string): ChosenModel {
  if (id === AGENT) return { mode: "agent" };
  if (id.startsWith(`${AGENT}/`)) return { mode: "agent", model: id.slice(AGENT.length + 1) };
  return { mode: "model", model: id };
}

/** All ids for the `provider/model` that users may choose: the agent first. */
export function idsOf(models: string[]): string[] {
  return [AGENT, ...models.map((model) => `${AGENT}/${model}`), ...models];
}
