// Opens the list of sessions on a narrow screen.
import { html } from "htm/preact";
import { SHELL } from "../texts/shell.ts";
import { isDrawerOpen } from "./drawer.ts";
import { Icon } from "./icon.ts";

export function MenuButton() {
  return html`<button
    type="button"
    class="icon-button menu-button"
    aria-label=${SHELL.menu()}
    aria-expanded=${isDrawerOpen.value}
    onClick=${() => (isDrawerOpen.value = true)}
  ><${Icon} name="menu" /></button>`;
}
