// The settings: a list of sections, and the one that the path names.
import { html } from "htm/preact";
import type { ComponentType } from "preact";
import type { PageProps } from "../shell/page-props.ts";
import { linkTo } from "../store/place.ts";
import { SETTINGS } from "../texts/settings.ts";
import type { Text } from "../texts/texts.ts";
import { AccountSection } from "./account-section.ts";
import { AppearanceSection } from "./appearance-section.ts";
import { KeysSection } from "./keys-section.ts";
import { MemorySection } from "./memory-section.ts";
import { RulesSection } from "./rules-section.ts";
import { UsageSection } from "./usage-section.ts";

const SECTIONS: { name: string; title: Text; View: ComponentType }[] = [
  { name: "account", title: SETTINGS.account, View: AccountSection },
  { name: "appearance", title: SETTINGS.appearance, View: AppearanceSection },
  { name: "usage", title: SETTINGS.usage, View: UsageSection },
  { name: "keys", title: SETTINGS.keys, View: KeysSection },
  { name: "rules", title: SETTINGS.rules, View: RulesSection },
  { name: "memory", title: SETTINGS.memory, View: MemorySection },
];

export default function SettingsPage({ params }: PageProps) {
  const chosen = params.section ?? "account";
  const section = SECTIONS.find(({ name }) => name === chosen);
  return html`
    <nav class="tabs" aria-label=${SETTINGS.sections()}>
      ${SECTIONS.map(
        ({ name, title }) =>
          html`<a key=${name} href=${linkTo(`/settings/${name}`)} aria-current=${name === chosen ? "page" : undefined}>${title()}</a>`,
      )}
    </nav>
    ${section ? html`<${section.View} key=${section.name} />` : html`<p class="empty">${SETTINGS.noSection()}</p>`}
  `;
}
