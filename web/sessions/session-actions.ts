// What can be done with a session besides talking in it.
import { html } from "htm/preact";
import type { Session } from "../../contracts/answers/sessions.ts";
import { openDialog } from "../shell/dialog.ts";
import type { MenuItem } from "../shell/menu.ts";
import { go, place } from "../store/place.ts";
import { sayError } from "../store/say-error.ts";
import { changeSession, failure, removeSession } from "../store/sessions.ts";
import { SESSIONS } from "../texts/sessions.ts";
import { SHELL } from "../texts/shell.ts";
import { exportSession } from "./export-session.ts";

export function actionsOf(session: Session): MenuItem[] {
  const { id, is_pinned, is_archived } = session;
  const change = (given: Parameters<typeof changeSession>[1]) => said(changeSession(id, given));
  return [
    { label: SESSIONS.rename(), onPick: () => rename(session) },
    {
      label: is_pinned ? SESSIONS.unpin() : SESSIONS.pin(),
      onPick: () => change({ is_pinned: !is_pinned }),
    },
    {
      label: is_archived ? SESSIONS.unarchive() : SESSIONS.archive(),
      onPick: () => change({ is_archived: !is_archived }),
    },
    { label: SESSIONS.exportMarkdown(), onPick: () => said(exportSession(session, "md")) },
    { label: SESSIONS.exportJson(), onPick: () => said(exportSession(session, "json")) },
    { label: SESSIONS.remove(), onPick: () => remove(session), isDangerous: true },
  ];
}

function said(work: Promise<unknown>): void {
  work.catch((thrown: unknown) => {
    failure.value = sayError(thrown);
  });
}

function rename({ id, title }: Session): void {
  openDialog({
    title: SESSIONS.rename(),
    body: html`<label class="field"
      ><span>${SESSIONS.newTitle()}</span
      ><input name="title" value=${title} maxlength="200" required autofocus
    /></label>`,
    confirm: SHELL.save(),
    onConfirm: async (form) => {
      await changeSession(id, { title: String(form.get("title")) });
    },
  });
}

function remove({ id, title }: Session): void {
  openDialog({
    title: SESSIONS.removeTitle(),
    body: html`<p>${SESSIONS.removeWords({ title })}</p>`,
    confirm: SESSIONS.remove(),
    isDangerous: true,
    onConfirm: async () => {
      await removeSession(id);
      if (place.value === `/sessions/${id}`) go("/", "replace");
    },
  });
}
