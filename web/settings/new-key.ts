// Making an API key; its secret is shown until the person says that they have it.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import type { Scope } from "../../contracts/access.ts";
import { CopyBox } from "../shell/copy-button.ts";
import { call, user } from "../store/account.ts";
import { KEYS } from "../texts/settings.ts";
import { draftOf, keepDraft } from "./drafts.ts";
import { useWork, WorkState } from "./use-form.ts";

/** As the server lists them; those that a key has unless said otherwise are chosen. */
const SCOPES: Record<Scope, boolean> = {
  chat: true,
  "sessions:read": true,
  "sessions:write": true,
  "tools:execute": true,
  approve: false,
  "nodes:manage": false,
  account: false,
  admin: false,
};
const NAMES = Object.keys(SCOPES) as Scope[];
const LIVES = { 7: KEYS.in7, 30: KEYS.in30, 90: KEYS.in90, 365: KEYS.in365 };
const DAY_MS = 86_400_000;
/** What was made and not yet put away: it is as easily lost as what was typed. */
const MADE = "made key";

export function NewKey({ onMade }: { onMade: () => void }) {
  const work = useWork();
  const made = draftOf(MADE);
  const chosen = useSignal<readonly Scope[]>(NAMES.filter((name) => SCOPES[name]));
  const isAdmin = user.value?.role === "admin";
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const given = new FormData(form);
    const days = Number(given.get("days"));
    const isDone = await work.run(async () => {
      const { key, secret } = await call("POST /users/me/keys", {
        name: String(given.get("name")).trim(),
        scopes: NAMES.filter((name) => chosen.value.includes(name)),
        ...(days > 0 ? { expires_at: new Date(Date.now() + days * DAY_MS).toISOString() } : {}),
      } as never);
      keepDraft(MADE, JSON.stringify({ name: key.name, secret }));
    });
    if (!isDone) return;
    form.reset();
    onMade();
  };
  if (made !== undefined) return html`<${Secret} ...${JSON.parse(made) as SecretProps} />`;
  return html`<section class="panel" aria-labelledby="new-key-title">
    <h2 id="new-key-title">${KEYS.new()}</h2>
    <form class="form" onSubmit=${submit}>
      <label class="field"><span>${KEYS.name()}</span><input name="name" maxlength="100" required autocomplete="off" /></label>
      <fieldset class="checks">
        <legend>${KEYS.may()}</legend>
        ${NAMES.filter((name) => name !== "admin" || isAdmin).map(
          (name, index) =>
            html`<${ScopeBox} key=${name} name=${name} chosen=${chosen} isFirst=${index === 0} />`,
        )}
      </fieldset>
      <label class="field"><span>${KEYS.ends()}</span>
        <select name="days">
          ${Object.entries(LIVES).map(([days, words]) => html`<option value=${days} selected=${days === "90"}>${words()}</option>`)}
          <option value="0">${KEYS.never()}</option>
        </select>
      </label>
      <${WorkState} work=${work} />
      <div class="buttons start"><button type="submit" class="button primary small" disabled=${work.isBusy}>${KEYS.make()}</button></div>
    </form>
  </section>`;
}

type BoxProps = { name: Scope; chosen: { value: readonly Scope[] }; isFirst: boolean };

function ScopeBox({ name, chosen, isFirst }: BoxProps) {
  const isChosen = chosen.value.includes(name);
  // The browser itself says at the first box that one is needed.
  const check = (box: HTMLInputElement | null) =>
    isFirst && box?.setCustomValidity(chosen.value.length === 0 ? KEYS.atLeastOne() : "");
  const toggle = () => {
    chosen.value = isChosen ? chosen.value.filter((one) => one !== name) : [...chosen.value, name];
  };
  return html`<label class="check"
    ><input type="checkbox" ref=${check} checked=${isChosen} onChange=${toggle} /><span
      >${KEYS[name]()} <code>${name}</code></span
    ></label
  >`;
}

type SecretProps = { name: string; secret: string };

function Secret({ name, secret }: SecretProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return html`<section class="panel secret" aria-labelledby="secret-title">
    <h2 id="secret-title" tabindex="-1" ref=${heading}>${KEYS.secretTitle({ name })}</h2>
    <p class="notice">${KEYS.secretWords()}</p>
    <${CopyBox} label=${KEYS.secret()} text=${secret} />
    <div class="buttons start"><button type="button" class="button small" onClick=${() => keepDraft(MADE, undefined)}>${KEYS.done()}</button></div>
  </section>`;
}
