// What an administrator can do with an account at once: lock it, open it, give it a new password, delete it.
import { html } from "htm/preact";
import type { AdminUser } from "../../contracts/answers/users.ts";
import { draftOf, keepDraft } from "../settings/drafts.ts";
import { openDialog } from "../shell/dialog.ts";
import { call, user as me } from "../store/account.ts";
import { go, linkTo } from "../store/place.ts";
import { USERS } from "../texts/admin.ts";
import { MadePassword, type MadePasswordProps } from "./made-password.ts";

type Props = { user: AdminUser; onChange: (user: AdminUser) => void };
const madeFor = (id: string) => `made password ${id}`;

export function UserActions({ user, onChange }: Props) {
  const { id, disabled } = user;
  const made = draftOf(madeFor(id));
  if (id === me.value?.id)
    return html`<p class="hint">${USERS.yourOwn()} <a href=${linkTo("/settings/account")}>${USERS.toSettings()}</a></p>`;
  return html`
    ${
      made !== undefined &&
      html`<${MadePassword}
        ...${JSON.parse(made) as MadePasswordProps}
        title=${USERS.freshTitle}
        onDone=${() => keepDraft(madeFor(id), undefined)}
      />`
    }
    <div class="buttons start">
      <button type="button" class="button small" onClick=${() => askDisabled(user, onChange)}>
        ${disabled ? USERS.enable() : USERS.disable()}…
      </button>
      <button type="button" class="button small" onClick=${() => askPassword(user)}>${USERS.newPassword()}…</button>
      <button type="button" class="button small danger-text" onClick=${() => askRemoval(user)}>${USERS.remove()}…</button>
    </div>
  `;
}

function askDisabled({ id, email, disabled }: AdminUser, onChange: Props["onChange"]): void {
  openDialog({
    title: (disabled ? USERS.enableAsk : USERS.disableAsk)({ email }),
    body: html`<p>${disabled ? USERS.enableWords() : USERS.disableWords()}</p>`,
    confirm: disabled ? USERS.enable() : USERS.disable(),
    isDangerous: !disabled,
    onConfirm: async () =>
      onChange((await call("PATCH /admin/users/{id}", { id, disabled: !disabled } as never)).user),
  });
}

function askPassword({ id, email }: AdminUser): void {
  openDialog({
    title: USERS.passwordAsk({ email }),
    body: html`<p>${USERS.passwordAskWords()}</p>`,
    confirm: USERS.newPassword(),
    isDangerous: true,
    onConfirm: async () => {
      const password = makePassword();
      await call("PATCH /admin/users/{id}", { id, password } as never);
      keepDraft(madeFor(id), JSON.stringify({ id, email, password }));
    },
  });
}

/** 192 random bits, in letters that can be read out. */
function makePassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function askRemoval({ id, email }: AdminUser): void {
  openDialog({
    title: USERS.removeAsk({ email }),
    body: html`
      <p>${USERS.removeWords()}</p>
      <label class="field"><span>${USERS.typeEmail()}</span>
        <input name="email" autocomplete="off" spellcheck=${false} autofocus required pattern=${exactly(email)} title=${email} />
      </label>
    `,
    confirm: USERS.remove(),
    isDangerous: true,
    onConfirm: async () => {
      await call("DELETE /admin/users/{id}", { id } as never);
      keepDraft(madeFor(id), undefined);
      go("/admin/users");
    },
  });
}

/** As a pattern of an input, which the browser reads with the flag `v`. */
const exactly = (text: string) =>
  text.replace(/[^\p{L}\p{N}@]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);
