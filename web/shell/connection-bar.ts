// Says when what is shown may be old.
import { html } from "htm/preact";
import { isLost } from "../store/news.ts";
import { isOnline } from "../store/visible.ts";
import { SHELL } from "../texts/shell.ts";

export function ConnectionBar() {
  const words = !isOnline.value ? SHELL.offline() : isLost.value ? SHELL.lost() : "";
  return html`<div class="connection-bar" role="status">${words}</div>`;
}
