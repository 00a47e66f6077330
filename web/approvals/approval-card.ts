// A question about a call, with all that it is about, and its answer.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import type { Risk } from "../../contracts/answers/run-states.ts";
import type { Bound } from "../../contracts/bound.ts";
import type { FileBefore } from "../../contracts/file-before.ts";
import { type Answer, answerApproval } from "../store/approvals.ts";
import { duration } from "../store/format.ts";
import { machineName } from "../store/machines.ts";
import { sayError } from "../store/say-error.ts";
import { saidByServer } from "../store/server-words.ts";
import { APPROVALS, TOOLS } from "../texts/tools.ts";
import { Arguments } from "../tools/arguments.ts";
import { QUESTION, useAnswerKeys } from "./answer-keys.ts";
import { EditArguments } from "./edit-arguments.ts";

export type Asked = {
  callId: string;
  runId: string;
  name: string;
  args: unknown;
  nodeId: string | null;
  risk: Risk | undefined;
  because: string | undefined;
  bound: Bound | undefined;
  before: FileBefore | undefined;
  expiresAt: string;
  /** A program asks, outside of any session. */
  isOfProgram: boolean;
};

export function ApprovalCard({ asked }: { asked: Asked }) {
  const { callId, runId, name, args, nodeId, risk, because } = asked;
  const edited = useSignal<Record<string, unknown> | undefined>(undefined);
  const isEditing = useSignal(false);
  const isWrong = useSignal(false);
  const reason = useSignal("");
  const remember = useSignal<NonNullable<Answer["remember"]>>("no");
  const isBusy = useSignal(false);
  const failure = useSignal("");
  const answer = async (decision: Answer["decision"]) => {
    if (isBusy.value || (decision === "approve" && isWrong.value)) return;
    isBusy.value = true;
    failure.value = "";
    const why = reason.value.trim();
    try {
      await answerApproval(runId, callId, {
        decision,
        remember: remember.value,
        ...(decision === "approve" && edited.value ? { args: edited.value } : {}),
        ...(decision === "deny" && why ? { reason: why } : {}),
      });
    } catch (thrown) {
      failure.value = sayError(thrown);
      isBusy.value = false;
    }
  };
  const card = useRef<HTMLDivElement>(null);
  useAnswerKeys(card, answer);
  return html`<div class=${QUESTION} ref=${card} role="group" aria-label=${`${APPROVALS.question()} ${name}`} tabindex="0">
    <div class="approval-head">
      <strong>${APPROVALS.question()}</strong>
      ${risk && html`<span class="risk ${risk}">${APPROVALS[risk]()}</span>`}
      <span class="call-where">${nodeId ? TOOLS.on({ machine: machineName(nodeId) }) : TOOLS.onServer()}</span>
      <${TimeLeft} expiresAt=${asked.expiresAt} />
    </div>
    ${because && html`<p class="call-note warning">${saidByServer(because)}</p>`}
    <${Meaning} bound=${asked.bound} />
    ${
      isEditing.value
        ? html`<${EditArguments}
            args=${args}
            onChange=${(next: Record<string, unknown> | undefined, isValid: boolean) => {
              edited.value = next;
              isWrong.value = !isValid;
            }}
          />`
        : html`<${Arguments} name=${name} args=${args} before=${asked.before} />`
    }
    <div class="approval-more">
      <button
        type="button"
        class="link"
        onClick=${() => {
          isEditing.value = !isEditing.value;
          edited.value = undefined;
          isWrong.value = false;
        }}
      >${isEditing.value ? APPROVALS.keepArguments() : APPROVALS.edit()}</button>
      <label class="pick"><span>${APPROVALS.remember()}</span>
        <select
          value=${remember.value}
          onChange=${(event: Event) => (remember.value = (event.currentTarget as HTMLSelectElement).value as "no")}
        >
          ${(asked.isOfProgram ? (["no", "always"] as const) : (["no", "session", "always"] as const)).map((key) => html`<option value=${key}>${APPROVALS[key]()}</option>`)}
        </select>
      </label>
    </div>
    <input
      class="reason"
      maxlength="1000"
      aria-label=${APPROVALS.reason()}
      placeholder=${APPROVALS.reason()}
      value=${reason.value}
      onInput=${(event: Event) => (reason.value = (event.currentTarget as HTMLInputElement).value)}
    />
    ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
    <div class="buttons start">
      <button type="button" class="button primary" disabled=${isBusy.value || isWrong.value} onClick=${() => void answer("approve")}>
        ${APPROVALS.approve()} <kbd>a</kbd>
      </button>
      <button type="button" class="button" disabled=${isBusy.value} onClick=${() => void answer("deny")}>
        ${APPROVALS.deny()} <kbd>d</kbd>
      </button>
    </div>
  </div>`;
}

/** What the arguments mean on the machine, where that is more than they say. */
export function Meaning({ bound }: { bound: Bound | undefined }) {
  if (!bound) return null;
  const elsewhere = bound.places.filter(({ path, real }) => real !== path);
  if (bound.hosts.length + elsewhere.length + bound.scripts.length === 0) return null;
  return html`<ul class="meaning">
    ${bound.hosts.length > 0 && html`<li>${APPROVALS.sends({ hosts: bound.hosts.join(", ") })}</li>`}
    ${elsewhere.map(({ path, real }) => html`<li>${APPROVALS.place({ path, real: real ?? APPROVALS.nobody() })}</li>`)}
    ${bound.scripts.map(({ path, sha256 }) => html`<li>${APPROVALS.script({ path, hash: sha256.slice(0, 12) })}</li>`)}
  </ul>`;
}

function TimeLeft({ expiresAt }: { expiresAt: string }) {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = Date.now();
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  const left = Date.parse(expiresAt) - now.value;
  if (!Number.isFinite(left)) return null;
  return html`<span class="time-left">${
    left > 0 ? APPROVALS.left({ time: duration(Math.max(left, 1_000)) }) : APPROVALS.over()
  }</span>`;
}
