// How the console looks and speaks, and whether it may notify.
import { html } from "htm/preact";
import { NotifyButton } from "../approvals/notifications.ts";
import { wantsNotifications } from "../store/news.ts";
import { chosenLanguage, type Language, type Theme, theme } from "../store/settings.ts";
import { APPEARANCE } from "../texts/settings.ts";
import { SHELL } from "../texts/shell.ts";

export function AppearanceSection() {
  return html`
    <section class="panel" aria-labelledby="look-title">
      <h2 id="look-title">${APPEARANCE.title()}</h2>
      <${Radios}
        name="language"
        label=${SHELL.language()}
        value=${chosenLanguage.value ?? ""}
        options=${[["", SHELL.byBrowser()], ["en", "English"], ["zh", "简体中文"]]}
        onPick=${(value: string) => (chosenLanguage.value = (value || undefined) as Language | undefined)}
      />
      <${Radios}
        name="theme"
        label=${SHELL.theme()}
        value=${theme.value}
        options=${[["system", SHELL.system()], ["light", SHELL.light()], ["dark", SHELL.dark()]]}
        onPick=${(value: string) => (theme.value = value as Theme)}
      />
    </section>
    <${Notifications} />
  `;
}

type RadiosProps = {
  name: string;
  label: string;
  value: string;
  options: [string, string][];
  onPick: (value: string) => void;
};

/** One of a few, all of them seen. */
export function Radios({ name, label, value, options, onPick }: RadiosProps) {
  return html`<fieldset class="segments">
    <legend>${label}</legend>
    <div class="segments-inner">
      ${options.map(
        ([key, words]) => html`<label key=${key} class="segment"
          ><input type="radio" name=${name} value=${key} checked=${key === value} onChange=${() => onPick(key)} /><span>${words}</span></label
        >`,
      )}
    </div>
  </fieldset>`;
}

function Notifications() {
  // Read, so that it is said anew once the person has answered.
  const isOn = wantsNotifications.value;
  const state =
    typeof Notification === "undefined" ? "unsupported" : isOn ? "granted" : Notification.permission;
  return html`<section class="panel" aria-labelledby="notify-title">
    <h2 id="notify-title">${APPEARANCE.notifications()}</h2>
    <p class="hint">${APPEARANCE.notifyLead()}</p>
    ${state === "default" ? html`<${NotifyButton} />` : html`<p role="status">${APPEARANCE[state]()}</p>`}
  </section>`;
}
