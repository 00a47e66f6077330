// Where one is signed in: each login can be ended, and what is open with it ends at once.
import { html } from "htm/preact";
import type { OpenLogin } from "../../contracts/answers/users.ts";
import { openDialog } from "../shell/dialog.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { moment } from "../store/format.ts";
import { LOGINS } from "../texts/settings.ts";
import { programWords } from "./program-words.ts";

export function LoginsPanel() {
  const loaded = useLoaded(async () => (await call("GET /users/me/logins", {})).logins);
  return html`<section class="panel" aria-labelledby="logins-title">
    <h2 id="logins-title">${LOGINS.title()}</h2>
    <p class="hint">${LOGINS.lead()}</p>
    <${LoadState} of=${loaded}>
      <ul class="rows">${(loaded.value ?? []).map((login) => html`<${Row} key=${login.id} of=${login} reload=${loaded.reload} />`)}</ul>
    <//>
  </section>`;
}

function Row({ of, reload }: { of: OpenLogin; reload: () => Promise<void> }) {
  const name = programWords(of.program);
  return html`<li class="row">
    <div class="row-main">
      <p class="pieces"><strong>${name}</strong> ${of.is_current && html`<span class="chip">${LOGINS.here()}</span>`}</p>
      <p class="hint pieces">
        <span>${LOGINS.opened({ when: moment(of.created_at) })}</span>
        <span>${LOGINS.used({ when: moment(of.last_used_at) })}</span>
      </p>
    </div>
    ${
      !of.is_current &&
      html`<button type="button" class="button small" aria-label=${LOGINS.endNamed({ name })} onClick=${() => end(of, name, reload)}>${LOGINS.end()}</button>`
    }
  </li>`;
}

function end({ id }: OpenLogin, name: string, reload: () => Promise<void>): void {
  openDialog({
    title: LOGINS.endTitle(),
    body: html`<p>${LOGINS.endWords({ name })}</p>`,
    confirm: LOGINS.end(),
    isDangerous: true,
    onConfirm: async () => {
      try {
        await call("DELETE /users/me/logins/{id}", { id } as never);
      } finally {
        await reload();
      }
    },
  });
}
