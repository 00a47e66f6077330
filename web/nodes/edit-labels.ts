// The labels of a machine, edited as lines of text.
import { html } from "htm/preact";
import { openDialog } from "../shell/dialog.ts";
import { call } from "../store/account.ts";
import type { Machine } from "../store/machines.ts";
import { NODES } from "../texts/nodes.ts";
import { SHELL } from "../texts/shell.ts";

export function editLabels({ id, labels }: Machine, onChange: (machine: Machine) => void): void {
  const check = (event: Event) => {
    const area = event.currentTarget as HTMLTextAreaElement;
    const line = readLabels(area.value).wrongLine;
    area.setCustomValidity(line === undefined ? "" : NODES.badLabel({ line }));
  };
  openDialog({
    title: NODES.editLabels(),
    body: html`<label class="field"
      ><span>${NODES.labels()}</span
      ><textarea name="labels" rows="6" spellcheck=${false} autofocus onInput=${check} aria-describedby="labels-hint">${inLines(labels)}</textarea>
      <span class="hint" id="labels-hint">${NODES.labelsHint()}</span></label
    >`,
    confirm: SHELL.save(),
    onConfirm: async (form) => {
      const given = readLabels(String(form.get("labels"))).labels;
      onChange((await call("PATCH /nodes/{id}", { id, labels: given } as never)).node);
    },
  });
}

const inLines = (labels: Record<string, string>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");

/** @returns `wrongLine`, from 1: the first that is no label */
function readLabels(text: string): { labels: Record<string, string>; wrongLine?: number } {
  const entries: [string, string][] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const [, name, value] = /^\s*([^:：]+?)\s*[:：]\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return { labels: {}, wrongLine: index + 1 };
    entries.push([name, value]);
  }
  return { labels: Object.fromEntries(entries) };
}
