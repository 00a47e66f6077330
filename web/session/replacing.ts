// The last message of the person, edited or asked again: the new one stands in its place (docs/sessions.md).
import { signal } from "@preact/signals";
import { sayError } from "../store/say-error.ts";
import { Attached, type Attachment } from "./attached.ts";
import type { Said } from "./steps.ts";

type Editing = { id: string; text: ReturnType<typeof signal<string>>; attached: Attached };

type Send = (
  body: { message: string; replaces: string; model?: string },
  onRefused: (thrown: unknown) => void,
  files: Attachment[],
) => Promise<void>;

export class Replacing {
  readonly editing = signal<Editing | undefined>(undefined);
  /** Why it was not taken, and of which message. */
  readonly failure = signal<{ id: string; words: string } | undefined>(undefined);
  readonly #give: Send;

  constructor(give: Send) {
    this.#give = give;
  }

  edit(said: Said): void {
    if (!said.id) return;
    this.cancel();
    this.editing.value = { id: said.id, text: signal(said.text), attached: new Attached(said.files) };
  }

  cancel(): void {
    this.editing.value?.attached.close();
    this.editing.value = undefined;
    this.failure.value = undefined;
  }

  sendEdited(): void {
    const editing = this.editing.value;
    const text = editing?.text.value ?? "";
    if (!editing || text.trim() === "" || !editing.attached.isReady.value) return;
    this.editing.value = undefined;
    void this.#send({ id: editing.id, text, files: editing.attached.files, at: "" }, undefined, () => {
      this.editing.value = editing;
    });
  }

  again(said: Said, model?: string): void {
    void this.#send(said, model);
  }

  async #send({ id, text, files }: Said, model?: string, onRefused: () => void = () => {}): Promise<void> {
    if (!id) return;
    this.failure.value = undefined;
    const body = { message: text, replaces: id, ...(model ? { model } : {}) };
    const refused = (thrown: unknown) => {
      this.failure.value = { id, words: sayError(thrown) };
      onRefused();
    };
    await this.#give(body, refused, files);
  }
}
