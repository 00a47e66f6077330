// The account: profile, password, signing out, and its end.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { openDialog } from "../shell/dialog.ts";
import { call, notice, signOut, user } from "../store/account.ts";
import { day, moment } from "../store/format.ts";
import { ACCOUNT, SETTINGS } from "../texts/settings.ts";
import { SHELL } from "../texts/shell.ts";
import { draftOf, keepDraft } from "./drafts.ts";
import { LoginsPanel } from "./logins-panel.ts";
import { useWork, WorkState } from "./use-form.ts";

export function AccountSection() {
  return html`<${Profile} /><${Password} /><${LoginsPanel} /><${SignOut} /><${Removal} />`;
}

const NAME = "display_name";

function Profile() {
  const work = useWork();
  const account = user.value;
  if (!account) return null;
  const draft = draftOf(NAME);
  const isChanged = draft !== undefined && draft !== account.display_name;
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    void work.run(async () => {
      user.value = (
        await call("PUT /users/me", { display_name: draft ?? account.display_name } as never)
      ).user;
      keepDraft(NAME, undefined);
    }, SETTINGS.saved());
  };
  return html`<section class="panel" aria-labelledby="profile-title">
    <h2 id="profile-title">${ACCOUNT.profile()}</h2>
    <form class="form" onSubmit=${save}>
      <label class="field"><span>${ACCOUNT.name()}</span>
        <input
          name="display_name"
          autocomplete="name"
          maxlength="100"
          required
          value=${draft ?? account.display_name}
          onInput=${(event: Event) => keepDraft(NAME, (event.currentTarget as HTMLInputElement).value)}
        />
      </label>
      <dl class="facts">
        <div><dt>${ACCOUNT.email()}</dt><dd>${account.email}</dd></div>
        <div><dt>${ACCOUNT.role()}</dt><dd>${ACCOUNT[account.role]()}</dd></div>
        <div><dt>${ACCOUNT.since()}</dt><dd>${day(account.created_at)}</dd></div>
        ${account.last_login_at && html`<div><dt>${ACCOUNT.lastLogin()}</dt><dd>${moment(account.last_login_at)}</dd></div>`}
      </dl>
      <${WorkState} work=${work} />
      <div class="buttons start">
        <button type="submit" class="button primary small" disabled=${work.isBusy || !isChanged}>${SHELL.save()}</button>
        ${
          isChanged &&
          html`<button type="button" class="button small" onClick=${() => keepDraft(NAME, undefined)}>${SETTINGS.discard()}</button>
            <span class="hint">${SETTINGS.unsaved()}</span>`
        }
      </div>
    </form>
  </section>`;
}

function Password() {
  const work = useWork();
  const fresh = useSignal("");
  const repeated = useSignal("");
  const compare = (input: HTMLInputElement | null) =>
    input?.setCustomValidity(fresh.value === repeated.value ? "" : ACCOUNT.differs());
  const typed = (into: typeof fresh) => (event: Event) => {
    into.value = (event.currentTarget as HTMLInputElement).value;
  };
  const save = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const current_password = String(new FormData(form).get("current") ?? "");
    const isDone = await work.run(async () => {
      const given = { password: fresh.value, ...(current_password ? { current_password } : {}) };
      user.value = (await call("PUT /users/me", given as never)).user;
    }, ACCOUNT.changed());
    if (!isDone) return;
    fresh.value = repeated.value = "";
    form.reset();
  };
  return html`<section class="panel" aria-labelledby="password-title">
    <h2 id="password-title">${ACCOUNT.password()}</h2>
    <form class="form" onSubmit=${save}>
      <input type="text" name="username" autocomplete="username" value=${user.value?.email} readonly hidden />
      <label class="field"><span>${ACCOUNT.current()}</span>
        <input name="current" type="password" autocomplete="current-password" maxlength="1024" aria-describedby="no-password" />
        <span class="hint" id="no-password">${ACCOUNT.noPassword()}</span>
      </label>
      <label class="field"><span>${ACCOUNT.fresh()}</span>
        <input type="password" autocomplete="new-password" minlength="8" maxlength="256" required value=${fresh.value} onInput=${typed(fresh)} />
      </label>
      <label class="field"><span>${ACCOUNT.repeat()}</span>
        <input ref=${compare} type="password" autocomplete="new-password" required value=${repeated.value} onInput=${typed(repeated)} />
      </label>
      <${WorkState} work=${work} />
      <div class="buttons start"><button type="submit" class="button primary small" disabled=${work.isBusy}>${ACCOUNT.change()}</button></div>
    </form>
  </section>`;
}

function SignOut() {
  return html`<section class="panel" aria-labelledby="out-title">
    <h2 id="out-title">${ACCOUNT.signOut()}</h2>
    <p class="hint">${ACCOUNT.signOutWords()}</p>
    <div class="buttons start"><button type="button" class="button small" onClick=${() => void signOut()}>${ACCOUNT.signOut()}</button></div>
  </section>`;
}

function Removal() {
  const ask = () =>
    openDialog({
      title: ACCOUNT.removeAsk({ email: user.value?.email ?? "" }),
      body: html`
        <p>${ACCOUNT.removeWords()}</p>
        <label class="field"><span>${ACCOUNT.current()}</span>
          <input name="current" type="password" autocomplete="current-password" maxlength="1024" autofocus aria-describedby="remove-hint" />
          <span class="hint" id="remove-hint">${ACCOUNT.noPassword()}</span>
        </label>
      `,
      confirm: ACCOUNT.remove(),
      isDangerous: true,
      onConfirm: async (form) => {
        const current_password = String(form.get("current") ?? "");
        await call("DELETE /users/me", (current_password ? { current_password } : {}) as never);
        await signOut();
        notice.value = ACCOUNT.removed();
      },
    });
  return html`<section class="panel" aria-labelledby="removal-title">
    <h2 id="removal-title">${ACCOUNT.removeTitle()}</h2>
    <p class="hint">${ACCOUNT.removeWords()}</p>
    <div class="buttons start"><button type="button" class="button small danger-text" onClick=${ask}>${ACCOUNT.remove()}…</button></div>
  </section>`;
}
