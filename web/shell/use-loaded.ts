// What a part of a page reads from the server, with what is shown while it comes and where it fails.
import { useSignal } from "@preact/signals";
import { html } from "htm/preact";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { ApiError } from "../../lib/client/api-error.ts";
import { sayError } from "../store/say-error.ts";
import { SHELL } from "../texts/shell.ts";

/** What passes by itself: a store or a machine that is not reached at the moment. It is asked again, until the page is left. */
const PASSING = 503;
const AGAIN_MS = 2_000;

export type Loaded<T> = {
  /** What was read last; undefined before the first time. */
  value: T | undefined;
  /** Why the last reading failed, in words; "" where it did not. */
  failure: string;
  /** The same as it was thrown. */
  thrown: unknown;
  /** Reads anew; an answer that another reading has overtaken is dropped. */
  reload: () => Promise<void>;
  /** What is known without reading. */
  set: (value: T) => void;
};

/** @param about reads anew whenever one of these is another */
export function useLoaded<T>(load: () => Promise<T>, about: unknown[] = []): Loaded<T> {
  const state = useSignal<{ value: T | undefined; failure: string; thrown: unknown }>({
    ...{ value: undefined, failure: "", thrown: undefined },
  });
  const asked = useRef(0);
  const latest = useRef(load);
  latest.current = load;
  const reload = async () => {
    asked.current += 1;
    const mine = asked.current;
    try {
      const value = await latest.current();
      if (mine === asked.current) state.value = { value, failure: "", thrown: undefined };
    } catch (thrown) {
      if (mine !== asked.current) return;
      state.value = { ...state.value, failure: sayError(thrown), thrown };
      if (!(thrown instanceof ApiError) || thrown.status !== PASSING) return;
      const again = () => (mine === asked.current ? reload() : undefined);
      setTimeout(again, Math.max(thrown.retryAfterMs ?? 0, AGAIN_MS));
    }
  };
  useEffect(() => {
    state.value = { value: undefined, failure: "", thrown: undefined };
    void reload();
    return () => {
      // What comes after the page has gone changes nothing.
      asked.current += 1;
    };
  }, about);
  const set = (value: T) => {
    asked.current += 1;
    state.value = { value, failure: "", thrown: undefined };
  };
  return { ...state.value, reload, set };
}

type StateProps = { of: Loaded<unknown>; children?: ComponentChildren };

/** Says that something comes, or why it did not; `children` are shown as soon as there is something, also if it may be old. */
export function LoadState({ of, children }: StateProps) {
  return html`
    ${
      of.failure &&
      html`<div class="error retry" role="alert">
        <span>${of.failure}</span>
        <button type="button" class="button small" onClick=${() => void of.reload()}>${SHELL.again()}</button>
      </div>`
    }
    ${of.value === undefined ? !of.failure && html`<p class="hint" role="status">${SHELL.loading()}</p>` : children}
  `;
}
