// The inbox: all questions that wait, over all sessions.
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import type { OpenApproval } from "../../contracts/answers/runs.ts";
import { Icon } from "../shell/icon.ts";
import { approvals, failure, loadApprovals } from "../store/approvals.ts";
import { moment } from "../store/format.ts";
import { linkTo } from "../store/place.ts";
import { APPROVALS } from "../texts/tools.ts";
import { ApprovalCard } from "./approval-card.ts";
import { NotifyButton } from "./notifications.ts";

export default function ApprovalsPage() {
  useEffect(() => void loadApprovals(), []);
  const open = approvals.value;
  const list = useRef<HTMLUListElement>(null);
  const first = open[0]?.call_id;
  useEffect(() => {
    // The keys answer what has the focus: the first one has it unless a person is elsewhere in the page.
    const isFree = document.activeElement === document.body || document.activeElement?.id === "content";
    if (isFree) list.current?.querySelector<HTMLElement>(".approval")?.focus({ preventScroll: true });
  }, [first]);
  return html`
    <${NotifyButton} />
    ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
    ${
      open.length === 0 && !failure.value
        ? html`<div class="empty"><${Icon} name="check" /><p>${APPROVALS.none()}</p><p class="hint">${APPROVALS.noneLead()}</p></div>`
        : html`<p class="hint">${APPROVALS.keys()}</p>
            <ul class="inbox" ref=${list}>${open.map((one) => html`<li key=${one.call_id}><${Waiting} approval=${one} /></li>`)}</ul>`
    }
  `;
}

function Waiting({ approval }: { approval: OpenApproval }) {
  const { call_id, run_id, name, args, node_id, risk, because, bound, before, asked_at, expires_at } =
    approval;
  return html`<section class="call waiting_approval" aria-label=${name}>
    <div class="call-head still">
      <span class="call-icon"><${Icon} name="shield" /></span>
      <span class="call-name">${name}</span>
      <span class="call-summary">${APPROVALS.asked({ when: moment(asked_at) })}${" "}
        ${
          approval.session_id === undefined
            ? APPROVALS.byProgram()
            : approval.session_title === undefined
              ? APPROVALS.goneSession()
              : html`<a href=${linkTo(`/sessions/${approval.session_id}`)}>${approval.session_title}</a>`
        }
      </span>
    </div>
    <${ApprovalCard} asked=${{
      ...{ callId: call_id, runId: run_id, name, args, nodeId: node_id, risk, because, bound, before },
      expiresAt: expires_at,
    }} />
  </section>`;
}
