// The console begins here: the page (services/api/console/page.ts) loads this module, and this all others.
import { html, render } from "htm/preact";
import { App } from "./shell/app.ts";
import { refuseStrayDrops } from "./shell/stray-drops.ts";
import { followServerWords } from "./store/server-words.ts";
import { followSystem } from "./store/settings.ts";

followSystem();
followServerWords();
refuseStrayDrops();
const root = document.getElementById("app");
root?.replaceChildren();
if (root) render(html`<${App} />`, root);
