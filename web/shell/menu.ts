// A button that opens a short list of actions; arrows, Home, End and Escape work as in any menu.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon.ts";

export type MenuItem = { label: string; onPick: () => void; isDangerous?: boolean };

export function Menu({ label, icon = "more", items }: { label: string; icon?: IconName; items: MenuItem[] }) {
  const isOpen = useSignal(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const entries = () => [...(root.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  useEffect(() => {
    if (!isOpen.value) return;
    entries()[0]?.focus();
    const away = (event: Event) => {
      if (!root.current?.contains(event.target as Node)) isOpen.value = false;
    };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => {
      document.removeEventListener("pointerdown", away);
      document.removeEventListener("focusin", away);
    };
  }, [isOpen.value]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isOpen.value) return;
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") {
      event.stopPropagation();
      isOpen.value = false;
      button.current?.focus();
    } else if (next !== undefined) {
      event.preventDefault();
      all[next % all.length]?.focus();
    }
  };
  const pick = ({ onPick }: MenuItem) => {
    isOpen.value = false;
    button.current?.focus();
    onPick();
  };
  return html`<div class="menu" ref=${root} onKeyDown=${onKeyDown}>
    <button
      type="button"
      ref=${button}
      class="icon-button"
      aria-label=${label}
      aria-haspopup="menu"
      aria-expanded=${isOpen.value}
      onClick=${() => (isOpen.value = !isOpen.value)}
    ><${Icon} name=${icon} /></button>
    ${
      isOpen.value &&
      html`<div class="menu-list" role="menu" aria-label=${label}>
        ${items.map(
          (item) =>
            html`<button
              type="button"
              role="menuitem"
              tabindex="-1"
              class=${item.isDangerous ? "danger-text" : ""}
              onClick=${() => pick(item)}
            >${item.label}</button>`,
        )}
      </div>`
    }
  </div>`;
}
