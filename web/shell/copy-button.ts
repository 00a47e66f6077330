// Copies a text, and says whether it did.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect } from "preact/hooks";
import { copyText } from "../markdown/markdown.ts";
import { SESSION } from "../texts/session.ts";
import { SHELL } from "../texts/shell.ts";

const SAID_MS = 3_000;
const WORDS = { copied: SESSION.copied, notCopied: SHELL.notCopied };

/** A text to copy, on a line of its own. @param label what it is */
export function CopyBox({ label, text }: { label: string; text: string }) {
  return html`<div class="copy-box">
    <code aria-label=${label} tabindex="0">${text}</code>
    <${CopyButton} text=${text} />
  </div>`;
}

export function CopyButton({ text }: { text: string }) {
  const said = useSignal<"" | "copied" | "notCopied">("");
  useEffect(() => {
    if (said.value === "") return;
    const timer = setTimeout(() => {
      said.value = "";
    }, SAID_MS);
    return () => clearTimeout(timer);
  }, [said.value]);
  const copy = async () => {
    said.value = (await copyText(text)) ? "copied" : "notCopied";
  };
  return html`<span class="copy">
    <button type="button" class="button small" onClick=${() => void copy()}>
      ${said.value === "copied" ? SESSION.copied() : SESSION.copy()}
    </button>
    <span class=${said.value === "notCopied" ? "hint" : "unseen"} role="status">${said.value ? WORDS[said.value]() : ""}</span>
  </span>`;
}
