// Tells screen readers what happens, in whole sentences: that it works, what it asks, what it has answered. Not each token.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { SESSION } from "../texts/session.ts";
import type { Conversation } from "./conversation.ts";
import { isOver } from "./steps.ts";

const MOST = 400;

export function Announcer({ conversation }: { conversation: Conversation }) {
  const words = useSignal("");
  const before = useRef<string>(undefined);
  const turn = conversation.turns.value.at(-1);
  const status = turn?.run.value?.status;
  useEffect(() => {
    // What was over when the session was opened is no news.
    const was = before.current;
    before.current = status;
    if (!turn || !status || status === was) return;
    if (status === "waiting_approval") words.value = SESSION.asks();
    else if (status === "running") words.value = SESSION.begun();
    else if (isOver(status) && was !== undefined) {
      const text = turn.steps.value.at(-1)?.text.value ?? "";
      words.value = SESSION.answered({ text: text.slice(0, MOST) });
    }
  }, [status]);
  return html`<div class="unseen" role="status">${words.value}</div>`;
}
