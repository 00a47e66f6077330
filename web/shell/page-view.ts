// Shows the page of the place, once its module is there.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { linkTo, place } from "../store/place.ts";
import { sayError } from "../store/say-error.ts";
import { SHELL } from "../texts/shell.ts";
import { MenuButton } from "./menu-button.ts";
import type { PageProps } from "./page-props.ts";
import { findPage, type Page } from "./pages.ts";

const loaded = new Map<Page["load"], ComponentType<PageProps>>();

export function PageView() {
  const found = findPage(place.value);
  const failure = useSignal("");
  const version = useSignal(0);
  const page = found?.page;
  const View = page && loaded.get(page.load);
  useEffect(() => {
    document.title = page?.title ? `${page.title()} · MacJarvis` : "MacJarvis";
    failure.value = "";
    if (!page || loaded.has(page.load)) return;
    page.load().then(
      (module) => {
        loaded.set(page.load, module.default);
        version.value += 1;
      },
      (thrown: unknown) => {
        failure.value = sayError(thrown);
      },
    );
  }, [page]);
  version.value;
  if (!found || !page)
    return html`<${Framed} title=${SHELL.notThere()}><p><a href=${linkTo("/")}>${SHELL.toStart()}</a></p><//>`;
  if (failure.value) return html`<${Framed} title=""><p class="error" role="alert">${failure.value}</p><//>`;
  if (!View) return html`<main id="content" tabindex="-1" aria-busy="true"></main>`;
  if (!page.title) return html`<${View} params=${found.params} />`;
  return html`<${Framed} title=${page.title()}><${View} params=${found.params} /><//>`;
}

function Framed({ title, children }: { title: string; children?: unknown }) {
  return html`
    <header class="head"><${MenuButton} /><h1>${title}</h1></header>
    <main id="content" tabindex="-1" class="page"><div class="page-inner">${children}</div></main>
  `;
}
