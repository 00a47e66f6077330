// Machines as a model names them in its calls, where a user has several: by an argument besides those of the tool.

/** The argument. */
export const MACHINE = "machine";

type Named = { id: string; name: string };

/** By id: the name, made different where several have the same. */
export function namesOf(nodes: readonly Named[]): Map<string, string> {
  const isShared = ({ name }: Named) => nodes.filter((other) => other.name === name).length > 1;
  return new Map(nodes.map((node) => [node.id, isShared(node) ? `${node.name} (${node.id})` : node.name]));
}

/** The JSON Schema of a tool's arguments with the machine besides, where there are several and the tool has no such argument itself. */
export function withMachine(
  parameters: Record<string, unknown>,
  nodes: readonly Named[],
): Record<string, unknown> {
  const properties = Object(parameters.properties) as Record<string, unknown>;
  if (nodes.length < 2 || MACHINE in properties) return parameters;
  const machine = {
    ...{ type: "string", enum: [...namesOf(nodes).values()] },
    description: "Which of the user's machines to run on; the one that this run has worked on unless given",
  };
  return { ...parameters, properties: { ...properties, [MACHINE]: machine } };
}
