// The list of sessions, and the ways to all pages.
import { html } from "htm/preact";
import { SessionList } from "../sessions/session-list.ts";
import { signOut, user } from "../store/account.ts";
import { approvals } from "../store/approvals.ts";
import { go, linkTo, place } from "../store/place.ts";
import { chosenLanguage, type Language, type Theme, theme } from "../store/settings.ts";
import { SESSIONS } from "../texts/sessions.ts";
import { SHELL } from "../texts/shell.ts";
import type { Text } from "../texts/texts.ts";
import { Icon, type IconName } from "./icon.ts";

/** Pages besides the sessions: path, name, icon, and for whom. */
type Way = { path: string; name: Text; icon: IconName; count?: () => number; isForAdmins?: boolean };
const WAYS: Way[] = [
  { path: "/approvals", name: SHELL.approvals, icon: "shield", count: () => approvals.value.length },
  { path: "/machines", name: SHELL.machines, icon: "machine" },
  { path: "/settings", name: SHELL.settings, icon: "gear" },
  { path: "/admin", name: SHELL.admin, icon: "users", isForAdmins: true },
];

export function Sidebar() {
  return html`<aside class="sidebar" aria-label=${SHELL.sessions()}>
    <div class="sidebar-head">
      <a class="brand" href=${linkTo("/")}><span class="brand-mark" aria-hidden="true"></span>MacJarvis</a>
      <button type="button" class="icon-button" aria-label=${SESSIONS.new()} title=${SESSIONS.new()} onClick=${() => go("/")}>
        <${Icon} name="plus" />
      </button>
    </div>
    <${SessionList} />
    <nav class="ways" aria-label=${SHELL.menu()}>
      ${WAYS.filter(({ isForAdmins }) => !isForAdmins || user.value?.role === "admin").map((way) => {
        const count = way.count?.() ?? 0;
        return html`<a href=${linkTo(way.path)} aria-current=${`${place.value}/`.startsWith(`${way.path}/`) ? "page" : undefined}>
          <${Icon} name=${way.icon} /><span>${way.name()}</span>
          ${count > 0 && html`<span class="count">${count}</span>`}
        </a>`;
      })}
    </nav>
    <${Account} />
  </aside>`;
}

function Account() {
  return html`<details class="account">
    <summary>
      <span class="avatar" aria-hidden="true">${(user.value?.display_name || user.value?.email || "?").slice(0, 1)}</span>
      <span class="account-name">${user.value?.display_name || user.value?.email}</span>
    </summary>
    <div class="account-body">
      <${Choice}
        label=${SHELL.language()}
        value=${chosenLanguage.value ?? ""}
        options=${[["", SHELL.byBrowser()], ["en", "English"], ["zh", "简体中文"]]}
        onChange=${(value: string) => (chosenLanguage.value = (value || undefined) as Language | undefined)}
      />
      <${Choice}
        label=${SHELL.theme()}
        value=${theme.value}
        options=${[["system", SHELL.system()], ["light", SHELL.light()], ["dark", SHELL.dark()]]}
        onChange=${(value: string) => (theme.value = value as Theme)}
      />
      <button type="button" class="button quiet" onClick=${() => void signOut()}>
        <${Icon} name="out" />${SHELL.signOut()}
      </button>
    </div>
  </details>`;
}

type ChoiceProps = {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
};

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return html`<label class="choice">
    <span>${label}</span>
    <select value=${value} onChange=${(event: Event) => onChange((event.currentTarget as HTMLSelectElement).value)}>
      ${options.map(([key, name]) => html`<option value=${key} selected=${key === value}>${name}</option>`)}
    </select>
  </label>`;
}
