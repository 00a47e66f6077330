// All sessions by day, with search and archive.
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import type { Session } from "../../contracts/answers/sessions.ts";
import { Icon } from "../shell/icon.ts";
import { Menu } from "../shell/menu.ts";
import { linkTo, place } from "../store/place.ts";
import {
  badgeOf,
  failure,
  hasMore,
  isArchiveShown,
  isLoading,
  loadMoreSessions,
  loadSessions,
  search,
  sessions,
} from "../store/sessions.ts";
import { SESSIONS } from "../texts/sessions.ts";
import { byDay } from "./by-day.ts";
import { actionsOf } from "./session-actions.ts";

/** So long nobody types before it is searched, in milliseconds. */
const PAUSE_MS = 200;

export function SessionList() {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onInput = (event: Event) => {
    search.value = (event.currentTarget as HTMLInputElement).value;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void loadSessions(), PAUSE_MS);
  };
  const showArchive = (isShown: boolean) => {
    isArchiveShown.value = isShown;
    sessions.value = [];
    void loadSessions();
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const groups = byDay(sessions.value, new Date());
  return html`<div class="session-list">
    <label class="search">
      <${Icon} name="search" />
      <input
        type="search"
        aria-label=${SESSIONS.search()}
        placeholder=${SESSIONS.search()}
        value=${search.value}
        onInput=${onInput}
      />
    </label>
    ${
      isArchiveShown.value &&
      html`<div class="archive-head">
        <strong>${SESSIONS.archived()}</strong>
        <button type="button" class="link" onClick=${() => showArchive(false)}>${SESSIONS.showActive()}</button>
      </div>`
    }
    <div class="session-groups">
      ${groups.map(
        ({ name, members }) =>
          html`<section key=${name} aria-label=${name}>
            <h2>${name}</h2>
            <ul>
              ${members.map((session) => html`<${Entry} key=${session.id} session=${session} />`)}
            </ul>
          </section>`,
      )}
      ${sessions.value.length === 0 && !isLoading.value && html`<p class="hint">${emptyWords()}</p>`}
      ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
      ${
        hasMore.value &&
        html`<button type="button" class="link" disabled=${isLoading.value} onClick=${() => void loadMoreSessions()}>
          ${SESSIONS.older()}
        </button>`
      }
      ${
        !isArchiveShown.value &&
        html`<button type="button" class="link faint" onClick=${() => showArchive(true)}>
          <${Icon} name="archive" />${SESSIONS.showArchived()}
        </button>`
      }
    </div>
  </div>`;
}

function emptyWords(): string {
  const query = search.value.trim();
  if (query) return SESSIONS.noneFound({ query });
  return isArchiveShown.value ? SESSIONS.noneArchived() : SESSIONS.none();
}

function Entry({ session }: { session: Session }) {
  const path = `/sessions/${session.id}`;
  const badge = badgeOf(session);
  return html`<li class="session-entry">
    <a href=${linkTo(path)} aria-current=${place.value === path ? "page" : undefined} title=${session.title}>
      <span class="session-title">${session.title}</span>
      ${badge && html`<span class="badge ${badge}"><span>${SESSIONS[badge]()}</span></span>`}
    </a>
    <${Menu} label=${SESSIONS.actions({ title: session.title })} items=${actionsOf(session)} />
  </li>`;
}
