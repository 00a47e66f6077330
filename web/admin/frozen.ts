// Whether all machines are frozen: it is said on every page of the administration, and changed on one of them.
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import type { Answered } from "../../lib/client/paths.ts";
import { openDialog } from "../shell/dialog.ts";
import { type Loaded, LoadState, useLoaded } from "../shell/use-loaded.ts";
import { useEvery } from "../shell/use-now.ts";
import { call, onLeave } from "../store/account.ts";
import { moment } from "../store/format.ts";
import { onNews } from "../store/news.ts";
import { linkTo } from "../store/place.ts";
import { FREEZE } from "../texts/admin.ts";

type State = Answered<"GET /admin/freeze">;
/** Another admin may change it, of which nothing is told. */
const LOOK_MS = 20_000;
/** As it was read last. */
const now = signal<State | undefined>(undefined);
onLeave(() => {
  now.value = undefined;
});

function useFrozen(): Loaded<State> {
  const loaded = useLoaded(async () => {
    now.value = await call("GET /admin/freeze", {});
    return now.value;
  });
  useEvery(LOOK_MS, () => void loaded.reload());
  useEffect(() => onNews(({ event }) => void (event === "node" && loaded.reload())), []);
  return loaded;
}

/** Above all sections, as long as it is so. */
export function FrozenBar() {
  useFrozen();
  const { frozen, frozen_since } = now.value ?? {};
  return html`<div role="status" class="frozen">
    ${
      frozen &&
      html`<p class="notice">
        <strong>${FREEZE.isFrozen({ when: frozen_since ? moment(frozen_since) : "" })}</strong>${" "}
        <a href=${linkTo("/admin/freeze")}>${FREEZE.toThaw()}</a>
      </p>`
    }
  </div>`;
}

export function FreezeSection() {
  const loaded = useFrozen();
  const state = now.value;
  return html`<section class="panel" aria-labelledby="freeze-title">
    <h2 id="freeze-title">${FREEZE.title()}</h2>
    <p class="hint">${FREEZE.lead()}</p>
    <${LoadState} of=${loaded}>
      <p>${state?.frozen ? FREEZE.frozenWords() : FREEZE.notFrozen()}</p>
      <div class="buttons start">
        ${
          state?.frozen
            ? html`<button type="button" class="button primary" onClick=${() => ask(false)}>${FREEZE.thaw()}…</button>`
            : html`<button type="button" class="button danger" onClick=${() => ask(true)}>${FREEZE.freeze()}…</button>`
        }
      </div>
    <//>
  </section>`;
}

function ask(isFreezing: boolean): void {
  openDialog({
    title: isFreezing ? FREEZE.freezeAsk() : FREEZE.thawAsk(),
    body: html`<p>${isFreezing ? FREEZE.freezeWords() : FREEZE.thawWords()}</p>`,
    confirm: isFreezing ? FREEZE.freeze() : FREEZE.thaw(),
    isDangerous: isFreezing,
    onConfirm: async () => {
      now.value = await call(isFreezing ? "POST /admin/freeze" : "POST /admin/thaw", {});
    },
  });
}
