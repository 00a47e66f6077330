// The machines that a person may use: their own, shared ones, and the server's.
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { Icon } from "../shell/icon.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { useEvery } from "../shell/use-now.ts";
import { call } from "../store/account.ts";
import { type Machine, machines } from "../store/machines.ts";
import { onNews } from "../store/news.ts";
import { linkTo } from "../store/place.ts";
import { saidByServer } from "../store/server-words.ts";
import { NODES } from "../texts/nodes.ts";
import { kindOf, Labels, Presence, vitals } from "./presence.ts";

/** Load and battery change without being told. */
const LOOK_MS = 20_000;

export default function MachinesPage() {
  const loaded = useLoaded(async () => {
    const { nodes } = await call("GET /nodes", {});
    machines.value = nodes;
    return nodes;
  });
  useEffect(
    () =>
      onNews(({ event }) => {
        if (event === "node" || event === "ready") void loaded.reload();
      }),
    [],
  );
  useEvery(LOOK_MS, () => void loaded.reload());
  const all = loaded.value ?? [];
  const isAlone = !all.some((machine) => kindOf(machine) !== "server");
  return html`
    <div class="page-actions">
      <p class="hint">${NODES.lead()}</p>
      <a class="button primary" href=${linkTo("/machines/pair")}><${Icon} name="plus" />${NODES.pair()}</a>
    </div>
    <${LoadState} of=${loaded}>
      <ul class="machines" aria-label=${NODES.list()}>
        ${all.map((machine) => html`<li key=${machine.id}><${Row} machine=${machine} /></li>`)}
      </ul>
      ${
        isAlone &&
        html`<div class="empty">
          <${Icon} name="machine" />
          ${all.length === 0 && html`<p>${NODES.none()}</p>`}
          <p class="hint">${NODES.noneLead()}</p>
        </div>`
      }
    <//>
  `;
}

function Row({ machine }: { machine: Machine }) {
  const { id, name, labels, tools, queue_length, shared_by, accepted, problem, record_problem } = machine;
  const kind = kindOf(machine);
  return html`<article class="panel machine">
    <div class="machine-head">
      <h2><a href=${linkTo(`/machines/${id}`)}>${name}</a></h2>
      <${Presence} machine=${machine} />
    </div>
    <p class="hint pieces">
      ${kind === "server" && html`<span>${NODES.server()}</span>`}
      ${kind === "shared" && html`<span>${NODES.sharedBy({ name: shared_by ?? "" })}</span>`}
      ${vitals(machine).map((piece) => html`<span>${piece}</span>`)}
      <span>${NODES.toolCount({ count: tools.length })}</span>
      ${queue_length > 0 && html`<span class="warn-text">${NODES.waits({ count: queue_length })}</span>`}
    </p>
    <${Labels} labels=${labels} />
    ${accepted === false && html`<p class="notice">${NODES.offered({ name: shared_by ?? "" })}</p>`}
    ${problem && html`<p class="notice">${NODES.problem()}: ${saidByServer(problem)}</p>`}
    ${record_problem && html`<p class="error">${NODES.recordProblem()}: ${saidByServer(record_problem)}</p>`}
  </article>`;
}
