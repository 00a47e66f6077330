// The configuration: each setting with what holds and where that is from, changing it, and what was changed.
import { html } from "htm/preact";
import type { ConfigView } from "../../contracts/answers/admin.ts";
import { LoadState } from "../shell/use-loaded.ts";
import { CONFIG } from "../texts/config.ts";
import { ConfigHistory } from "./config-history.ts";
import { Setting } from "./config-setting.ts";
import { useConfig, type Write } from "./config-write.ts";

export function ConfigSection() {
  const { loaded, write, tries } = useConfig();
  const view = loaded.value;
  return html`
    <p class="hint">${CONFIG.lead()}</p>
    <${LoadState} of=${loaded}>${view && html`<${Settings} view=${view} write=${write} />`}<//>
    ${view && html`<${ConfigHistory} view=${view} write=${write} version=${`${view.revision} ${tries}`} />`}
  `;
}

function Settings({ view, write }: { view: ConfigView; write: Write }) {
  const { settings, problems, overrides } = view;
  const unknown = Object.keys(overrides).filter((name) => !Object.hasOwn(settings, name));
  return html`
    ${
      problems.length > 0 &&
      html`<div class="error">
        <p>${CONFIG.problems()}</p>
        <ul class="faults">${problems.map((problem) => html`<li>${problem}</li>`)}</ul>
      </div>`
    }
    ${unknown.length > 0 && html`<p class="notice">${CONFIG.unknown({ names: unknown.join(", ") })}</p>`}
    <ul class="rows panel" aria-label=${CONFIG.list()}>
      ${Object.entries(settings).map(
        ([name, setting]) =>
          html`<${Setting} key=${name} name=${name} setting=${setting} overrides=${overrides} write=${write} />`,
      )}
    </ul>
  `;
}
