// The administration: a list of sections, and the one that the path names; for administrators only.
import { html } from "htm/preact";
import type { PageProps } from "../shell/page-props.ts";
import { user } from "../store/account.ts";
import { linkTo } from "../store/place.ts";
import { ADMIN } from "../texts/admin.ts";
import { FrozenBar } from "./frozen.ts";
import { SECTIONS } from "./sections.ts";

export default function AdminPage({ params }: PageProps) {
  // The server says so of each request, too: this is for whoever has followed a link.
  if (user.value?.role !== "admin") return html`<p class="empty" role="alert">${ADMIN.notAdmin()}</p>`;
  const chosen = params.section ?? SECTIONS[0]?.name;
  const section = SECTIONS.find(({ name }) => name === chosen);
  const View = params.id === undefined ? section?.View : section?.One;
  return html`
    <nav class="tabs" aria-label=${ADMIN.sections()}>
      ${SECTIONS.map(
        ({ name, title }) =>
          html`<a key=${name} href=${linkTo(`/admin/${name}`)} aria-current=${name === chosen ? "page" : undefined}>${title()}</a>`,
      )}
    </nav>
    <${FrozenBar} />
    ${View ? html`<${View} key=${`${chosen}/${params.id}`} id=${params.id} />` : html`<p class="empty">${ADMIN.noSection()}</p>`}
  `;
}
