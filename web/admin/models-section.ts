// Models: what is set up, and what each process that asks them has learned of them.
import { html } from "htm/preact";
import type { AgentHealth, ModelHealth, ModelsHealth } from "../../contracts/answers/models.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { useEvery } from "../shell/use-now.ts";
import { call } from "../store/account.ts";
import { duration, moment, money, number } from "../store/format.ts";
import { MODELS } from "../texts/admin-installation.ts";
import { shortProcess } from "./short-process.ts";

/** How models are changes without being told. */
const LOOK_MS = 20_000;

export function ModelsSection() {
  const loaded = useLoaded(() => call("GET /admin/models", {}));
  useEvery(LOOK_MS, () => void loaded.reload());
  const read = loaded.value;
  return html`
    <div class="page-actions">
      <p class="hint">${MODELS.lead()}</p>
      <button type="button" class="button small" onClick=${() => void loaded.reload()}>${MODELS.again()}</button>
    </div>
    <${LoadState} of=${loaded}>
      ${read && html`<${Models} of=${read} /><${Processes} processes=${read.processes} /><${Providers} providers=${read.providers} />`}
    <//>
  `;
}

type Seen = { process: string; health: ModelHealth };

function Models({ of }: { of: ModelsHealth }) {
  const seen = Map.groupBy(
    of.processes.flatMap(({ process, models }): Seen[] => models.map((health) => ({ process, health }))),
    ({ health }) => health.model,
  );
  const isOne = of.processes.length < 2;
  // Also what was asked and is in no list: a server of one's own may have models that nobody has named.
  const others = [...seen.keys()].filter((id) => !of.models.some((model) => model.id === id));
  return html`<section class="panel" aria-labelledby="models-title">
    <h2 id="models-title">${MODELS.models()}</h2>
    <ul class="rows">
      ${of.models.map((model) => html`<${Model} key=${model.id} model=${model} of=${of} seen=${seen.get(model.id) ?? []} isOne=${isOne} />`)}
      ${others.map((id) => html`<li key=${id} class="row"><div class="row-main"><p class="rule"><code>${id}</code></p><${AllHealth} seen=${seen.get(id) ?? []} isOne=${isOne} /></div></li>`)}
    </ul>
  </section>`;
}

type ModelProps = { model: ModelsHealth["models"][number]; of: ModelsHealth; seen: Seen[]; isOne: boolean };

function Model({ model, of, seen, isOne }: ModelProps) {
  const { id, available, reason, context_window, price, choosable } = model;
  const place = of.fallback.indexOf(id) + 1;
  return html`<li class="row"><div class="row-main">
    <p class="rule">
      <code>${id}</code>
      ${id === of.default && html`<span class="mark">${MODELS.isDefault()}</span>`}
      ${place > 0 && html`<span class="mark quiet">${MODELS.fallback({ place })}</span>`}
      ${!choosable && html`<span class="mark quiet">${MODELS.notChoosable()}</span>`}
      ${!available && html`<span class="mark bad">${MODELS.unavailable()}</span>`}
    </p>
    ${reason && html`<p class="warn-text">${reason}</p>`}
    <p class="hint pieces">
      <span>${MODELS.window({ tokens: number(context_window) })}</span>
      <span>${price ? MODELS.price({ input: money(price.input_per_million), output: money(price.output_per_million) }) : MODELS.noPrice()}</span>
      ${seen.length === 0 && html`<span>${MODELS.notAsked()}</span>`}
    </p>
    <${AllHealth} seen=${seen} isOne=${isOne} />
  </div></li>`;
}

function AllHealth({ seen, isOne }: { seen: Seen[]; isOne: boolean }) {
  return seen.map(
    ({ process, health }) => html`<${Health} key=${process} of=${health} process=${isOne ? "" : process} />`,
  );
}

const MARKS = { closed: "good", open: "bad", half_open: "warn" };

function Health({ of, process }: { of: ModelHealth; process: string }) {
  const when = of.rests_until === null ? "" : moment(of.rests_until);
  return html`<p class="pieces health">
    <span class="mark ${MARKS[of.state]}">${MODELS[of.state]()}</span>
    ${process && html`<span title=${process}>${MODELS.inProcess({ process: shortProcess(process) })}</span>`}
    ${of.state === "open" && html`<span class="warn-text">${of.rests_because === "provider" ? MODELS.restsProvider({ when }) : MODELS.restsFailures({ when })}</span>`}
    <span>${MODELS.lastHour({ asked: number(of.asked), failed: number(of.failed) })}</span>
    ${of.first_word_ms !== null && html`<span>${MODELS.firstWord({ time: duration(of.first_word_ms) })}</span>`}
    ${of.last_success_at && html`<span>${MODELS.success({ when: moment(of.last_success_at) })}</span>`}
    ${of.last_failure_at && html`<span>${MODELS.failure({ when: moment(of.last_failure_at) })} <code>${of.last_failure}</code></span>`}
  </p>`;
}

function Processes({ processes }: Pick<ModelsHealth, "processes">) {
  return html`<section class="panel" aria-labelledby="askers-title">
    <h2 id="askers-title">${MODELS.processes()}</h2>
    <ul class="rows">${processes.map((one) => html`<${Process} key=${one.process} of=${one} />`)}</ul>
  </section>`;
}

function Process({ of: { process, answered, checked_at, servers } }: { of: AgentHealth }) {
  return html`<li class="row"><div class="row-main">
    <p class="rule">
      <code>${process}</code>
      ${answered ? checked_at && html`<span class="hint">${MODELS.checked({ when: moment(checked_at) })}</span>` : html`<span class="mark bad">${MODELS.silent()}</span>`}
    </p>
    ${!answered && html`<p class="hint">${MODELS.silentWords()}</p>`}
    ${answered && servers.length === 0 && html`<p class="hint">${MODELS.noServers()}</p>`}
    ${servers.map((server) => html`<${Server} key=${server.provider} of=${server} />`)}
  </div></li>`;
}

function Server({ of: { provider, answers, fault, checked_at } }: { of: AgentHealth["servers"][number] }) {
  const [mark, words] =
    answers === null
      ? ["quiet", MODELS.notLooked()]
      : answers
        ? ["good", MODELS.answers()]
        : ["bad", MODELS.fault()];
  return html`
    <p class="pieces health">
      <span class="mark ${mark}">${words}</span>
      <span>${MODELS.server({ provider })}</span>
      ${checked_at && html`<span class="hint">${MODELS.checked({ when: moment(checked_at) })}</span>`}
    </p>
    ${fault && html`<p class="warn-text">${fault}</p>`}
  `;
}

function Providers({ providers }: Pick<ModelsHealth, "providers">) {
  return html`<section class="panel" aria-labelledby="providers-title">
    <h2 id="providers-title">${MODELS.providers()}</h2>
    <ul class="rows">
      ${providers.map(
        ({ name, available, reason }) => html`<li key=${name} class="row"><div class="row-main">
          <p class="rule"><strong>${name}</strong><span class="mark ${available ? "good" : "quiet"}">${available ? MODELS.available() : MODELS.unavailable()}</span></p>
          ${reason && html`<p class="hint">${reason}</p>`}
        </div></li>`,
      )}
    </ul>
  </section>`;
}
