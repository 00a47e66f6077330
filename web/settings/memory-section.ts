// What the agent remembers about a person: its notes, each of which can be changed or removed.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { openDialog } from "../shell/dialog.ts";
import { LoadState, useLoaded } from "../shell/use-loaded.ts";
import { call } from "../store/account.ts";
import { number } from "../store/format.ts";
import { MEMORY } from "../texts/settings.ts";
import { readNotes } from "./memory.ts";
import { MAX_MEMORIES } from "./memory-limits.ts";
import { NewNote, NoteRow } from "./memory-note.ts";

/** With so many, one searches. */
const MANY = 8;

export function MemorySection() {
  const loaded = useLoaded(readNotes);
  const query = useSignal("");
  const notes = loaded.value ?? [];
  const wanted = query.value.trim().toLowerCase();
  const found = notes.filter(({ content }) => content.toLowerCase().includes(wanted)).toReversed();
  const size = MEMORY.size({
    count: number(notes.length),
    most: number(MAX_MEMORIES),
    characters: number(notes.reduce((sum, { content }) => sum + [...content].length, 0)),
  });
  return html`
    <p class="hint">${MEMORY.lead()}</p>
    <${NewNote} onChange=${loaded.set} />
    <${LoadState} of=${loaded}>
      ${
        notes.length === 0
          ? html`<p class="empty">${MEMORY.none()}</p>`
          : html`
              <section class="panel" aria-label=${MEMORY.lead()}>
                <div class="page-actions">
                  <p class="hint">${size}</p>
                  <button type="button" class="button small danger-text" onClick=${() => forget(notes.length, loaded.set)}>${MEMORY.forget()}…</button>
                </div>
                ${
                  notes.length > MANY &&
                  html`<label class="field"><span>${MEMORY.find()}</span>
                    <input type="search" value=${query.value} onInput=${(event: Event) => (query.value = (event.currentTarget as HTMLInputElement).value)} />
                  </label>`
                }
                ${found.length === 0 && html`<p class="hint">${MEMORY.noneFound({ query: query.value })}</p>`}
                <ul class="rows">${found.map((note) => html`<${NoteRow} key=${note.id} note=${note} onChange=${loaded.set} />`)}</ul>
              </section>
            `
      }
    <//>
  `;
}

function forget(count: number, set: (notes: never[]) => void): void {
  openDialog({
    title: MEMORY.forgetTitle(),
    body: html`<p>${MEMORY.forgetWords({ count })}</p>`,
    confirm: MEMORY.forget(),
    isDangerous: true,
    onConfirm: async () => {
      await call("DELETE /users/me/memory", {});
      set([]);
    },
  });
}
