// API keys: those there are, and making one.
import { html } from "htm/preact";
import type { ApiKey } from "../../contracts/answers/users.ts";
import { openDialog } from "../shell/dialog.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { day, moment } from "../store/format.ts";
import { KEYS } from "../texts/settings.ts";
import { NewKey } from "./new-key.ts";

export function KeysSection() {
  const loaded = useLoaded(async () => (await call("GET /users/me/keys", {})).keys);
  const keys = loaded.value ?? [];
  return html`
    <p class="hint">${KEYS.lead()}</p>
    <${LoadState} of=${loaded}>
      ${
        keys.length === 0
          ? html`<p class="empty">${KEYS.none()}</p>`
          : html`<ul class="rows panel">${keys.map((key) => html`<${Row} key=${key.id} of=${key} reload=${loaded.reload} />`)}</ul>`
      }
    <//>
    <${NewKey} onMade=${() => void loaded.reload()} />
  `;
}

function Row({ of, reload }: { of: ApiKey; reload: () => Promise<void> }) {
  const { name, prefix, scopes, created_at, last_used_at, expires_at } = of;
  const hasEnded = expires_at !== null && Date.parse(expires_at) <= Date.now();
  const end =
    expires_at === null ? KEYS.endless() : KEYS[hasEnded ? "ended" : "endsAt"]({ when: day(expires_at) });
  return html`<li class="row">
    <div class="row-main">
      <p class="pieces"><strong>${name}</strong> <code>${prefix}…</code></p>
      <ul class="chips">${scopes.map((scope) => html`<li class="chip" key=${scope}>${KEYS[scope]()}</li>`)}</ul>
      <p class="hint pieces">
        <span>${KEYS.made({ when: day(created_at) })}</span>
        <span>${last_used_at ? KEYS.used({ when: moment(last_used_at) }) : KEYS.unused()}</span>
        <span class=${hasEnded ? "warn-text" : ""}>${end}</span>
      </p>
    </div>
    <button type="button" class="button small" aria-label=${KEYS.revokeNamed({ name })} onClick=${() => revoke(of, reload)}>${KEYS.revoke()}</button>
  </li>`;
}

function revoke({ id, name }: ApiKey, reload: () => Promise<void>): void {
  openDialog({
    title: KEYS.revokeTitle(),
    body: html`<p>${KEYS.revokeWords({ name })}</p>`,
    confirm: KEYS.revoke(),
    isDangerous: true,
    onConfirm: async () => {
      try {
        await call("DELETE /users/me/keys/{id}", { id } as never);
      } finally {
        await reload();
      }
    },
  });
}
