// What was typed in the settings and not saved: it stays while one looks at other pages, a reload asks first, and it ends with the sign-in.
import { effect, signal } from "@preact/signals";
import { onLeave } from "../store/account.ts";

const drafts = signal<ReadonlyMap<string, string>>(new Map());

export const draftOf = (name: string): string | undefined => drafts.value.get(name);

/** @param text undefined: saved or discarded */
export function keepDraft(name: string, text: string | undefined): void {
  const next = new Map(drafts.peek());
  if (text === undefined) next.delete(name);
  else next.set(name, text);
  drafts.value = next;
}

const ask = (event: BeforeUnloadEvent) => event.preventDefault();
effect(() => {
  if (drafts.value.size > 0) addEventListener("beforeunload", ask);
  else removeEventListener("beforeunload", ask);
});

onLeave(() => {
  drafts.value = new Map();
});
