// One dialog at a time, above everything: the browser keeps the focus in it and closes it at Escape.
import { signal } from "@preact/signals";
import { html } from "htm/preact";
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { sayError } from "../store/say-error.ts";
import { SHELL } from "../texts/shell.ts";

export type DialogContent = {
  title: string;
  /** What is between the title and the buttons. */
  body: ComponentChildren;
  /** What the main button says. */
  confirm: string;
  isDangerous?: boolean;
  /** What it throws is shown, and the dialog stays. */
  onConfirm: (form: FormData) => Promise<void> | void;
};

const opened = signal<DialogContent | undefined>(undefined);
const failure = signal("");
const isBusy = signal(false);

export function openDialog(content: DialogContent): void {
  failure.value = "";
  isBusy.value = false;
  opened.value = content;
}

export function OpenDialog() {
  const content = opened.value;
  const element = useRef<HTMLDialogElement>(null);
  // Before it is painted: what is typed from then on is meant for it.
  useLayoutEffect(() => {
    if (content) element.current?.showModal();
  }, [content]);
  if (!content) return null;
  const close = () => {
    opened.value = undefined;
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    isBusy.value = true;
    try {
      await content.onConfirm(new FormData(event.currentTarget as HTMLFormElement));
      if (opened.value === content) close();
    } catch (thrown) {
      failure.value = sayError(thrown);
    } finally {
      isBusy.value = false;
    }
  };
  return html`<dialog ref=${element} class="dialog" aria-labelledby="dialog-title" onClose=${close}>
    <form onSubmit=${submit}>
      <h2 id="dialog-title">${content.title}</h2>
      ${content.body}
      ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
      <div class="buttons">
        <button type="button" class="button" onClick=${() => element.current?.close()}>${SHELL.cancel()}</button>
        <button type="submit" class="button ${content.isDangerous ? "danger" : "primary"}" disabled=${isBusy.value}>
          ${content.confirm}
        </button>
      </div>
    </form>
  </dialog>`;
}
