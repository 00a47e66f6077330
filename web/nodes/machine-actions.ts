// What may be done with a machine as a whole.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { openDialog } from "../shell/dialog.ts";
import { call } from "../store/account.ts";
import { loadMachines, type Machine } from "../store/machines.ts";
import { go } from "../store/place.ts";
import { sayError } from "../store/say-error.ts";
import { NODES } from "../texts/nodes.ts";
import { SHELL } from "../texts/shell.ts";
import { editLabels } from "./edit-labels.ts";
import { kindOf } from "./presence.ts";

type Props = { machine: Machine; onChange: (machine: Machine) => void };

export function MachineActions({ machine, mayChange, onChange }: Props & { mayChange: boolean }) {
  const isBusy = useSignal(false);
  const failure = useSignal("");
  const kind = kindOf(machine);
  const thaw = async () => {
    isBusy.value = true;
    failure.value = "";
    try {
      onChange((await call("POST /nodes/{id}/thaw", { id: machine.id } as never)).node);
    } catch (thrown) {
      failure.value = sayError(thrown);
    }
    isBusy.value = false;
  };
  if (kind === "shared")
    return html`<div class="buttons start">
      <button type="button" class="button small" onClick=${() => void decline(machine).catch((thrown: unknown) => (failure.value = sayError(thrown)))}>${NODES.leaveShare()}</button>
      ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
    </div>`;
  if (!mayChange) return null;
  return html`
    <div class="buttons start" role="group" aria-label=${NODES.actions()}>
      <button type="button" class="button small" onClick=${() => rename(machine, onChange)}>${NODES.rename()}</button>
      <button type="button" class="button small" onClick=${() => editLabels(machine, onChange)}>${NODES.editLabels()}</button>
      ${
        machine.frozen
          ? html`<button type="button" class="button small" disabled=${isBusy.value} onClick=${() => void thaw()}>${NODES.thaw()}</button>`
          : html`<button type="button" class="button small" onClick=${() => freeze(machine, onChange)}>${NODES.freeze()}</button>`
      }
      ${
        kind === "own" &&
        html`<button type="button" class="button small danger-text" onClick=${() => revoke(machine)}>${NODES.revoke()}</button>`
      }
    </div>
    ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
  `;
}

/** Of a Mac that somebody else shares: it is used once it was accepted. */
export function ShareOffer({ machine, onChange }: Props) {
  const failure = useSignal("");
  const isBusy = useSignal(false);
  const answer = async (work: () => Promise<void>) => {
    isBusy.value = true;
    failure.value = "";
    try {
      await work();
    } catch (thrown) {
      failure.value = sayError(thrown);
    }
    isBusy.value = false;
  };
  const accept = () =>
    answer(async () => onChange((await call("POST /nodes/{id}/accept", { id: machine.id } as never)).node));
  return html`<div class="notice offer">
    <p><strong>${NODES.offered({ name: machine.shared_by ?? "" })}</strong></p>
    <p>${NODES.offeredWords()}</p>
    ${failure.value && html`<p class="error" role="alert">${failure.value}</p>`}
    <div class="buttons start">
      <button type="button" class="button small primary" disabled=${isBusy.value} onClick=${() => void accept()}>${NODES.accept()}</button>
      <button type="button" class="button small" disabled=${isBusy.value} onClick=${() => void answer(() => decline(machine))}>${NODES.decline()}</button>
    </div>
  </div>`;
}

async function decline({ id }: Machine): Promise<void> {
  await call("POST /nodes/{id}/decline", { id } as never);
  void loadMachines();
  go("/machines", "replace");
}

function rename({ id, name }: Machine, onChange: Props["onChange"]): void {
  openDialog({
    title: NODES.rename(),
    body: html`<label class="field"
      ><span>${NODES.name()}</span><input name="name" value=${name} maxlength="100" required autofocus
    /></label>`,
    confirm: SHELL.save(),
    onConfirm: async (form) => {
      onChange((await call("PATCH /nodes/{id}", { id, name: String(form.get("name")) } as never)).node);
    },
  });
}

function freeze({ id, name }: Machine, onChange: Props["onChange"]): void {
  openDialog({
    title: NODES.freezeTitle(),
    body: html`<p>${NODES.freezeWords({ name })}</p>`,
    confirm: NODES.freeze(),
    isDangerous: true,
    onConfirm: async () => {
      onChange((await call("POST /nodes/{id}/freeze", { id } as never)).node);
    },
  });
}

/** Spaces at the ends and how a letter is composed make no other name. */
const plain = (name: string) => name.normalize("NFC").replace(/\s+/g, " ").trim();

function revoke({ id, name }: Machine): void {
  const check = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    input.setCustomValidity(plain(input.value) === plain(name) ? "" : NODES.otherName());
  };
  openDialog({
    title: NODES.revokeTitle(),
    body: html`
      <p>${NODES.revokeWords({ name })}</p>
      <label class="field"
        ><span>${NODES.typeName()}</span><input name="name" autocomplete="off" required autofocus onInput=${check}
      /></label>
    `,
    confirm: NODES.revoke(),
    isDangerous: true,
    onConfirm: async () => {
      await call("DELETE /nodes/{id}", { id } as never);
      void loadMachines();
      go("/machines", "replace");
    },
  });
}
