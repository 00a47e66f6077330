// What operators see of a run: a log line and a count for each thing that is told of it, once even when its process died in
// between. Ids, names of tools, numbers; never a text, an argument or a result (G21).
import type { RunEvent } from "../../../contracts/run-events.ts";
import type { AgentContext } from "../context.ts";
import type { RunDocument } from "../run-document.ts";

export type Witness = (event: RunEvent) => void;

export function witnessOf({ metrics, log }: AgentContext, run: RunDocument): Witness {
  const ids = { run_id: run._id, session_id: run.session_id };
  return (event) => {
    switch (event.event) {
      case "usage": {
        const { step, input_tokens, output_tokens, cost_usd, model } = event.data;
        const provider = model.split("/")[0] ?? "";
        metrics.add("macjarvis_model_steps_total", { provider });
        metrics.add("macjarvis_model_tokens_total", { provider, direction: "input" }, input_tokens);
        metrics.add("macjarvis_model_tokens_total", { provider, direction: "output" }, output_tokens);
        metrics.add("macjarvis_model_cost_usd_total", { provider }, cost_usd);
        return log.debug({ ...ids, step, model, input_tokens, output_tokens, cost_usd }, "model answered");
      }
      case "tool_start": {
        const { step, call_id, name, node_id } = event.data;
        return log.debug({ ...ids, step, call_id, name: name.slice(0, 64), node_id }, "call started");
      }
      case "approval_required": {
        const { step, call_id, name, risk } = event.data;
        return log.info({ ...ids, step, call_id, name: name.slice(0, 64), risk }, "approval asked");
      }
      case "approval_resolved": {
        const { step, call_id, decision } = event.data;
        metrics.add("macjarvis_approvals_total", { decision });
        return log.info({ ...ids, step, call_id, decision }, "approval resolved");
      }
      case "tool_result": {
        const { step, call_id, name, status, duration_ms } = event.data;
        metrics.add("macjarvis_tool_calls_total", { status });
        metrics.add("macjarvis_tool_seconds_total", {}, duration_ms / 1_000);
        return log.info(
          { ...ids, step, call_id, name: name.slice(0, 64), status, duration_ms },
          "call ended",
        );
      }
      case "error":
        return log.warn({ ...ids, code: event.data.code }, "run failed");
      case "done": {
        const { status, finish_reason } = event.data;
        metrics.add("macjarvis_runs_total", { status, reason: finish_reason });
        return log.info({ ...ids, status, finish_reason }, "run ended");
      }
    }
  };
}
