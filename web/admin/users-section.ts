// The accounts: those there are, newest first, and making one.
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import type { AdminUser } from "../../contracts/answers/users.ts";
import { Icon } from "../shell/icon.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { MoreButton, usePages } from "../shell/use-pages.ts";
import { call, onLeave } from "../store/account.ts";
import { day, moment } from "../store/format.ts";
import { linkTo } from "../store/place.ts";
import { USERS } from "../texts/admin.ts";
import { NewUser } from "./new-user.ts";
import { readPlans } from "./plans.ts";

const PAGE = 50;
/** So long nobody types before it is searched, in milliseconds. */
const PAUSE_MS = 200;
/** What is searched: it stays while one looks at one of those found. */
const search = signal("");
onLeave(() => {
  search.value = "";
});

export function UsersSection() {
  const q = search.value.trim();
  const plans = useLoaded(readPlans);
  const list = usePages<AdminUser>(
    async (cursor) => {
      const given = { limit: PAGE, ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) };
      const { users, next_cursor } = await call("GET /admin/users", given as never);
      return { items: users, next: next_cursor };
    },
    [q],
  );
  return html`
    <${NewUser} plans=${plans} onMade=${() => void list.reload()} />
    <${Search} />
    <${LoadState} of=${list}>
      ${
        list.items.length === 0
          ? html`<p class="empty">${q ? USERS.nobodyFound({ words: q }) : USERS.nobody()}</p>`
          : html`<ul class="rows panel" aria-label=${USERS.list()}>${list.items.map((one) => html`<${Row} key=${one.id} of=${one} />`)}</ul>`
      }
      <${MoreButton} of=${list} />
    <//>
  `;
}

function Search() {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onInput = (event: Event) => {
    const typed = (event.currentTarget as HTMLInputElement).value;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      search.value = typed;
    }, PAUSE_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return html`<label class="search admin-search">
    <${Icon} name="search" />
    <input type="search" maxlength="200" aria-label=${USERS.search()} placeholder=${USERS.search()} value=${search.peek()} onInput=${onInput} />
  </label>`;
}

function Row({ of }: { of: AdminUser }) {
  const { id, email, display_name, plan, created_at, last_login_at } = of;
  return html`<li class="row">
    <div class="row-main">
      <p class="rule"><a href=${linkTo(`/admin/users/${id}`)}>${email}</a><${Marks} of=${of} /></p>
      <p class="hint pieces">
        ${display_name && html`<span>${display_name}</span>`}
        <span>${USERS.onPlan({ plan })}</span>
        <span>${USERS.made({ when: day(created_at) })}</span>
        <span>${last_login_at ? USERS.lastLogin({ when: moment(last_login_at) }) : USERS.noLogin()}</span>
      </p>
    </div>
  </li>`;
}

/** What is out of the ordinary with an account. */
export function Marks({ of: { role, disabled, limits } }: { of: AdminUser }) {
  return html`
    ${role === "admin" && html`<span class="mark">${USERS.admin()}</span>`}
    ${disabled && html`<span class="mark bad">${USERS.disabled()}</span>`}
    ${limits && html`<span class="mark quiet">${USERS.ownLimits()}</span>`}
  `;
}
