// tools/call: through the very action of POST /tools/{name}/execute, so with its policy, journal, audit and limits. Where policy asks, the
// person at the client is asked if the client can do that; else the result says where to answer.
import type { CallToolRequest, CallToolResult } from "@modelcontextprotocol/sdk/types.js";
import type { Approval } from "../../../contracts/agent.ts";
import type { ToolResult } from "../../../contracts/tools.ts";
import { hasScope } from "../../../lib/broker/authorization.ts";
import { AppError, type ErrorExtras, isType } from "../../../lib/errors.ts";
import { metaNow } from "../handle-request.ts";
import { sayWhenLeft } from "../say-when-left.ts";
import { askAgent } from "./ask-agent.ts";
import { ASK_AGENT } from "./ask-agent-tool.ts";
import type { Asked, Extra } from "./asked.ts";
import { answeredHere } from "./elicit.ts";
import { unlessCutOff } from "./ending.ts";
import { choiceOf, NODE, placeOf, toolsOf } from "./list-tools.ts";
import { Progress } from "./progress.ts";
import { refusalOf, resultOf } from "./tool-result.ts";

type Call = { name: string; args: Record<string, unknown>; node_id?: string };

/** @throws what is for the program: no such tool, no right, too many, a store that is away */
export async function callTool(
  asked: Asked,
  extra: Extra,
  { name, arguments: args = {} }: CallToolRequest["params"],
): Promise<CallToolResult> {
  const isAgent = name === ASK_AGENT && hasScope(asked.caller, "chat");
  if (!isAgent && !hasScope(asked.caller, "tools:execute")) throw noSuchTool(name);
  const progress = new Progress(extra);
  try {
    return isAgent ? await askAgent(asked, extra, args, progress) : await run(asked, extra, name, args);
  } catch (thrown) {
    return refusalOf(thrown);
  } finally {
    progress.stop();
  }
}

async function run(
  asked: Asked,
  extra: Extra,
  name: string,
  args: Record<string, unknown>,
): Promise<CallToolResult> {
  const call = NODE in args ? await withNode(asked, name, args) : { name, args };
  try {
    return await execute(asked, extra, call);
  } catch (thrown) {
    const { show } = (thrown as { data?: ErrorExtras }).data ?? {};
    if (!isType(thrown, "approval_required") || !show?.approval) throw thrown;
    const question = show.approval as Approval;
    if (!(await answeredHere(asked, extra, question, await placeOf(asked, question)))) throw thrown;
    return execute(asked, extra, call);
  }
}

/** @throws tool_not_found, invalid_request */
async function withNode(asked: Asked, name: string, given: Record<string, unknown>): Promise<Call> {
  const { tools, nodes } = await toolsOf(asked);
  const tool = tools.find((one) => one.name === name);
  if (!tool) throw noSuchTool(name);
  const choice = choiceOf(tool, nodes);
  if (choice.size === 0) return { name, args: given };
  const { [NODE]: wanted, ...args } = given;
  const node_id = choice.get(String(wanted));
  if (node_id !== undefined) return { name, args, node_id };
  const message = `must be one of ${[...choice.keys()].map((one) => JSON.stringify(one)).join(", ")}`;
  throw new AppError("invalid_request", `"${NODE}" ${message}.`, { errors: [{ path: NODE, message }] });
}

const noSuchTool = (name: string) =>
  new AppError("tool_not_found", `There is no tool "${name.slice(0, 100)}".`);

/** Ended on its machine when nobody waits for it any more: cancelled, its client left, its credential ended. */
async function execute({ exchange, ending }: Asked, { signal }: Extra, call: Call): Promise<CallToolResult> {
  const { broker, ports, requestId } = exchange;
  const leaving = sayWhenLeft(ports.signals, (left) => {
    signal.addEventListener("abort", left, { once: true });
    if (signal.aborted) left();
  });
  const meta = { ...metaNow(exchange), ...leaving.meta };
  const called = broker.call("tools.execute", { ...call, ask: true }, { meta, requestID: requestId });
  // Not before: what is cut off here is ended there.
  called.then(leaving.stop, leaving.stop);
  return resultOf((await unlessCutOff(ending, called)) as ToolResult);
}
