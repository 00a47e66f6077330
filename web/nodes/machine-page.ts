// One machine: how it is, what it can do, what waits for it and what it ran, and what may be done with it.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { ApiError } from "../../lib/client/api-error.ts";
import { Icon } from "../shell/icon.ts";
import type { PageProps } from "../shell/page-props.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { useEvery } from "../shell/use-now.ts";
import { call, user } from "../store/account.ts";
import { moment } from "../store/format.ts";
import type { Machine } from "../store/machines.ts";
import { onNews } from "../store/news.ts";
import { linkTo } from "../store/place.ts";
import { saidByServer } from "../store/server-words.ts";
import { NODES } from "../texts/nodes.ts";
import { LastCalls } from "./last-calls.ts";
import { MachineActions, ShareOffer } from "./machine-actions.ts";
import { kindOf, Labels, Presence, systemName, vitals } from "./presence.ts";
import { WaitingCalls } from "./queue.ts";
import { Sharing } from "./sharing.ts";
import { ToolsOf } from "./tools-of.ts";

const LOOK_MS = 20_000;

export default function MachinePage({ params }: PageProps) {
  const id = params.id ?? "";
  const loaded = useLoaded(async () => (await call("GET /nodes/{id}", { id } as never)).node, [id]);
  useEffect(
    () =>
      onNews((news) => {
        const isOurs = news.event === "node" && news.data.node_id === id;
        if (isOurs || news.event === "ready") void loaded.reload();
      }),
    [id],
  );
  useEvery(LOOK_MS, () => void loaded.reload());
  const isGone = loaded.thrown instanceof ApiError && loaded.thrown.status === 404;
  const machine = loaded.value;
  return html`
    <p><a class="back" href=${linkTo("/machines")}><${Icon} name="chevron" />${NODES.back()}</a></p>
    ${isGone ? html`<p class="empty" role="alert">${NODES.gone()}</p>` : html`<${LoadState} of=${loaded} />`}
    ${machine && !isGone && html`<${One} key=${machine.id} machine=${machine} onChange=${loaded.set} onGone=${loaded.reload} />`}
  `;
}

type OneProps = { machine: Machine; onChange: (machine: Machine) => void };

function One({ machine, onChange }: OneProps) {
  const { id, name, shared_by, accepted, problem, record_problem, status, queue_length } = machine;
  const kind = kindOf(machine);
  const isAdmin = user.value?.role === "admin";
  const mayChange = kind === "own" || (kind === "server" && isAdmin);
  const isEnded = status === "revoked";
  const isUsed = accepted !== false && !isEnded;
  return html`
    <section class="panel machine" aria-labelledby="machine-name">
      <div class="machine-head">
        <h2 id="machine-name">${name}</h2>
        <${Presence} machine=${machine} />
      </div>
      ${kind === "server" && html`<p class="hint">${NODES.server()}</p>`}
      ${kind === "shared" && accepted !== false && html`<p class="hint">${NODES.sharedBy({ name: shared_by ?? "" })}</p>`}
      ${accepted === false && html`<${ShareOffer} machine=${machine} onChange=${onChange} />`}
      <${Frozen} machine=${machine} />
      ${problem && html`<p class="notice">${NODES.problem()}: ${saidByServer(problem)}</p>`}
      ${record_problem && html`<p class="error">${NODES.recordProblem()}: ${saidByServer(record_problem)}</p>`}
      <${Facts} machine=${machine} />
      ${isUsed && html`<${MachineActions} machine=${machine} mayChange=${mayChange} onChange=${onChange} />`}
    </section>
    ${isUsed && html`<${WaitingCalls} id=${id} length=${queue_length} status=${status} />`}
    ${mayChange && !isEnded && html`<${LastCalls} id=${id} isThere=${status === "online"} />`}
    ${isUsed && html`<${ToolsOf} machine=${machine} />`}
    ${kind === "own" && !isEnded && html`<${Sharing} id=${id} />`}
  `;
}

const WHO = { mac: NODES.byMac, owner: NODES.byOwner, admin: NODES.byAdmin };

function Frozen({ machine }: { machine: Machine }) {
  const { frozen, frozen_since, frozen_by = [] } = machine;
  if (!frozen) return null;
  const who = frozen_by.map((by) => WHO[by]()).join(NODES.comma());
  return html`<div class="notice" role="status">
    <p>${NODES.frozenWords({ since: frozen_since ? moment(frozen_since) : "", who })}</p>
    ${frozen_by.includes("mac") && html`<p>${NODES.thawThere()}</p>`}
  </div>`;
}

function Facts({ machine }: { machine: Machine }) {
  const { platform, fingerprint, labels } = machine;
  const [, ...rest] = vitals(machine);
  return html`<dl class="facts">
    <div><dt>${NODES.platform()}</dt><dd class="pieces">${[systemName(platform), ...rest].map((piece) => html`<span>${piece}</span>`)}</dd></div>
    ${fingerprint && html`<div><dt>${NODES.fingerprint()}</dt><dd><code>${fingerprint}</code></dd></div>`}
    <div>
      <dt>${NODES.labels()}</dt>
      <dd>${Object.keys(labels).length > 0 ? html`<${Labels} labels=${labels} />` : NODES.noLabels()}</dd>
    </div>
  </dl>`;
}
