// The whole console: who is not signed in signs in; everybody else sees the list of sessions beside a page.
import { html } from "htm/preact";
import { followForNotifications } from "../approvals/notifications.ts";
import { SignIn } from "../sign-in/sign-in.ts";
import { isStarting, startAccount, user } from "../store/account.ts";
import { followApprovals } from "../store/approvals.ts";
import { followMachines } from "../store/machines.ts";
import { followNews } from "../store/news.ts";
import { followSessions } from "../store/sessions.ts";
import { SHELL } from "../texts/shell.ts";
import { ConnectionBar } from "./connection-bar.ts";
import { OpenDialog } from "./dialog.ts";
import { isDrawerOpen } from "./drawer.ts";
import { PageView } from "./page-view.ts";
import { Sidebar } from "./sidebar.ts";

followSessions();
followApprovals();
followMachines();
followForNotifications();
followNews();
void startAccount();

export function App() {
  if (isStarting.value)
    return html`<p class="first-paint"><span class="brand-mark large"></span>MacJarvis</p>`;
  if (!user.value) return html`<${SignIn} />`;
  const toContent = (event: Event) => {
    event.preventDefault();
    document.getElementById("content")?.focus();
  };
  return html`
    <a class="skip" href="#content" onClick=${toContent}>${SHELL.skip()}</a>
    <div class="shell ${isDrawerOpen.value ? "drawer-open" : ""}">
      <${Sidebar} />
      <div class="shade" onClick=${() => (isDrawerOpen.value = false)}></div>
      <div class="stage">
        <${ConnectionBar} />
        <${PageView} />
      </div>
    </div>
    <${OpenDialog} />
  `;
}
