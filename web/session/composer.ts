// Where one writes. What was written and not sent is kept with the session, also over a reload.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../shell/icon.ts";
import { user } from "../store/account.ts";
import { machines } from "../store/machines.ts";
import { sayError } from "../store/say-error.ts";
import { store, stored } from "../store/stored.ts";
import { FILES } from "../texts/files.ts";
import { SESSION } from "../texts/session.ts";
import { release } from "./attached.ts";
import { AttachButton, AttachedList, takeFiles } from "./attached-list.ts";
import type { Conversation, Message } from "./conversation.ts";
import { defaultModel, loadModels, models } from "./models.ts";
import { loadUsage, UsageLine } from "./usage-line.ts";

type Props = { conversation: Conversation; onSession: (id: string) => void };

/** Of one person: another who signs in here gets none of it. */
const draftName = (id: string | undefined) => `draft.${user.peek()?.id}.${id ?? "new"}`;

export function Composer({ conversation, onSession }: Props) {
  const id = conversation.id.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const text = useSignal(stored(draftName(id)) ?? "");
  const failure = useSignal("");
  const model = useSignal("");
  const machine = useSignal("");
  const isBusy = conversation.isBusy.value;
  const { attached } = conversation;
  const isDropped = useSignal(false);
  const hasWords = text.value.trim() !== "";
  const canSend = hasWords && attached.isReady.value;
  const hint = hintOf(hasWords, attached);
  useEffect(() => {
    void loadModels();
  }, []);
  useEffect(() => {
    text.value = stored(draftName(conversation.id.peek())) ?? "";
    failure.value = "";
    // On a screen that is touched a keyboard would cover half of it.
    if (matchMedia("(pointer: fine)").matches) field.current?.focus();
  }, [conversation]);
  useEffect(() => {
    void loadUsage();
    // What is written while the first message makes the session belongs to it.
    return () => {
      const made = conversation.id.peek();
      if (id !== undefined || made === undefined) return;
      store(draftName(made), text.peek() || null);
      store(draftName(undefined), null);
    };
  }, [id]);
  useEffect(() => {
    if (!isBusy) void loadUsage();
  }, [isBusy]);
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.4)}px`;
  }, [text.value]);
  const write = (value: string) => {
    text.value = value;
    store(draftName(conversation.id.peek()), value || null);
  };
  const send = (if_busy?: Message["if_busy"]) => {
    const message = text.value;
    if (!canSend) return;
    const before = conversation.id.peek();
    const { files } = attached;
    const taken = attached.take();
    let isTaken = true;
    write("");
    failure.value = "";
    const isNew = before === undefined;
    const body: Message = {
      message,
      ...(isNew && model.value ? { model: model.value } : {}),
      ...(machine.value ? { node_id: machine.value } : {}),
      ...(if_busy ? { if_busy } : {}),
    };
    const onRefused = (thrown: unknown) => {
      isTaken = false;
      attached.giveBack(taken);
      failure.value = sayError(thrown);
      // What was not taken is there to be sent again, before what was written since.
      write(text.value ? `${message}\n${text.value}` : message);
    };
    void conversation.send(body, onRefused, onSession, files).then(() => {
      if (isTaken) release(taken);
    });
    field.current?.focus();
  };
  const submit = () => send(isBusy ? "queue" : undefined);
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter also ends the choice of a character in an input method.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  };
  const stop = () =>
    conversation.cancel().catch((thrown: unknown) => {
      failure.value = sayError(thrown);
    });
  const chooseModel = (chosen: string) => {
    model.value = chosen;
    if (conversation.id.peek() === undefined) return;
    conversation.change({ model: chosen || null }).catch((thrown: unknown) => {
      failure.value = sayError(thrown);
    });
  };
  const chosenModel = conversation.session.value?.model ?? model.value;
  return html`<div class="composer">
    ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
    <form
      class="composer-box ${isDropped.value ? "dropping" : ""}"
      onDragOver=${(event: DragEvent) => {
        if (!event.dataTransfer?.types.includes("Files")) return;
        event.preventDefault();
        isDropped.value = true;
      }}
      onDragLeave=${() => (isDropped.value = false)}
      onDrop=${(event: DragEvent) => {
        isDropped.value = false;
        if (takeFiles(attached, event.dataTransfer)) event.preventDefault();
      }}
      onSubmit=${(event: Event) => {
        event.preventDefault();
        submit();
      }}
    >
      <${AttachedList} attached=${attached} />
      ${isDropped.value && html`<p class="hint">${FILES.drop()}</p>`}
      ${hint && html`<p class="hint" role="status">${hint}</p>`}
      <textarea
        ref=${field}
        rows="1"
        aria-label=${SESSION.write()}
        aria-describedby="composer-keys"
        placeholder=${SESSION.placeholder()}
        value=${text.value}
        onInput=${(event: Event) => write((event.currentTarget as HTMLTextAreaElement).value)}
        onKeyDown=${onKeyDown}
        onPaste=${(event: ClipboardEvent) => takeFiles(attached, event.clipboardData) && event.preventDefault()}
      ></textarea>
      <div class="composer-row">
        <${AttachButton} attached=${attached} />
        <${Models} chosen=${chosenModel} onChoose=${chooseModel} />
        <${Machines} chosen=${machine.value} onChoose=${(chosen: string) => (machine.value = chosen)} />
        <span class="grow"></span>
        ${
          isBusy &&
          canSend &&
          html`<button type="button" class="button small" onClick=${() => send("interrupt")}>${SESSION.interrupt()}</button>
            <button type="submit" class="button small primary">${SESSION.queue()}</button>`
        }
        ${
          isBusy &&
          html`<button type="button" class="round stop" aria-label=${SESSION.stop()} title=${SESSION.stop()} onClick=${stop}>
            <${Icon} name="stop" />
          </button>`
        }
        ${
          !isBusy &&
          html`<button type="submit" class="round send" aria-label=${SESSION.send()} title=${SESSION.send()} disabled=${!canSend}>
            <${Icon} name="send" />
          </button>`
        }
      </div>
    </form>
    <p class="composer-keys"><span id="composer-keys">${SESSION.keys()}</span><${UsageLine} /></p>
  </div>`;
}

/** Why it cannot be sent as it is. */
function hintOf(hasWords: boolean, { items, isUploading, isReady }: Conversation["attached"]): string {
  if (items.value.length === 0) return "";
  if (!hasWords) return FILES.needWords();
  if (isUploading.value) return FILES.wait();
  return isReady.value ? "" : FILES.removeFailed();
}

type ChoiceProps = { chosen: string; onChoose: (chosen: string) => void };
const chosenIn = (event: Event) => (event.currentTarget as HTMLSelectElement).value;

function Models({ chosen, onChoose }: ChoiceProps) {
  const all = models.value;
  return html`<label class="pick">
    <span class="unseen">${SESSION.model()}</span>
    <select value=${chosen} onChange=${(event: Event) => onChoose(chosenIn(event))}>
      <option value="" selected=${chosen === ""}>${SESSION.defaultModel({ model: defaultModel.value || "…" })}</option>
      ${all.map(
        ({ id, available }) =>
          html`<option value=${id} selected=${id === chosen} disabled=${!available}>
            ${available ? id : `${id} (${SESSION.unavailable()})`}
          </option>`,
      )}
      ${chosen && !all.some(({ id }) => id === chosen) && html`<option value=${chosen} selected>${chosen}</option>`}
    </select>
  </label>`;
}

function Machines({ chosen, onChoose }: ChoiceProps) {
  const all = machines.value.filter(({ status }) => status !== "revoked");
  if (all.length < 2) return null;
  return html`<label class="pick">
    <span class="unseen">${SESSION.machine()}</span>
    <select value=${chosen} onChange=${(event: Event) => onChoose(chosenIn(event))}>
      <option value="">${SESSION.anyMachine()}</option>
      ${all.map(
        ({ id, name, status }) =>
          html`<option value=${id} selected=${id === chosen}>
            ${status === "online" ? name : `${name} (${SESSION.isOffline()})`}
          </option>`,
      )}
    </select>
  </label>`;
}
