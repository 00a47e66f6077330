// What was changed in the configuration, by whom, and bringing former values back.
import { html } from "htm/preact";
import type { ConfigChange, ConfigView } from "../../contracts/answers/admin.ts";
import { openDialog } from "../shell/dialog.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { moment } from "../store/format.ts";
import { CONFIG, titleOf } from "../texts/config.ts";
import { type Change, changesBetween, sayValue } from "./config-values.ts";
import type { Write } from "./config-write.ts";
import { UserName } from "./user-names.ts";

/** `version`: another one when it has to be read anew. */
type Props = { view: ConfigView; write: Write; version: string };

export function ConfigHistory({ view, write, version }: Props) {
  const loaded = useLoaded(async () => (await call("GET /admin/config/history", {})).changes, [version]);
  const changes = loaded.value ?? [];
  const oldest = changes.at(-1);
  return html`<section class="panel" aria-labelledby="history-title">
    <h2 id="history-title">${CONFIG.history()}</h2>
    <${LoadState} of=${loaded}>
      ${
        changes.length === 0
          ? html`<p class="hint">${CONFIG.noHistory()}</p>`
          : html`<ul class="rows">
              ${changes.map(
                (one, index) =>
                  html`<${Row} key=${one.revision} of=${one} former=${changes[index + 1]} view=${view} write=${write} />`,
              )}
            </ul>`
      }
      ${
        oldest &&
        Object.keys(view.overrides).length > 0 &&
        html`<div class="buttons start">
          <button type="button" class="button small" onClick=${() => ask(0, {}, view, write)}>${CONFIG.clear()}…</button>
        </div>`
      }
    <//>
  </section>`;
}

type RowProps = { of: ConfigChange; former: ConfigChange | undefined; view: ConfigView; write: Write };

function Row({ of, former, view, write }: RowProps) {
  const { revision, changed_at, changed_by, overrides } = of;
  const isNow = revision === view.revision;
  // Of the oldest one that is kept nobody knows what was before, unless it is the first.
  const changes = changesBetween(former?.overrides ?? {}, overrides);
  return html`<li class="row">
    <div class="row-main">
      <p class="rule">
        <strong>${CONFIG.revision({ revision })}</strong>
        ${isNow && html`<span class="mark">${CONFIG.isNow()}</span>`}
        ${changed_at && html`<span class="hint">${moment(changed_at)}</span>`}
        ${changed_by && html`<span class="hint"><${UserName} id=${changed_by} /></span>`}
      </p>
      <${Changes} of=${changes} none=${CONFIG.same()} />
    </div>
    ${
      !isNow &&
      html`<button
        type="button"
        class="button small"
        aria-label=${CONFIG.bringBackNamed({ revision })}
        onClick=${() => ask(revision, overrides, view, write)}
      >${CONFIG.bringBack()}</button>`
    }
  </li>`;
}

function Changes({ of, none }: { of: Change[]; none: string }) {
  if (of.length === 0) return html`<p class="hint">${none}</p>`;
  return html`<ul class="changes">
    ${of.map(
      ({ name, before, after }) => html`<li key=${name}>
        <span class="hint">${titleOf(name)}</span>${" "}
        <span>${CONFIG.from({ before: sayValue(name, before), after: sayValue(name, after) })}</span>
      </li>`,
    )}
  </ul>`;
}

function ask(to: number, overrides: ConfigView["overrides"], view: ConfigView, write: Write): void {
  openDialog({
    title: to === 0 ? CONFIG.clearAsk() : CONFIG.bringBackAsk({ revision: to }),
    body: html`<div>
      <p>${CONFIG.becomes()}</p>
      <${Changes} of=${changesBetween(view.overrides, overrides)} none=${CONFIG.becomesNothing()} />
    </div>`,
    confirm: to === 0 ? CONFIG.clear() : CONFIG.bringBack(),
    isDangerous: to === 0,
    onConfirm: () => write((options) => call("POST /admin/config/revert", { to } as never, options)),
  });
}
