// What a form is doing: it is sent, has failed, or is done.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import { sayError } from "../store/say-error.ts";

export type Work = {
  isBusy: boolean;
  failure: string;
  done: string;
  /** One at a time. @param done what is said when it has worked */
  run: (work: () => Promise<void>, done?: string) => Promise<boolean>;
};

export function useWork(): Work {
  const state = useSignal({ isBusy: false, failure: "", done: "" });
  const run = async (work: () => Promise<void>, done = "") => {
    if (state.peek().isBusy) return false;
    state.value = { isBusy: true, failure: "", done: "" };
    try {
      await work();
      state.value = { isBusy: false, failure: "", done };
      return true;
    } catch (thrown) {
      state.value = { isBusy: false, failure: sayError(thrown), done: "" };
      return false;
    }
  };
  return { ...state.value, run };
}

export function WorkState({ work }: { work: Work }) {
  return html`
    ${work.failure && html`<p class="error" role="alert">${work.failure}</p>`}
    <p class="done" role="status">${work.done}</p>
  `;
}
