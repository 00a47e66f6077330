// Shows the page of the place, once its module is there.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { linkTo, place } from "../store/place.ts";
import { SHELL } from "../texts/shell.ts";
import { MenuButton } from "./menu-button.ts";
import type { PageProps } from "./page-props.ts";
import { findPage, type Page } from "./pages.ts";

const loaded = new Map<Page["load"], ComponentType<PageProps>>();

export function PageView() {
  const found = findPage(place.value);
  const hasFailed = useSignal(false);
  const version = useSignal(0);
  const page = found?.page;
  const View = page && loaded.get(page.load);
  useEffect(() => {
    document.title = page?.title ? `${page.title()} · MacJarvis` : "MacJarvis";
    hasFailed.value = false;
    if (!page || loaded.has(page.load)) return;
    page.load().then(
      (module) => {
        loaded.set(page.load, module.default);
        version.value += 1;
      },
      () => {
        hasFailed.value = true;
      },
    );
  }, [page]);
  version.value;
  if (!found || !page)
    return html`<${Framed} title=${SHELL.notThere()}><p><a href=${linkTo("/")}>${SHELL.toStart()}</a></p><//>`;
  if (hasFailed.value) return html`<${Framed} title=${page.title?.() ?? ""}><${NotLoaded} /><//>`;
  if (!View) return html`<main id="content" tabindex="-1" aria-busy="true"></main>`;
  if (!page.title) return html`<${View} params=${found.params} />`;
  return html`<${Framed} title=${page.title()}><${View} params=${found.params} /><//>`;
}

/** Its file did not come: the server is not there, or is of another version than this page. A browser does not ask for it again. */
function NotLoaded() {
  return html`
    <p class="error" role="alert">${SHELL.pageNotLoaded()}</p>
    <p><button type="button" onClick=${() => location.reload()}>${SHELL.reload()}</button></p>
  `;
}

function Framed({ title, children }: { title: string; children?: unknown }) {
  return html`
    <header class="head"><${MenuButton} /><h1>${title}</h1></header>
    <main id="content" tabindex="-1" class="page"><div class="page-inner">${children}</div></main>
  `;
}
