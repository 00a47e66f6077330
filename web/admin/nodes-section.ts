// The Macs of all users, each of which can be ended, and the processes that the server is made of.
import { html } from "htm/preact";
import type { AdminNode, CoreProcess } from "../../contracts/answers/nodes.ts";
import { Labels, Presence, vitals } from "../nodes/presence.ts";
import { openDialog } from "../shell/dialog.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { useEvery } from "../shell/use-now.ts";
import { MoreButton, usePages } from "../shell/use-pages.ts";
import { call } from "../store/account.ts";
import { moment } from "../store/format.ts";
import { linkTo } from "../store/place.ts";
import { MACHINES } from "../texts/admin-installation.ts";
import { NODES } from "../texts/nodes.ts";
import { shortProcess } from "./short-process.ts";

const PAGE = 50;
/** Processes come and go without being told. */
const LOOK_MS = 20_000;

export function NodesSection() {
  const list = usePages<AdminNode>(async (cursor) => {
    const { nodes, next_cursor } = await call("GET /admin/nodes", {
      limit: PAGE,
      ...(cursor ? { cursor } : {}),
    } as never);
    return { items: nodes, next: next_cursor };
  });
  const processes = useLoaded(() => call("GET /admin/processes", {}));
  useEvery(LOOK_MS, () => void processes.reload());
  return html`
    <${LoadState} of=${processes}>
      ${processes.value && html`<${Processes} processes=${processes.value.processes} />`}
    <//>
    <section class="panel" aria-labelledby="macs-title">
      <h2 id="macs-title">${MACHINES.list()}</h2>
      <p class="hint">${MACHINES.lead()}</p>
      <${LoadState} of=${list}>
        ${
          list.items.length === 0
            ? html`<p class="empty">${MACHINES.none()}</p>`
            : html`<ul class="rows" aria-label=${MACHINES.list()}>${list.items.map((one) => html`<${Mac} key=${one.id} of=${one} onChange=${() => void list.reload()} />`)}</ul>`
        }
        <${MoreButton} of=${list} />
      <//>
    </section>
  `;
}

function Mac({ of, onChange }: { of: AdminNode; onChange: () => void }) {
  const { id, name, labels, owner_id, owner_email, tool_count, queue_length, problem, fingerprint } = of;
  const owner = owner_email ?? MACHINES.ownerGone();
  return html`<li class="row">
    <div class="row-main">
      <p class="rule"><strong>${name}</strong><${Presence} machine=${of} /></p>
      <p class="hint pieces">
        <span>${owner_email === null ? owner : html`<a href=${linkTo(`/admin/users/${owner_id}`)}>${owner}</a>`}</span>
        ${vitals(of).map((piece) => html`<span key=${piece}>${piece}</span>`)}
        <span>${NODES.toolCount({ count: tool_count })}</span>
        ${queue_length > 0 && html`<span class="warn-text">${NODES.waits({ count: queue_length })}</span>`}
      </p>
      <p class="hint pieces"><code>${id}</code>${fingerprint && html`<code>${fingerprint}</code>`}</p>
      <${Labels} labels=${labels} />
      ${problem && html`<p class="notice">${NODES.problem()}: ${problem}</p>`}
    </div>
    <button type="button" class="button small danger-text" aria-label=${`${NODES.revoke()}: ${name}`} onClick=${() => askRevoke(of, owner, onChange)}>
      ${NODES.revoke()}…
    </button>
  </li>`;
}

function askRevoke({ id, name }: AdminNode, owner: string, onChange: () => void): void {
  openDialog({
    title: MACHINES.revokeAsk({ name }),
    body: html`<p>${MACHINES.revokeWords({ owner })}</p>`,
    confirm: NODES.revoke(),
    isDangerous: true,
    onConfirm: async () => {
      await call("DELETE /admin/nodes/{id}", { id } as never);
      onChange();
    },
  });
}

function Processes({ processes }: { processes: CoreProcess[] }) {
  const isMixed =
    new Set(processes.flatMap(({ available, version }) => (available ? [version] : []))).size > 1;
  return html`<section class="panel" aria-labelledby="processes-title">
    <h2 id="processes-title">${MACHINES.processes()}</h2>
    ${isMixed && html`<p class="notice">${MACHINES.mixed()}</p>`}
    <ul class="rows" aria-label=${MACHINES.processes()}>${processes.map((one) => html`<${Process} key=${one.id} of=${one} />`)}</ul>
  </section>`;
}

function Process({ of }: { of: CoreProcess }) {
  const { id, answers, available, services, version, hostname, started_at, seen_at } = of;
  return html`<li class="row"><div class="row-main">
    <p class="rule">
      <code title=${id}>${shortProcess(id)}</code>
      <span class="mark ${available ? "good" : "bad"}">${available ? MACHINES.there() : MACHINES.lost()}</span>
      ${answers && html`<span class="mark quiet">${MACHINES.thisOne()}</span>`}
    </p>
    <p class="hint pieces">
      ${hostname && html`<span>${hostname}</span>`}
      ${version && html`<span>${NODES.versionOf({ version })}</span>`}
      ${started_at && html`<span>${MACHINES.started({ when: moment(started_at) })}</span>`}
      <span>${MACHINES.seen({ when: moment(seen_at) })}</span>
    </p>
    ${services.length > 0 && html`<p class="hint">${services.join(", ")}</p>`}
  </div></li>`;
}
