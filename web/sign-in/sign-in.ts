// Signing in and registering, by form.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { notice, register, signIn } from "../store/account.ts";
import { sayError } from "../store/say-error.ts";
import { SIGN_IN } from "../texts/shell.ts";

export function SignIn() {
  const isNew = useSignal(false);
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = `${isNew.value ? SIGN_IN.register() : SIGN_IN.title()} · MacJarvis`;
    first.current?.focus();
  }, [isNew.value]);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy.value) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const field = (name: string) => String(form.get(name) ?? "");
    isBusy.value = true;
    failure.value = "";
    try {
      const given = { email: field("email"), password: field("password") };
      const name = field("display_name").trim();
      if (isNew.value) await register({ ...given, ...(name ? { display_name: name } : {}) });
      else await signIn(given);
    } catch (thrown) {
      failure.value = sayError(thrown);
    } finally {
      isBusy.value = false;
    }
  };
  const swap = () => {
    isNew.value = !isNew.value;
    failure.value = "";
  };
  return html`<main class="sign-in" id="content">
    <div class="sign-in-card">
      <span class="brand-mark large" aria-hidden="true"></span>
      <h1>${SIGN_IN.welcome()}</h1>
      <p class="lead">${SIGN_IN.lead()}</p>
      ${notice.value && html`<p class="notice" role="status">${notice.value}</p>`}
      <form onSubmit=${submit}>
        ${
          isNew.value &&
          html`<label class="field"><span>${SIGN_IN.name()}</span><input name="display_name" autocomplete="name" maxlength="100" /></label>`
        }
        <label class="field"
          ><span>${SIGN_IN.email()}</span
          ><input ref=${first} name="email" type="email" autocomplete="username" required
        /></label>
        <label class="field"
          ><span>${isNew.value ? SIGN_IN.newPassword() : SIGN_IN.password()}</span
          ><input
            name="password"
            type="password"
            autocomplete=${isNew.value ? "new-password" : "current-password"}
            required
        /></label>
        ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
        <button type="submit" class="button primary wide" disabled=${isBusy.value}>
          ${isBusy.value ? SIGN_IN.working() : isNew.value ? SIGN_IN.register() : SIGN_IN.title()}
        </button>
      </form>
      <button type="button" class="button quiet wide" onClick=${swap}>
        ${isNew.value ? SIGN_IN.toSignIn() : SIGN_IN.toRegister()}
      </button>
    </div>
  </main>`;
}
