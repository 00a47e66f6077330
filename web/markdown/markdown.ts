// Shows Markdown, also while it grows.
import { html } from "htm/preact";
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { SESSION } from "../texts/session.ts";
import { GrowingMarkdown, type Piece } from "./growing.ts";
import { highlighted, highlighter } from "./highlight.ts";

export function Markdown({ text, isComplete }: { text: string; isComplete: boolean }) {
  const growing = useMemo(() => new GrowingMarkdown(), []);
  const pieces = growing.update(text, isComplete);
  return html`<div class="markdown">
    ${pieces.map((piece) => html`<${PieceView} key=${piece.key} piece=${piece} />`)}
  </div>`;
}

function PieceView({ piece }: { piece: Piece }) {
  const element = useRef<HTMLDivElement>(null);
  const known = piece.html.toString().includes("<pre") ? highlighter.value : undefined;
  useLayoutEffect(() => {
    for (const block of element.current?.querySelectorAll("pre") ?? []) dressCode(block, piece.isGrowing);
  }, [piece, known]);
  return html`<div ref=${element} dangerouslySetInnerHTML=${{ __html: piece.html }}></div>`;
}

/** Gives a block of code its colours, its language and a button to copy it. May be called again when the highlighter has come. */
function dressCode(block: HTMLPreElement, isGrowing: boolean): void {
  const code = block.querySelector("code");
  if (!code) return;
  const text = code.textContent ?? "";
  const language = /(?:^|\s)language-(\S+)/.exec(code.className)?.[1] ?? "";
  const colours = language ? highlighted(text, language, isGrowing) : undefined;
  if (colours) code.innerHTML = colours as unknown as string;
  if (block.parentElement?.classList.contains("code")) return;
  const frame = document.createElement("div");
  frame.className = "code";
  const head = document.createElement("div");
  head.className = "code-head";
  const name = document.createElement("span");
  name.textContent = language || SESSION.code();
  head.append(name, copyButton(text));
  block.replaceWith(frame);
  // Long lines are scrolled by keyboard, too.
  block.tabIndex = 0;
  frame.append(head, block);
}

const SHOWN_MS = 1_500;

function copyButton(text: string): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = SESSION.copy();
  button.addEventListener("click", () => {
    void copyText(text).then((done) => {
      if (!done) return;
      button.textContent = SESSION.copied();
      setTimeout(() => {
        button.textContent = SESSION.copy();
      }, SHOWN_MS);
    });
  });
  return button;
}

/** @returns false where the browser does not let a page (of plain HTTP, say) copy */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
