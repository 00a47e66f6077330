// What a call would mean on this machine, told before anybody is asked about it (`node.resolve`). Runs nothing, looks no name
// up, writes nothing.

import type { Bound } from "../../contracts/bound.ts";
import { ANY_HOST, hostOf } from "../../contracts/hosts.ts";
import type { ResolvedCall, Tool } from "../../contracts/tools.ts";
import { failureOf } from "./failure.ts";

/** Hosts one call may send to: a question that names more is one nobody reads. */
const MOST_HOSTS = 50;

/** Never throws: a tool that cannot say what a call means has a call that cannot run. */
export async function resolveCall(
  tools: ReadonlyMap<string, Tool>,
  call: { name: string; args: unknown },
): Promise<ResolvedCall> {
  const tool = tools.get(call.name);
  if (!tool) return { error: { code: "unknown_tool", message: `This machine has no tool "${call.name}".` } };
  const args = tool.parameters.safeParse(call.args);
  if (!args.success)
    return { error: { code: "invalid_arguments", message: "The arguments do not fit the tool." } };
  try {
    return { bound: boundOf(tool, args.data) };
  } catch (thrown) {
    const { error } = failureOf(thrown);
    return { error: error ?? { code: "tool_error", message: "The tool failed." } };
  }
}

function boundOf(tool: Tool, args: unknown): Bound {
  return { hosts: hostsOf(tool, args) };
}

/** @throws Error when what the tool gives are no hosts */
function hostsOf({ name, egress }: Tool, args: unknown): string[] {
  if (!egress) return [];
  const given: unknown = egress(args);
  if (!Array.isArray(given) || given.length > MOST_HOSTS)
    throw new Error(`The tool "${name}" must say where it sends as a list of at most ${MOST_HOSTS} hosts.`);
  const hosts = given.map((host: unknown) => (host === ANY_HOST ? host : hostOf(String(host))));
  if (hosts.includes(undefined)) throw new Error(`The tool "${name}" names something that is no host.`);
  return [...new Set(hosts as string[])].toSorted();
}
