// What a call would mean on this machine, told before anybody is asked about it (`node.resolve`). Runs nothing, looks no name
// up, writes nothing.
import type { ResolvedCall } from "../../contracts/tools.ts";
import { failureOf } from "../../lib/tools/calls/failure.ts";
import type { FoundTool } from "../../lib/tools/found-tool.ts";
import { inScope } from "../../lib/tools/strays.ts";
import { type BindingSettings, bind } from "../binding/bind.ts";

/** Never throws: a tool that cannot say what a call means has a call that cannot run. */
export async function resolveCall(
  tools: ReadonlyMap<string, FoundTool>,
  call: { name: string; args: unknown },
  settings: BindingSettings,
): Promise<ResolvedCall> {
  const found = tools.get(call.name);
  if (!found) return { error: { code: "unknown_tool", message: `This machine has no tool "${call.name}".` } };
  try {
    const tool = await found.load();
    const args = tool.parameters.safeParse(call.args);
    if (!args.success)
      return { error: { code: "invalid_arguments", message: "The arguments do not fit the tool." } };
    const scope = { what: tool.name, end: settings.stray };
    return { bound: await inScope(scope, () => bind(tool, args.data, settings)) };
  } catch (thrown) {
    const { error } = failureOf(thrown);
    return { error: error ?? { code: "tool_error", message: "The tool failed." } };
  }
}
