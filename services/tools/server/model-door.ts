// The way of one call to the model of its run: what it uses is noted with the call as it goes.
import type { ServiceBroker } from "moleculer";
import type { ModelDoor, ServerToolContext } from "../../../contracts/server-tools.ts";
import { CALL_OVER, type CallOver } from "../../../contracts/signals.ts";
import type { CallUsage, RunOfTool } from "../../../contracts/tool-runs.ts";
import { callAs, SYSTEM } from "../../../lib/broker/action.ts";
import type { Signals } from "../../../lib/ports/signals.ts";
import { ToolFailure } from "../../../lib/tools/tool-failure.ts";

type Given = {
  broker: ServiceBroker;
  signals: Signals;
  call: ServerToolContext["call"];
  signal: AbortSignal;
  deadlineAt: number;
  /** All that the call has used until now. */
  spent: { usage: CallUsage };
  note(): Promise<void>;
};

export function modelDoor({ broker, signals, call, signal, deadlineAt, spent, note }: Given): ModelDoor {
  const { user_id, run_id, call_id } = call;
  const user = { ...SYSTEM, user_id };
  let run: Promise<RunOfTool> | undefined;
  const underWay = new Set<{ input_tokens: number; output_tokens: number }>();
  const over = () => signals.publish(CALL_OVER, { call_id } satisfies CallOver);
  signal.addEventListener("abort", over, { once: true });
  return {
    async window() {
      run ??= callAs(broker, "tools", user, "agent.runOfTool", { run_id });
      return (await run).window;
    },
    async ask(instruction, text, max_output_tokens) {
      const timeout = Math.max(1, deadlineAt - Date.now());
      const question = { run_id, call_id, instruction, text, max_output_tokens };
      const asked = { ...question, spent: spent.usage, under_way: sumOf(underWay), deadline_at: deadlineAt };
      const mine = { input_tokens: guessed(instruction + text), output_tokens: max_output_tokens };
      underWay.add(mine);
      const said = await callAs(broker, "tools", user, "agent.askModel", asked, { timeout }).finally(() =>
        underWay.delete(mine),
      );
      spent.usage = added(spent.usage, said.usage);
      await note();
      if ("refused" in said) throw new ToolFailure(said.refused.code, said.refused.message);
      return { text: said.text, isCut: said.isCut };
    },
  };
}

/** Rather too many: several questions at once must not use more together than each alone might. */
const BYTES_PER_TOKEN = 3;
const guessed = (text: string) => Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);

function sumOf(tokens: Iterable<{ input_tokens: number; output_tokens: number }>) {
  const sum = { input_tokens: 0, output_tokens: 0 };
  for (const { input_tokens, output_tokens } of tokens) {
    sum.input_tokens += input_tokens;
    sum.output_tokens += output_tokens;
  }
  return sum;
}

function added(a: CallUsage, b: CallUsage): CallUsage {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cost_micro: a.cost_micro + b.cost_micro,
    estimated: a.estimated || b.estimated,
  };
}
