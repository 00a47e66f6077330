// The last message of the person while it is edited in its place. Escape leaves it as it was.
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { FILES } from "../texts/files.ts";
import { SESSION } from "../texts/session.ts";
import { AttachButton, AttachedList, takeFiles } from "./attached-list.ts";
import type { Replacing } from "./replacing.ts";

export function EditSaid({ replacing }: { replacing: Replacing }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const editing = replacing.editing.value;
  useEffect(() => field.current?.focus(), []);
  if (!editing) return null;
  const { text, attached } = editing;
  const words = text.value ?? "";
  const canSend = words.trim() !== "" && attached.isReady.value;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing) return;
    if (event.key === "Escape") replacing.cancel();
    else if (event.key === "Enter" && !event.shiftKey && event.target === field.current)
      replacing.sendEdited();
    else return;
    event.preventDefault();
  };
  return html`<form
    class="edit-said"
    onKeyDown=${onKeyDown}
    onSubmit=${(event: Event) => {
      event.preventDefault();
      replacing.sendEdited();
    }}
  >
    <textarea
      ref=${field}
      rows=${Math.min(12, words.split("\n").length + 1)}
      aria-label=${SESSION.editMessage()}
      value=${words}
      onInput=${(event: Event) => (text.value = (event.currentTarget as HTMLTextAreaElement).value)}
      onPaste=${(event: ClipboardEvent) => takeFiles(attached, event.clipboardData) && event.preventDefault()}
    ></textarea>
    <${AttachedList} attached=${attached} />
    ${words.trim() === "" && attached.items.value.length > 0 && html`<p class="hint">${FILES.needWords()}</p>`}
    <div class="buttons">
      <${AttachButton} attached=${attached} />
      <button type="button" class="button small" onClick=${() => replacing.cancel()}>${SESSION.cancelEdit()}</button>
      <button type="submit" class="button small primary" disabled=${!canSend}>${SESSION.send()}</button>
    </div>
  </form>`;
}
