// What is said of a call for a machine that is frozen.
import type { FrozenBy, UsableNode } from "../../contracts/nodes.ts";

const BY: Record<FrozenBy, string> = {
  mac: "whoever sits at it",
  owner: "its owner",
  admin: "an admin, with all other machines",
};

/** Why the machine runs nothing, for the model and for people; undefined when it is not frozen. */
export function whyFrozen({ name, frozen }: Pick<UsableNode, "name" | "frozen">): string | undefined {
  if (!frozen) return undefined;
  const by = frozen.by.map((one) => BY[one]).join(", and by ");
  return `"${name}" is frozen since ${frozen.since} by ${by}: it runs nothing until it is thawed. Do not try it in another way.`;
}
