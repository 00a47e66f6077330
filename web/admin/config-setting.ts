// One setting: what holds, where it is from, and changing it.
import { html } from "htm/preact";
import type { ConfigView, ShownSetting } from "../../contracts/answers/admin.ts";
import { draftOf, keepDraft } from "../settings/drafts.ts";
import { useWork, WorkState } from "../settings/use-form.ts";
import { call } from "../store/account.ts";
import { CONFIG, titleOf, wordsOf } from "../texts/config.ts";
import { SETTINGS } from "../texts/settings.ts";
import { SHELL } from "../texts/shell.ts";
import { ValueField } from "./config-field.ts";
import { sayValue, textOf, typedValue } from "./config-values.ts";
import type { Write } from "./config-write.ts";

/** What is being typed, and what was set when that began: "null" where nothing was. */
type Draft = { text: string; seen: string };
type Props = { name: string; setting: ShownSetting; overrides: ConfigView["overrides"]; write: Write };

const seenOf = (value: unknown) => JSON.stringify(value ?? null);

export function Setting({ name, setting, overrides, write }: Props) {
  const { value, source, variable, description } = setting;
  const key = `config ${name}`;
  const kept = draftOf(key);
  const draft = kept === undefined ? undefined : (JSON.parse(kept) as Draft);
  const set = overrides[name];
  const begin = () => {
    // Of the policy only what is set here is changed.
    const text = textOf(name, name === "policy" ? set : value);
    keepDraft(key, JSON.stringify({ text, seen: seenOf(set) } satisfies Draft));
  };
  return html`<li class="row">
    <div class="row-main">
      <p class="rule"><strong>${titleOf(name)}</strong> <code class="hint">${name}</code></p>
      <p class="value">${sayValue(name, value)}</p>
      <p class="hint">${wordsOf(name) ?? description}</p>
      <p class="rule hint">
        <span class=${source === "config" ? "mark" : "mark quiet"}>${CONFIG[`of${capital(source)}`]()}</span>
        ${source === "config" && html`<span>${CONFIG.otherwise()}: ${sayValue(name, setting.default)}</span>`}
        ${variable && html`<code>${variable}</code>`}
      </p>
    </div>
    ${
      !draft &&
      html`<button type="button" class="button small" aria-label=${CONFIG.changeNamed({ name: titleOf(name) })} onClick=${begin}>${CONFIG.change()}</button>`
    }
    ${draft && html`<${Editor} name=${name} draft=${draft} set=${set} overrides=${overrides} write=${write} />`}
  </li>`;
}

const capital = (source: ShownSetting["source"]) =>
  ({ config: "Config", environment: "Environment", default: "Default" })[source] as
    | "Config"
    | "Environment"
    | "Default";

type EditorProps = Omit<Props, "setting"> & { draft: Draft; set: unknown };

function Editor({ name, draft, set, overrides, write }: EditorProps) {
  const work = useWork();
  const key = `config ${name}`;
  const isAnother = draft.seen !== seenOf(set);
  const type = (text: string) => keepDraft(key, JSON.stringify({ ...draft, text }));
  const close = () => keepDraft(key, undefined);
  const put = (next: () => ConfigView["overrides"]) =>
    void work.run(async () => {
      const body = next();
      await write((options) => call("PUT /admin/config", body as never, options));
      close();
    });
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    put(() => ({ ...overrides, [name]: typedValue(name, draft.text) }));
  };
  const useDefault = () =>
    put(() => {
      const { [name]: _, ...rest } = overrides;
      return rest;
    });
  const saying = (seen: string) => sayValue(name, JSON.parse(seen) ?? undefined);
  return html`<form class="form editor" onSubmit=${save} aria-label=${CONFIG.changeNamed({ name: titleOf(name) })}>
    <${ValueField} name=${name} text=${draft.text} onType=${type} />
    ${isAnother && html`<p class="notice">${CONFIG.wasAnother({ before: saying(draft.seen), now: saying(seenOf(set)) })}</p>`}
    <${WorkState} work=${work} />
    <div class="buttons start">
      <button type="submit" class="button primary small" disabled=${work.isBusy}>${SHELL.save()}</button>
      ${set !== undefined && html`<button type="button" class="button small" disabled=${work.isBusy} onClick=${useDefault}>${CONFIG.useDefault()}</button>`}
      <button type="button" class="button small" onClick=${close}>${SETTINGS.discard()}</button>
    </div>
  </form>`;
}
