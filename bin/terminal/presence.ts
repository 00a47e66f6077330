// Whether a machine is there, how busy it is and how full its battery, in short: for the chat and the REPL.
import type { Node } from "../../contracts/nodes.ts";
import type { Texts } from "./texts.ts";

export function presenceOf(
  { status, load, battery }: Pick<Node, "status" | "load" | "battery">,
  { nodes }: Pick<Texts, "nodes">,
): string {
  return [
    nodes.status[status],
    ...(load === undefined ? [] : [nodes.load(Math.round(load * 100))]),
    ...(battery === undefined ? [] : [nodes.battery(Math.round(battery.percent), battery.charging)]),
  ].join(nodes.comma);
}
