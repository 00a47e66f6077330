// Numbers of the process for Prometheus. Services count where something ends; `bin/start/metrics-server.ts` shows the text.
// Labels come from closed lists only: what a user or a model can invent is none.
import type { ServiceBroker } from "moleculer";

const COUNTERS = {
  macjarvis_http_requests_total: "Requests that were answered, by method and status.",
  macjarvis_runs_total: "Runs that ended, by status and reason.",
  macjarvis_runs_taken_over_total: "Runs that this process took over from one that had died.",
  macjarvis_leases_lost_total: "Times that this process had to leave its runs to others.",
  macjarvis_first_token_seconds_total: "Time from asking a model to the first word of its answer.",
  macjarvis_first_tokens_total: "Answers of models that have begun.",
  macjarvis_model_steps_total: "Answers of models, by provider.",
  macjarvis_model_tokens_total: "Tokens of models, by provider and direction.",
  macjarvis_model_cost_usd_total: "What models cost, by provider.",
  macjarvis_tool_calls_total: "Tool calls that ended, by status.",
  macjarvis_tool_seconds_total: "Time that tool calls took.",
  macjarvis_store_requests_total: "Questions to the stores of a cluster, by store.",
  macjarvis_store_seconds_total: "Time that they took to be answered.",
  macjarvis_store_failures_total: "Those that found the store away or too busy.",
  macjarvis_spans_lost_total: "Spans of traces that did not reach the collector, by reason.",
  macjarvis_approvals_total: "Approvals that were answered or expired, by decision.",
} as const;

export type CounterName = keyof typeof COUNTERS;
type Labels = Record<string, string | number>;
type Kind = "counter" | "gauge";

export class Metrics {
  /** By name, then by the labels as they are written. */
  readonly #counts = new Map<CounterName, Map<string, number>>();
  readonly #read = new Map<string, { kind: Kind; help: string; value: () => number }>();

  add(name: CounterName, labels: Labels = {}, by = 1): void {
    const counts = this.#counts.get(name) ?? new Map<string, number>();
    const key = labelsText(labels);
    counts.set(key, (counts.get(key) ?? 0) + by);
    this.#counts.set(name, counts);
  }

  /** A number that is there already and is read when somebody asks. A second one of the same name replaces the first. */
  watch(name: string, kind: Kind, help: string, value: () => number): void {
    this.#read.set(name, { kind, help, value });
  }

  /** The text format of Prometheus, version 0.0.4. */
  text(): string {
    const lines: string[] = [];
    for (const [name, { kind, help, value }] of this.#read)
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, `${name} ${value()}`);
    for (const [name, help] of Object.entries(COUNTERS)) {
      lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} counter`);
      for (const [labels, count] of this.#counts.get(name as CounterName) ?? [])
        lines.push(`${name}${labels} ${count}`);
    }
    return `${lines.join("\n")}\n`;
  }
}

function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${String(value).replaceAll(/[\\"\n]/g, "_")}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** The metrics of the process that the broker runs in. */
export function metricsOf(broker: ServiceBroker): Metrics {
  return broker.core.metrics;
}
