// One note of the memory: as it is, or as it is edited.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { openDialog } from "../shell/dialog.ts";
import { moment } from "../store/format.ts";
import { MEMORY, SETTINGS } from "../texts/settings.ts";
import { SHELL } from "../texts/shell.ts";
import { draftOf, keepDraft } from "./drafts.ts";
import { addNote, changeNote, type Note, readNotes, removeNote, type Written } from "./memory.ts";
import { KINDS, MAX_MEMORY } from "./memory-limits.ts";
import { useWork, WorkState } from "./use-form.ts";

type OnChange = (notes: Note[]) => void;

export function NoteRow({ note, onChange }: { note: Note; onChange: OnChange }) {
  const { content, type, updated_at, run_id } = note;
  const isEdited = useSignal(draftOf(draftName(note)) !== undefined);
  const edit = useRef<HTMLButtonElement>(null);
  const wasEdited = useRef(isEdited.value);
  useEffect(() => {
    // Where one came from.
    if (wasEdited.current && !isEdited.value) edit.current?.focus();
    wasEdited.current = isEdited.value;
  }, [isEdited.value]);
  const start = content.slice(0, 40);
  if (isEdited.value)
    return html`<li class="row"><${Editor} note=${note} onChange=${onChange} onEnd=${() => (isEdited.value = false)} /></li>`;
  return html`<li class="row">
    <div class="row-main">
      <p class="note-text">${content}</p>
      <p class="hint pieces"><span class="chip">${MEMORY[type]()}</span><span>${MEMORY[run_id ? "byAgent" : "byYou"]({ when: moment(updated_at) })}</span></p>
    </div>
    <div class="buttons">
      <button type="button" class="button small" ref=${edit} aria-label=${MEMORY.editNote({ start })} onClick=${() => (isEdited.value = true)}>${SETTINGS.edit()}</button>
      <button type="button" class="button small" aria-label=${MEMORY.removeNote({ start })} onClick=${() => remove(note, onChange)}>${SETTINGS.remove()}</button>
    </div>
  </li>`;
}

const draftName = ({ id }: Note) => `memory ${id}`;

function remove(note: Note, onChange: OnChange): void {
  openDialog({
    title: MEMORY.removeTitle(),
    body: html`<p>${note.content}</p>`,
    confirm: SETTINGS.remove(),
    isDangerous: true,
    onConfirm: async () => {
      onChange(await removeNote(note));
      keepDraft(draftName(note), undefined);
    },
  });
}

type EditorProps = { note: Note; onChange: OnChange; onEnd: () => void };

function Editor({ note, onChange, onEnd }: EditorProps) {
  const work = useWork();
  // What the person has seen: they save against that.
  const seen = useSignal<Note | undefined>(note);
  const conflict = useSignal("");
  const kind = useSignal(note.type);
  const name = draftName(note);
  const text = draftOf(name) ?? note.content;
  const end = () => {
    keepDraft(name, undefined);
    onEnd();
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const written: Written = { type: kind.value, content: text.trim() };
    void work.run(async () => {
      if (!seen.value) {
        keepDraft(name, undefined);
        return onChange(await addNote(written));
      }
      const changed = await changeNote(seen.value, written);
      if (!("conflict" in changed)) {
        end();
        return onChange(changed.notes);
      }
      seen.value = changed.now;
      conflict.value = changed.now ? MEMORY.changed({ text: changed.now.content }) : MEMORY.gone();
    });
  };
  const discard = async () => {
    end();
    if (conflict.value) onChange(await readNotes());
  };
  return html`<form class="form row-main" onSubmit=${submit}>
    <${NoteFields} text=${text} kind=${kind} onText=${(next: string) => keepDraft(name, next === note.content ? undefined : next)} isFocused />
    ${conflict.value && html`<p class="notice" role="alert">${conflict.value}</p>`}
    <${WorkState} work=${work} />
    <div class="buttons start">
      <button type="submit" class="button primary small" disabled=${work.isBusy}>${SHELL.save()}</button>
      <button type="button" class="button small" onClick=${() => void discard()}>${SETTINGS.discard()}</button>
    </div>
  </form>`;
}

const NEW = "memory new";

export function NewNote({ onChange }: { onChange: OnChange }) {
  const work = useWork();
  const kind = useSignal<Note["type"]>("preference");
  const text = draftOf(NEW) ?? "";
  const isOpen = useSignal(text !== "");
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    void work.run(async () => {
      onChange(await addNote({ type: kind.value, content: text.trim() }));
      keepDraft(NEW, undefined);
    }, SETTINGS.saved());
  };
  return html`<details
    class="adder panel"
    open=${isOpen.value}
    onToggle=${(event: Event) => (isOpen.value = (event.currentTarget as HTMLDetailsElement).open)}
  >
    <summary>${MEMORY.add()}</summary>
    <form class="form" onSubmit=${submit}>
      <${NoteFields} text=${text} kind=${kind} onText=${(next: string) => keepDraft(NEW, next === "" ? undefined : next)} />
      <${WorkState} work=${work} />
      <div class="buttons start"><button type="submit" class="button primary small" disabled=${work.isBusy}>${SETTINGS.add()}</button></div>
    </form>
  </details>`;
}

type FieldsProps = {
  text: string;
  kind: { value: Note["type"] };
  onText: (text: string) => void;
  isFocused?: boolean;
};

function NoteFields({ text, kind, onText, isFocused = false }: FieldsProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (isFocused) area.current?.focus();
  }, []);
  return html`
    <label class="field"><span>${MEMORY.text()}</span>
      <textarea
        ref=${area}
        rows="3"
        maxlength=${MAX_MEMORY}
        required
        value=${text}
        onInput=${(event: Event) => onText((event.currentTarget as HTMLTextAreaElement).value)}
      ></textarea>
      <span class="hint number">${MEMORY.characters({ used: text.length, most: MAX_MEMORY })}</span>
    </label>
    <label class="field"><span>${MEMORY.kind()}</span>
      <select
        value=${kind.value}
        onChange=${(event: Event) => (kind.value = (event.currentTarget as HTMLSelectElement).value as Note["type"])}
      >${KINDS.map((one) => html`<option value=${one} selected=${one === kind.value}>${MEMORY[one]()}</option>`)}</select>
    </label>
  `;
}
