// A tool call: what it is to do and where, what it says while it runs, how it ended. All of it is somebody else's text, and shown as text.

import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { ApprovalCard } from "../approvals/approval-card.ts";
import type { Call, CallView } from "../session/steps.ts";
import { Icon } from "../shell/icon.ts";
import { call as ask } from "../store/account.ts";
import { duration } from "../store/format.ts";
import { machineName } from "../store/machines.ts";
import { sayError } from "../store/say-error.ts";
import { TOOLS } from "../texts/tools.ts";
import { Arguments, summaryOf } from "./arguments.ts";
import { Result } from "./result.ts";

export function CallCard({ call }: { call: Call }) {
  const view = call.view.value;
  const { name, args, status, nodeId } = view;
  const isRunning = status === "running";
  const isAsked = status === "waiting_approval" && view.question?.decision === null;
  const isOpen = useSignal(isRunning || status === "outcome_unknown");
  const wasRunning = useRef(isRunning);
  useEffect(() => {
    // What has ended is folded, unless somebody has to look at it.
    if (wasRunning.current && !isRunning && !isAsked) isOpen.value = status === "outcome_unknown";
    if (!wasRunning.current && isRunning) isOpen.value = true;
    wasRunning.current = isRunning;
  }, [isRunning, isAsked]);
  return html`<section class="call ${status}" aria-label=${name}>
    <button type="button" class="call-head" aria-expanded=${isOpen.value || isAsked} onClick=${() => (isOpen.value = !isOpen.value)}>
      <span class="call-icon"><${Icon} name=${isAsked ? "shield" : "tool"} /></span>
      <span class="call-name">${name}</span>
      <span class="call-summary">${summaryOf(name, args)}</span>
      <span class="call-where">${nodeId ? TOOLS.on({ machine: machineName(nodeId) }) : ""}</span>
      <span class="call-status ${status}">${TOOLS[status]()}<${Time} view=${view} /></span>
      <span class="chevron"><${Icon} name="chevron" /></span>
    </button>
    ${
      isAsked
        ? html`<${ApprovalCard} asked=${{
            ...{ callId: view.callId, runId: view.runId, name, args, nodeId },
            ...{ risk: view.question?.risk, because: view.question?.because, bound: view.question?.bound },
            before: view.question?.before,
            expiresAt: view.question?.expiresAt ?? "",
            isOfProgram: false,
          }} />`
        : isOpen.value && html`<${Body} call=${call} view=${view} />`
    }
    ${
      view.question?.decision === "deny" &&
      view.question.reason &&
      html`<p class="call-note">${TOOLS.deniedBecause({ reason: view.question.reason })}</p>`
    }
    ${status === "outcome_unknown" && html`<p class="call-note warning">${TOOLS.unknownWords()}</p>`}
  </section>`;
}

function Body({ call, view }: { call: Call; view: CallView }) {
  const output = call.output.value;
  return html`<div class="call-body">
    <${Arguments} name=${view.name} args=${view.args} before=${view.question?.before} />
    ${output.length > 0 && view.status === "running" && html`<${Live} call=${call} />`}
    ${view.status === "running" && html`<${Stop} view=${view} />`}
    ${view.status !== "running" && view.result !== undefined && view.result !== null && html`<${Result} result=${view.result} />`}
  </div>`;
}

/** Ends this call alone: its run goes on. How it has ended, its machine says. */
function Stop({ view }: { view: CallView }) {
  const isAsked = useSignal(false);
  const failure = useSignal("");
  const stop = async () => {
    isAsked.value = true;
    failure.value = "";
    try {
      const { runId: run_id, callId: call_id } = view;
      await ask("POST /agent/runs/{run_id}/calls/{call_id}/cancel", { run_id, call_id } as never);
    } catch (thrown) {
      failure.value = sayError(thrown);
      isAsked.value = false;
    }
  };
  return html`<button type="button" class="button small" disabled=${isAsked.value} onClick=${() => void stop()}>
      <${Icon} name="stop" />${isAsked.value ? TOOLS.stopping() : TOOLS.stop()}
    </button>
    ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}`;
}

/** What it prints, following its end while the reader is there. */
function Live({ call }: { call: Call }) {
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  const output = call.output.value;
  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [output]);
  const onScroll = () => {
    const pre = box.current;
    if (pre) isAtEnd.current = pre.scrollHeight - pre.scrollTop - pre.clientHeight < 24;
  };
  return html`<div class="part"><h4>${TOOLS.output()}</h4>
    <pre class="output" ref=${box} tabindex="0" onScroll=${onScroll}>${output.map(
      ({ stream, text }, index) => html`<span key=${index} class=${stream}>${text}</span>`,
    )}</pre>
  </div>`;
}

/** How long it took; while it runs, how long it has. */
function Time({ view }: { view: CallView }) {
  const now = useSignal(performance.now());
  const runs = view.status === "running" && view.runsSince !== undefined;
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => {
      now.value = performance.now();
    }, 1_000);
    return () => clearInterval(timer);
  }, [runs]);
  const ms = runs ? now.value - (view.runsSince ?? 0) : view.durationMs;
  if (ms === null || (runs && ms < 1_000)) return null;
  return html`<span class="time"> · ${duration(ms)}</span>`;
}
