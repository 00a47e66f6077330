// One turn: what a person said, and the steps that answer it.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { copyText, Markdown } from "../markdown/markdown.ts";
import { Icon } from "../shell/icon.ts";
import { Menu } from "../shell/menu.ts";
import { money, number } from "../store/format.ts";
import { refusedByServer } from "../store/server-words.ts";
import { SESSION } from "../texts/session.ts";
import { CallCard } from "../tools/call-card.ts";
import type { Conversation } from "./conversation.ts";
import { EditSaid } from "./edit-said.ts";
import { models } from "./models.ts";
import { SaidFiles } from "./said-files.ts";
import { isOver, type RunView, type Said, type Step, type Turn } from "./steps.ts";

type Props = { turn: Turn; isLast: boolean; conversation: Conversation };

export function TurnView({ turn, isLast, conversation }: Props) {
  const said = turn.said.value;
  const steps = turn.steps.value;
  const run = turn.run.value;
  return html`<article class="turn">
    ${
      said &&
      html`<div class="said"><h2 class="unseen">${SESSION.you()}</h2><${SaidBody} said=${said} turn=${turn} isLast=${isLast} conversation=${conversation} /></div>`
    }
    ${
      (steps.length > 0 || run) &&
      html`<div class="answer">
        <h2 class="unseen">${SESSION.agent()}</h2>
        ${steps.map((step) => html`<${StepView} key=${step.number} step=${step} />`)}
        <${State} turn=${turn} isLast=${isLast} conversation=${conversation} />
      </div>`
    }
  </article>`;
}

/** The last message, where the session works on nothing: it may be replaced. */
function replaceable({ turn, isLast, conversation }: Props): Said | undefined {
  const said = turn.said.value;
  return isLast && !conversation.isBusy.value && turn.run.value && said?.id ? said : undefined;
}

function SaidBody({ said, ...shown }: Props & { said: Said }) {
  const { replacing } = shown.conversation;
  const mine = replaceable(shown);
  const failure = replacing.failure.value;
  const isEdited = mine && replacing.editing.value?.id === said.id;
  return html`<div class="said-body">
    ${
      isEdited
        ? html`<${EditSaid} replacing=${replacing} />`
        : html`<${SaidFiles} files=${said.files} />
            <${SaidText} text=${said.text} />
            ${
              mine &&
              html`<button type="button" class="icon-button" aria-label=${SESSION.edit()} title=${SESSION.edit()} onClick=${() => replacing.edit(mine)}>
                <${Icon} name="pencil" />
              </button>`
            }`
    }
    ${failure && failure.id === said.id && html`<p class="error" role="alert">${failure.words}</p>`}
  </div>`;
}

/** The same words again, of the same model or another. */
function Again(shown: Props) {
  const said = replaceable(shown);
  if (!said) return null;
  const { replacing } = shown.conversation;
  const others = models.value.filter(({ available }) => available);
  return html`<button type="button" class="link faint" onClick=${() => replacing.again(said)}>${SESSION.again()}</button>
    ${
      others.length > 1 &&
      html`<${Menu}
        label=${SESSION.againWith()}
        items=${others.map(({ id }) => ({ label: SESSION.with({ model: id }), onPick: () => replacing.again(said, id) }))}
      />`
    }`;
}

/** Characters of a message that are shown at once. */
const LONG = 6_000;

function SaidText({ text }: { text: string }) {
  const isWhole = useSignal(text.length <= LONG);
  return html`<div class="said-text">${isWhole.value ? text : `${text.slice(0, LONG)}…`}${
    !isWhole.value &&
    html`<button type="button" class="link" onClick=${() => (isWhole.value = true)}>${SESSION.showAll()}</button>`
  }</div>`;
}

function StepView({ step }: { step: Step }) {
  const text = step.text.value;
  const calls = step.calls.value;
  return html`<div class="step">
    <${Reasoning} step=${step} />
    ${text && html`<${Markdown} text=${text} isComplete=${step.isComplete.value} />`}
    ${calls.map((call) => html`<${CallCard} key=${call.id} call=${call} />`)}
  </div>`;
}

function Reasoning({ step }: { step: Step }) {
  const text = step.reasoning.value;
  if (!text) return null;
  return html`<details class="reasoning"><summary>${SESSION.reasoning()}</summary><div class="reasoning-text">${text}</div></details>`;
}

/** What the run does now, or how it ended and what it cost. */
function State(shown: Props) {
  const { turn, conversation } = shown;
  const run = turn.run.value;
  if (!run) return null;
  if (!isOver(run.status)) {
    const live = conversation.live.value.find((one) => one.turn === turn);
    const retry = live?.retry.value;
    const words = live?.isLost.value
      ? SESSION.resumes()
      : retry
        ? SESSION.retry(retry)
        : run.status === "queued"
          ? SESSION.inLine()
          : run.status === "waiting_approval"
            ? SESSION.waitsForYou()
            : "";
    return html`<div class="run-state ${run.status}">
      ${run.status !== "waiting_approval" && html`<span class="pulse" aria-hidden="true"><i></i><i></i><i></i></span>`}
      <span>${words || (hasText(turn) ? "" : SESSION.thinking())}</span>
    </div>`;
  }
  return html`<div class="run-end">
    <${Ending} run=${run} />
    <div class="run-row">
      ${run.usage && html`<${Cost} run=${run} />`}
      ${hasText(turn) && html`<${CopyAnswer} turn=${turn} />`}
      <${Again} ...${shown} />
    </div>
  </div>`;
}

const hasText = (turn: Turn): boolean => {
  const last = turn.steps.value.at(-1);
  return last !== undefined && (last.text.value !== "" || last.calls.value.length > 0);
};

function Ending({ run }: { run: RunView }) {
  if (run.status === "failed")
    return html`<p class="error" role="alert">
      <strong>${SESSION.failed()}:</strong> ${run.error ? refusedByServer(run.error.code, run.error.message) : SESSION.deadline()}
    </p>`;
  if (run.status === "cancelled") return html`<p class="ending">${SESSION.cancelled()}</p>`;
  const { finishReason } = run;
  if (finishReason === "length" || finishReason === "max_steps" || finishReason === "budget")
    return html`<p class="ending">${SESSION[finishReason]()}</p>`;
  return null;
}

function Cost({ run }: { run: RunView }) {
  const { usage, model } = run;
  if (!usage) return null;
  const detail = SESSION.costDetail({
    input: number(usage.input_tokens),
    output: number(usage.output_tokens),
    estimated: usage.estimated ? SESSION.estimated() : "",
    model,
  });
  const tokens = number(usage.input_tokens + usage.output_tokens);
  return html`<span class="cost" title=${detail}>${SESSION.cost({ tokens, cost: money(usage.cost_usd) })}</span>`;
}

const SHOWN_MS = 1_500;

function CopyAnswer({ turn }: { turn: Turn }) {
  const isCopied = useSignal(false);
  const copy = async () => {
    const text = turn.steps.value
      .map((step) => step.text.value)
      .filter(Boolean)
      .join("\n\n");
    isCopied.value = await copyText(text);
    setTimeout(() => {
      isCopied.value = false;
    }, SHOWN_MS);
  };
  return html`<button type="button" class="link faint" onClick=${() => void copy()}>
    ${isCopied.value ? SESSION.copied() : SESSION.copyAnswer()}
  </button>`;
}
