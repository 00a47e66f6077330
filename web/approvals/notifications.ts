// Tells a person who looks elsewhere that something waits, where the browser and the person allow it.
import { effect } from "@preact/signals";
import { html } from "htm/preact";
import { approvals } from "../store/approvals.ts";
import { wantsNotifications } from "../store/news.ts";
import { go } from "../store/place.ts";
import { isVisible } from "../store/visible.ts";
import { APPROVALS } from "../texts/tools.ts";

const told = new Set<string>();

/** Called once. */
export function followForNotifications(): void {
  effect(() => {
    for (const { call_id, name, session_title } of approvals.value) {
      if (told.has(call_id)) continue;
      told.add(call_id);
      if (isVisible.peek() || !wantsNotifications.peek()) continue;
      const notification = new Notification(APPROVALS.notifyTitle(), {
        body: `${name} · ${session_title ?? ""}`,
        tag: call_id,
      });
      notification.onclick = () => {
        window.focus();
        go("/approvals");
        notification.close();
      };
    }
  });
}

/** Asks for the permission, where it can still be given. */
export function NotifyButton() {
  const canAsk = typeof Notification !== "undefined" && Notification.permission === "default";
  if (!canAsk || wantsNotifications.value) return null;
  const ask = async () => {
    wantsNotifications.value = (await Notification.requestPermission()) === "granted";
  };
  return html`<p><button type="button" class="button small" onClick=${() => void ask()}>${APPROVALS.notify()}</button></p>`;
}
