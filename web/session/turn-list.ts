// What was said, oldest first. It stays at its end while the reader is there, and where the reader is while older messages come.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "../shell/icon.ts";
import { SESSION } from "../texts/session.ts";
import { SHELL } from "../texts/shell.ts";
import type { Conversation } from "./conversation.ts";
import { TurnView } from "./turn-view.ts";

/** So near to the end a reader counts as there, in pixels. */
const NEAR = 48;
/** So near to the beginning the page before is asked for. */
const EARLY = 600;

export function TurnList({ conversation }: { conversation: Conversation }) {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isAtEnd = useSignal(true);
  const lastTop = useRef(0);
  const { turns, hasOlder, isLoading, isLoadingOlder } = conversation;
  const shown = turns.value;
  const first = shown[0]?.key;
  const anchor = useRef<{ element: Element; top: number } | undefined>(undefined);
  const toEnd = () => {
    const box = frame.current;
    if (box) {
      box.scrollTop = box.scrollHeight;
      // A reader who scrolls up before the browser has told of this has still scrolled up.
      lastTop.current = box.scrollTop;
    }
    isAtEnd.value = true;
  };
  useEffect(() => {
    if (!content.current) return;
    const observer = new ResizeObserver(() => {
      if (isAtEnd.peek()) toEnd();
    });
    observer.observe(content.current);
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    // Older messages came above: the one that was looked at stays where it was.
    const kept = anchor.current;
    const box = frame.current;
    if (kept?.element.isConnected && box)
      box.scrollTop += kept.element.getBoundingClientRect().top - kept.top;
    anchor.current = undefined;
  }, [first]);
  // Whoever says something wants to see the answer.
  const saidByUs = conversation.live.value.filter(({ turn }) => turn.key.startsWith("live_")).length;
  useLayoutEffect(() => {
    if (saidByUs > 0) toEnd();
  }, [saidByUs]);
  // Below the reader nothing moves: the end is where it was, from below.
  useLayoutEffect(() => {
    if (!isAtEnd.value) return;
    conversation.forgetOlder();
    toEnd();
  }, [shown.length, isAtEnd.value]);
  const loadOlder = async () => {
    const box = frame.current;
    const top = box?.getBoundingClientRect().top ?? 0;
    const keep = () => {
      const element = [...(content.current?.querySelectorAll(".turn") ?? [])].find(
        (one) => one.getBoundingClientRect().bottom > top,
      );
      if (element) anchor.current = { element, top: element.getBoundingClientRect().top };
    };
    await conversation.loadOlder(keep);
  };
  const onScroll = () => {
    const box = frame.current;
    if (!box) return;
    // What grows moves the end away from a reader who stays there; only who scrolls up leaves it.
    const isUp = box.scrollTop < lastTop.current;
    lastTop.current = box.scrollTop;
    isAtEnd.value = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR || (isAtEnd.peek() && !isUp);
    if (box.scrollTop < EARLY && hasOlder.value && !isLoadingOlder.value) void loadOlder();
  };
  const isEmpty = shown.length === 0 && !isLoading.value && conversation.id.value === undefined;
  return html`<div class="turns-frame">
    <div class="turns" ref=${frame} onScroll=${onScroll} tabindex="0" role="region" aria-label=${SESSION.conversation()}>
      <div class="turns-inner" ref=${content}>
        ${
          hasOlder.value &&
          html`<button type="button" class="link older" disabled=${isLoadingOlder.value} onClick=${loadOlder}>
            ${isLoadingOlder.value ? SESSION.loadingOlder() : SESSION.older()}
          </button>`
        }
        ${isLoading.value && shown.length === 0 && html`<p class="hint centre">${SHELL.loading()}</p>`}
        ${
          isEmpty &&
          html`<div class="hello"><span class="brand-mark large" aria-hidden="true"></span>
            <h2>${SESSION.hello()}</h2><p>${SESSION.helloLead()}</p></div>`
        }
        ${shown.map(
          (turn) =>
            html`<${TurnView} key=${turn.key} turn=${turn} isLast=${turn === shown.at(-1)} conversation=${conversation} />`,
        )}
      </div>
    </div>
    ${
      !isAtEnd.value &&
      html`<button type="button" class="latest" onClick=${toEnd}><${Icon} name="down" />${SESSION.latest()}</button>`
    }
  </div>`;
}
