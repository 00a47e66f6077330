// A session: what was said, the newest at the bottom, and where one writes.
import { computed, signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { actionsOf } from "../sessions/session-actions.ts";
import { Menu } from "../shell/menu.ts";
import { MenuButton } from "../shell/menu-button.ts";
import type { PageProps } from "../shell/page-props.ts";
import { user } from "../store/account.ts";
import { money, number } from "../store/format.ts";
import { go, linkTo, place } from "../store/place.ts";
import { looked } from "../store/sessions.ts";
import { SESSION } from "../texts/session.ts";
import { SESSIONS } from "../texts/sessions.ts";
import { SHELL } from "../texts/shell.ts";
import { Announcer } from "./announcer.ts";
import { Composer } from "./composer.ts";
import { Conversation } from "./conversation.ts";
import { TurnList } from "./turn-list.ts";

const current = signal<Conversation | undefined>(undefined);

/** The one that is shown stays as it is while its first message gives it an id. */
function conversationOf(id: string | undefined): Conversation {
  const known = current.peek();
  if (known && known.id.peek() === id) return known;
  known?.close();
  const opened = new Conversation(id);
  current.value = opened;
  return opened;
}

/** Nothing of one person is left for the next. */
computed(() => user.value?.id).subscribe(() => {
  current.peek()?.close();
  current.value = undefined;
});

export default function SessionPage({ params }: PageProps) {
  const conversation = conversationOf(params.id);
  const { session, turns, isMissing } = conversation;
  const title = session.value?.title ?? SESSION.untitled();
  const cost = conversation.cost.value;
  const ended = turns.value.at(-1)?.run.value?.status;
  useEffect(() => {
    document.title = params.id ? `${title} · MacJarvis` : "MacJarvis";
  }, [title, params.id]);
  useEffect(() => {
    if (params.id) looked(params.id);
  }, [params.id, ended]);
  const onSession = (id: string) => {
    // Whoever has gone elsewhere meanwhile stays there.
    if (place.value === "/") go(`/sessions/${id}`, "replace");
  };
  return html`
    <header class="head">
      <${MenuButton} />
      <h1 class="head-title">${title}</h1>
      ${cost && html`<span class="cost" title=${SESSION.sessionCost()}>${SESSION.cost({ tokens: number(cost.tokens), cost: money(cost.usd) })}</span>`}
      ${
        session.value &&
        html`<${Menu} label=${SESSIONS.actions({ title })} items=${actionsOf(session.value)} />`
      }
    </header>
    <main id="content" tabindex="-1" class="session">
      ${
        isMissing.value
          ? html`<div class="empty"><p>${SESSION.gone()}</p><a href=${linkTo("/")}>${SESSIONS.new()}</a></div>`
          : html`<${TurnList} key=${conversation} conversation=${conversation} />
              <${Problem} conversation=${conversation} />
              <${Composer} conversation=${conversation} onSession=${onSession} />`
      }
      <${Announcer} conversation=${conversation} />
    </main>
  `;
}

function Problem({ conversation }: { conversation: Conversation }) {
  const { failure } = conversation;
  if (!failure.value) return null;
  return html`<p class="error bar" role="alert">
    ${failure.value}
    <button type="button" class="link" onClick=${() => void conversation.load()}>${SHELL.again()}</button>
  </p>`;
}
