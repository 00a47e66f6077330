// The addresses of accounts that are named by their ids, looked up when they are first seen.
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { ApiError } from "../../lib/client/api-error.ts";
import { call, onLeave } from "../store/account.ts";
import { linkTo } from "../store/place.ts";
import { USERS } from "../texts/admin.ts";

const AT_ONCE = 4;
/** Null: there is no such account (any more). */
const emails = signal<ReadonlyMap<string, string | null>>(new Map());
const asked = new Set<string>();
const waiting: string[] = [];
let reading = 0;
onLeave(() => {
  emails.value = new Map();
  asked.clear();
  waiting.length = 0;
});

/** Its address, once it is known. */
export const emailOf = (id: string): string | undefined => emails.value.get(id) ?? undefined;

/** What is known without asking. */
export function keepEmail(id: string, email: string): void {
  asked.add(id);
  emails.value = new Map(emails.value).set(id, email);
}

async function look(): Promise<void> {
  if (reading === AT_ONCE) return;
  reading += 1;
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
    try {
      const { user } = await call("GET /admin/users/{id}", { id } as never);
      emails.value = new Map(emails.value).set(id, user.email);
    } catch (thrown) {
      // Names are a comfort: whatever else went wrong, the id is shown, and asked for when it is seen again.
      if (thrown instanceof ApiError && thrown.status === 404)
        emails.value = new Map(emails.value).set(id, null);
      else asked.delete(id);
    }
  }
  reading -= 1;
}

/** An account by its id: its address as soon as it is known, and the way to it. */
export function UserName({ id }: { id: string }) {
  const isAccount = id.startsWith("usr_");
  useEffect(() => {
    if (!isAccount || asked.has(id)) return;
    asked.add(id);
    waiting.push(id);
    void look();
  }, [id]);
  if (!isAccount) return html`<code>${id}</code>`;
  const email = emails.value.get(id);
  if (email === null) return html`<span><code>${id}</code> (${USERS.isGone()})</span>`;
  return html`<a href=${linkTo(`/admin/users/${id}`)}>${email ?? id}</a>`;
}
